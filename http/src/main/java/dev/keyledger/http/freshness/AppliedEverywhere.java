package dev.keyledger.http.freshness;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.receipts.NodeLags;
import dev.keyledger.log.receipts.Receipt;
import dev.keyledger.log.receipts.Receipts;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/**
 * Waits until every node that answers checks has applied a position. A command with {@code
 * wait=applied} is answered after that. The outcome of the wait never changes the outcome of the
 * command. A repeated command gets the same answer, after another wait. Thread-safe.
 */
public final class AppliedEverywhere {
  /** The query parameter that asks a command to wait. */
  public static final String PARAMETER = "wait";

  /** The header of an answer 200 that says whether the receipt is a proof or a report. */
  static final String RECEIPT_HEADER = "Keyledger-Receipt";

  /** The time that nodes have to report their position before their last report is used. */
  private static final Duration REPORTS_WAIT_MAX = Duration.ofMillis(100);

  private static final String APPLIED = "applied";
  private static final Logger LOG = LoggerFactory.getLogger(AppliedEverywhere.class);

  private final Receipts receipts;
  private final PositionTokens tokens;
  private final WaitLimit limit;

  AppliedEverywhere(Receipts receipts, PositionTokens tokens, WaitLimit limit) {
    this.receipts = receipts;
    this.tokens = tokens;
    this.limit = limit;
  }

  /**
   * Returns the longest wait that a command asks for, or null if it does not ask.
   *
   * @param parameter the value of the query parameter {@value #PARAMETER}
   * @throws ProblemException with {@code bad-request} if it has another value than {@code applied}
   */
  public static @Nullable Duration waitOf(ApiRequest request, @Nullable String parameter) {
    if (parameter == null) {
      return null;
    }
    if (!parameter.equals(APPLIED)) {
      throw ProblemException.unreadable(PARAMETER, "must be " + APPLIED);
    }
    return WaitHeaders.waitOf(request);
  }

  /** Returns the nodes that have applied a position, after a short wait for their reports. */
  public Receipt receipt(long position) {
    return receipts.await(position, REPORTS_WAIT_MAX);
  }

  /** Returns the lag of all nodes behind the log, after a short wait for their reports. */
  public NodeLags lags() {
    return receipts.lags(REPORTS_WAIT_MAX);
  }

  /**
   * Executes a command, then waits if {@code max} is not null.
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
      return awaited(command.get(), max);
    }
  }

  private ResponseEntity<?> awaited(ResponseEntity<?> done, Duration max) {
    long position =
        tokens.read(Objects.requireNonNull(done.getHeaders().getFirst(KeyAnswers.POSITION_HEADER)));
    Receipt receipt;
    try {
      receipt = receipts.await(position, max);
    } catch (StoreUnavailableException e) {
      LOG.warn("A command was recorded, but the nodes' positions are unknown: {}", e.getMessage());
      return accepted(done, List.of());
    }
    return receipt.appliedEverywhere()
        ? ResponseEntity.status(done.getStatusCode())
            .headers(done.getHeaders())
            .header(RECEIPT_HEADER, NodeStanding.kindOf(receipt))
            .body(done.getBody())
        : accepted(done, NodeStanding.all(receipt.missing(), position));
  }

  private static ResponseEntity<?> accepted(ResponseEntity<?> done, List<NodeStanding> missing) {
    return AnswerFields.with(
        done, HttpStatus.ACCEPTED, "notAppliedBy", StrictJson.MAPPER.valueToTree(missing));
  }
}
