package dev.keyledger.http;

import dev.keyledger.events.KeyView;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionTokens;
import java.time.Duration;
import org.springframework.http.ResponseEntity;

/** What every answer to a command says of the key beside its body. */
public final class KeyAnswers {
  /** The header that carries the token of the position at which the key stands. */
  public static final String POSITION_HEADER = "Keyledger-Position";

  /** How long an answer waits for this node's own index to show the change. */
  static final Duration OWN_INDEX_WAIT_MAX = Duration.ofSeconds(2);

  private final PositionTokens tokens;
  private final LogTail tail;

  public KeyAnswers(PositionTokens tokens, LogTail tail) {
    this.tokens = tokens;
    this.tail = tail;
  }

  /**
   * Adds the key's version and position to an answer, once this node's own index shows the change.
   * A slow index delays the answer, but never turns a recorded command into a failed one.
   */
  public ResponseEntity.BodyBuilder to(KeyView key, ResponseEntity.BodyBuilder answer) {
    return at(key.position(), answer).eTag("\"" + key.facts().version() + "\"");
  }

  /** Adds a position to an answer, once this node's own index has reached it. */
  public ResponseEntity.BodyBuilder at(long position, ResponseEntity.BodyBuilder answer) {
    tail.await(position, OWN_INDEX_WAIT_MAX);
    return answer.header(POSITION_HEADER, tokens.issue(position));
  }
}
