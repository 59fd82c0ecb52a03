package dev.keyledger.http.list;

import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.request.ApiCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request for a list: its filters, limit and cursor. An invalid one is rejected with 400. Not
 * thread-safe.
 */
public final class ListCall {
  /** The maximum number of entries of a page. */
  public static final int LIMIT_MAX = 200;

  /** The number of entries of a page unless the request specifies it. */
  public static final int LIMIT_DEFAULT = 50;

  /** The filters that may be repeated: their values are alternatives. */
  public static final Set<String> REPEATABLE = Set.of("owner", "permission", "status", "type");

  private static final String LIMIT = "limit";
  private static final String CURSOR = "cursor";
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,2}");

  private final String list;
  private final ApiCall call;
  private final List<String> filters;
  private final Cursors cursors;

  /**
   * Reads a request, whose caller is authorized.
   *
   * @param list the name of the list; cursors of other lists are rejected
   * @param filters the parameters that it accepts besides limit and cursor
   */
  public ListCall(String list, ApiCall call, Cursors cursors, String... filters) {
    this.list = list;
    this.call = call;
    this.cursors = cursors;
    this.filters = List.of(filters);
    var known = new ArrayList<>(this.filters);
    known.addAll(List.of(LIMIT, CURSOR));
    call.allowQuery(REPEATABLE, known.toArray(String[]::new));
  }

  /** Returns the maximum number of entries requested. */
  public int limit() {
    String text = call.query(LIMIT);
    if (text == null) {
      return LIMIT_DEFAULT;
    }
    if (NUMBER.matcher(text).matches() && Integer.parseInt(text) <= LIMIT_MAX) {
      return Integer.parseInt(text);
    }
    throw ProblemException.unreadable(LIMIT, "must be a number from 1 to " + LIMIT_MAX);
  }

  /** Returns the value of a filter, or null if it is absent. */
  public @Nullable String text(String name) {
    return call.query(name);
  }

  /**
   * Returns the parsed value of a filter, or null if it is absent.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  public <T> @Nullable T value(String name, Function<String, T> parse) {
    return call.query(name, parse);
  }

  /** Returns the value of a filter with named values. */
  public <T> @Nullable T oneOf(String name, T[] values, Function<T, String> wireName) {
    return value(name, text -> named(text, values, wireName));
  }

  /**
   * Returns the parsed values of a filter that may be repeated, each once.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  public <T> List<T> values(String name, Function<String, T> parse) {
    return call.queryValues(name, parse);
  }

  /** Returns owners, each {@code type:id}. */
  public List<Owner> owners(String name) {
    return values(name, ListCall::ownerOf);
  }

  /**
   * Returns the owner {@code type:id}.
   *
   * @throws IllegalArgumentException with a message for the client
   */
  public static Owner ownerOf(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("must be type:id, such as user:42");
    }
    return new Owner(
        named(text.substring(0, colon), OwnerType.values(), OwnerType::toString),
        text.substring(colon + 1));
  }

  /** Returns a point in time. */
  public @Nullable Instant time(String name) {
    return value(name, Rfc3339::parseParameter);
  }

  /**
   * Refuses a period that ends before it begins.
   *
   * @param from inclusive; null: no beginning
   * @param to exclusive; null: no end
   * @throws ProblemException with {@code bad-request} if {@code from} is after {@code to}
   */
  public static void requirePeriod(@Nullable Instant from, @Nullable Instant to) {
    if (from != null && to != null && from.isAfter(to)) {
      throw ProblemException.unreadable("from", "must not be after to");
    }
  }

  /**
   * Returns the place at which the list continues: the fields passed to {@link #next}; null at the
   * start. Cursors of other workspaces are rejected.
   */
  public <C> @Nullable C cursor(Function<List<String>, C> parse) {
    return value(
        CURSOR,
        text ->
            cursors
                .read(workspace(), scope(), text)
                .map(parse)
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "must be a nextCursor of this list, sent with the filters it came with")));
  }

  /** Returns the cursor of a place in this list. */
  public String next(Object... place) {
    return cursors.issue(workspace(), scope(), Arrays.stream(place).map(Object::toString).toList());
  }

  private String workspace() {
    return call.identified().workspace();
  }

  /** Returns the value with a name. */
  public static <T> T named(String text, T[] values, Function<T, String> wireName) {
    return Arrays.stream(values)
        .filter(value -> wireName.apply(value).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "must be one of "
                    + Arrays.stream(values)
                        .map(wireName)
                        .distinct()
                        .collect(Collectors.joining(", "))));
  }

  /** Returns the list with its filters; the lengths keep adjacent values apart. */
  private String scope() {
    var scope = new StringBuilder(list);
    for (String filter : filters) {
      for (String value : call.queryValues(filter)) {
        scope.append('&').append(filter).append('=').append(value.length()).append(':');
        scope.append(value);
      }
    }
    return scope.toString();
  }
}
