package dev.keyledger.http.freshness;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.proofs.AlteredLogException;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.node.StringNode;

/**
 * Adds to the answer of a command with {@code proof=inclusion} the proof that its event is in the
 * log. The outcome of the wait for a checkpoint never changes the outcome of the command. A
 * repeated command gets the same answer, after another wait. Thread-safe.
 */
public final class ProofReceipts {
  /** The query parameter that asks for a proof. */
  public static final String PARAMETER = "proof";

  private static final String INCLUSION = "inclusion";

  /** The longest wait of a command without {@link WaitHeaders#WAIT}. */
  private static final Duration WAIT_DEFAULT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ProofReceipts.class);

  private final LogProofs proofs;
  private final PositionTokens tokens;
  private final WaitLimit limit;

  ProofReceipts(LogProofs proofs, PositionTokens tokens, WaitLimit limit) {
    this.proofs = proofs;
    this.tokens = tokens;
    this.limit = limit;
  }

  /**
   * Returns the longest wait of a command for a proof, or null if it does not ask for one.
   *
   * @param parameter the value of the query parameter {@value #PARAMETER}
   * @throws ProblemException with {@code bad-request} if it has another value than {@code
   *     inclusion}
   */
  public static @Nullable Duration waitOf(ApiRequest request, @Nullable String parameter) {
    if (parameter == null) {
      return null;
    }
    if (!parameter.equals(INCLUSION)) {
      throw ProblemException.unreadable(PARAMETER, "must be " + INCLUSION);
    }
    return WaitHeaders.waitOf(request, WAIT_DEFAULT);
  }

  /**
   * Executes a command, then adds the proof of its last event if {@code max} is not null.
   *
   * @param max the result of {@link #waitOf}
   * @param workspace the workspace of the caller
   * @throws ProblemException with {@code not-yet-applied}, without executing the command, if too
   *     many requests wait; and whatever the command throws
   */
  public ResponseEntity<?> answer(
      @Nullable Duration max, String workspace, Supplier<ResponseEntity<?>> command) {
    if (max == null) {
      return command.get();
    }
    try (var _ = limit.acquire(workspace)) {
      ResponseEntity<?> done = command.get();
      String token = done.getHeaders().getFirst(KeyAnswers.POSITION_HEADER);
      return token == null ? done : proven(done, tokens.read(token), max);
    }
  }

  private ResponseEntity<?> proven(ResponseEntity<?> done, long position, Duration max) {
    try {
      Optional<SignedCheckpoint> checkpoint = proofs.awaitCovering(position, max);
      if (checkpoint.isPresent()) {
        return AnswerFields.with(
            done,
            done.getStatusCode(),
            PARAMETER,
            StringNode.valueOf(proofs.proofFile(position, checkpoint.get())));
      }
    } catch (StoreUnavailableException e) {
      LOG.warn("A command was recorded, but its proof cannot be read: {}", e.getMessage());
    } catch (AlteredLogException e) {
      LOG.error("A command was recorded, but cannot be proven: {}", e.getMessage());
    }
    return ResponseEntity.status(HttpStatus.ACCEPTED)
        .headers(done.getHeaders())
        .body(done.getBody());
  }
}
