package dev.keyledger.lifecycle.http;

import dev.keyledger.http.ApiCall;
import dev.keyledger.http.KeyAnswers;
import dev.keyledger.http.NodeStanding;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.WaitingRoom;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.StoreUnavailableException;
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
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers a command once every node that answers checks has applied it, if the request says {@code
 * wait=applied}. What the command did stands, whatever becomes of the wait; a repeated command is
 * answered as before, and waited for anew. Thread-safe.
 */
final class AppliedWait {
  /** The query parameter by which a request asks for it. */
  static final String PARAMETER = "wait";

  /** The header that says what the answer 200 is worth. */
  static final String RECEIPT_HEADER = "Keyledger-Receipt";

  private static final String APPLIED = "applied";
  private static final Logger LOG = LoggerFactory.getLogger(AppliedWait.class);

  private final Receipts receipts;
  private final PositionTokens tokens;
  private final WaitingRoom waitingRoom;

  AppliedWait(Receipts receipts, PositionTokens tokens, WaitingRoom waitingRoom) {
    this.receipts = receipts;
    this.tokens = tokens;
    this.waitingRoom = waitingRoom;
  }

  /**
   * How long a request asks to wait at most; null if it does not.
   *
   * @throws ProblemException with {@code bad-request} if it asks for something else
   */
  static @Nullable Duration askedFor(ApiCall call) {
    String value = call.query(PARAMETER);
    if (value == null) {
      return null;
    }
    if (!value.equals(APPLIED)) {
      throw ProblemException.unreadable(PARAMETER, "must be " + APPLIED);
    }
    return call.waitMax();
  }

  /**
   * Carries a command out, and waits if that was asked for.
   *
   * @param max what {@link #askedFor} said
   * @throws ProblemException with {@code not-yet-applied}, and nothing done, if too many requests
   *     wait already; and what the command throws
   */
  ResponseEntity<?> answer(@Nullable Duration max, Supplier<ResponseEntity<?>> command) {
    if (max == null) {
      return command.get();
    }
    try (var _ = waitingRoom.enter()) {
      return waited(command.get(), max);
    }
  }

  private ResponseEntity<?> waited(ResponseEntity<?> done, Duration max) {
    long position =
        tokens.read(Objects.requireNonNull(done.getHeaders().getFirst(KeyAnswers.POSITION_HEADER)));
    Receipt receipt;
    try {
      receipt = receipts.await(position, max);
    } catch (StoreUnavailableException e) {
      LOG.warn("A command was carried out, but nobody can say where: {}", e.getMessage());
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
    ObjectNode body = (ObjectNode) tree(Objects.requireNonNull(done.getBody()));
    body.set("notAppliedBy", StrictJson.MAPPER.valueToTree(missing));
    return ResponseEntity.status(HttpStatus.ACCEPTED)
        .headers(done.getHeaders())
        .contentType(MediaType.APPLICATION_JSON)
        .body(body);
  }

  private static JsonNode tree(Object body) {
    return body instanceof byte[] json
        ? StrictJson.MAPPER.readTree(json)
        : StrictJson.MAPPER.valueToTree(body);
  }
}
