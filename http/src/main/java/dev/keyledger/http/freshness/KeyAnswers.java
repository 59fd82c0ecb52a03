package dev.keyledger.http.freshness;

import dev.keyledger.events.KeyView;
import dev.keyledger.log.PositionTokens;
import org.springframework.http.ResponseEntity;

/** Adds the position and the version after a command to its answer. Thread-safe. */
public final class KeyAnswers {
  /** The header with the token of the position that an answer shows. */
  public static final String POSITION_HEADER = "Keyledger-Position";

  private final PositionTokens tokens;
  private final Freshness freshness;

  KeyAnswers(PositionTokens tokens, Freshness freshness) {
    this.tokens = tokens;
    this.freshness = freshness;
  }

  /**
   * Adds the key's version and position to an answer, once this node's own index shows the change.
   * A slow index delays the answer, but never turns a recorded command into a failed one.
   */
  public ResponseEntity.BodyBuilder to(KeyView key, ResponseEntity.BodyBuilder answer) {
    return at(key.position(), answer).eTag("\"" + key.facts().version() + "\"");
  }

  /** Adds a position to an answer, once this node's own index has applied it. */
  public ResponseEntity.BodyBuilder at(long position, ResponseEntity.BodyBuilder answer) {
    boolean _ = freshness.awaitIndex(position, Freshness.INDEX_WAIT_MAX);
    return answer.header(POSITION_HEADER, tokens.issue(position));
  }
}
