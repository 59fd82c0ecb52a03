package dev.keyledger.projection.http;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.Cursors;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.ProjectionIncompleteException;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/** Parses requests for lists and builds their answers. */
public final class ListAnswers {
  private final Cursors cursors;
  private final PositionTokens tokens;

  public ListAnswers(Cursors cursors, PositionTokens tokens) {
    this.cursors = cursors;
    this.tokens = tokens;
  }

  /** A page as the API shows it. */
  public record Listed<E>(List<E> data, @Nullable String nextCursor) {}

  /** Returns the parsed request for a list that has these filters. */
  public ListCall call(String list, ApiCall call, String... filters) {
    return new ListCall(list, call, cursors, filters);
  }

  /**
   * Returns the answer with a page and the position of its projection.
   *
   * @param cursor returns the text of a cursor
   */
  public <E, C> ResponseEntity<Listed<E>> answer(
      Supplier<Page<E, C>> question, Function<C, String> cursor) {
    Page<E, C> page = ask(question);
    C next = page.next();
    return at(
        page.position(), new Listed<>(page.entries(), next == null ? null : cursor.apply(next)));
  }

  /** Returns an answer and the position of the projection that it is from. */
  public <T> ResponseEntity<T> at(long position, T body) {
    return ResponseEntity.ok()
        .header(KeyAnswers.POSITION_HEADER, tokens.issue(position))
        .body(body);
  }

  /**
   * Queries a projection.
   *
   * @throws ProblemException with {@code not-yet-applied} if it is being built for the first time
   */
  public static <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (ProjectionIncompleteException incomplete) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "This list is being built from the log. Try again in a moment.");
    }
  }
}
