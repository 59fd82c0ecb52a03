package dev.keyledger.checking.http;

import dev.keyledger.http.ApiCall;
import dev.keyledger.http.NodeGate;
import dev.keyledger.http.NodeStanding;
import dev.keyledger.log.receipts.Receipt;
import dev.keyledger.log.receipts.Receipts;
import java.time.Duration;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which nodes have applied a position. */
@RestController
@RequestMapping(path = "/v1/positions", produces = MediaType.APPLICATION_JSON_VALUE)
class AppliedController {
  /** How long nodes have to tell where they are, before what they told last is answered. */
  static final Duration REPORTS_WAIT_MAX = Duration.ofMillis(100);

  private final NodeGate gate;
  private final Receipts receipts;

  AppliedController(NodeGate gate, Receipts receipts) {
    this.gate = gate;
    this.receipts = receipts;
  }

  /** The standing of all nodes. */
  record Applied(
      long position, boolean appliedEverywhere, String receipt, List<NodeStanding> nodes) {
    static Applied of(Receipt receipt) {
      return new Applied(
          receipt.position(),
          receipt.appliedEverywhere(),
          NodeStanding.kindOf(receipt),
          NodeStanding.all(receipt.nodes(), receipt.position()));
    }
  }

  @GetMapping("/{token}/applied")
  Applied applied(@PathVariable String token, ApiCall call) {
    call.allowQuery();
    long position = gate.positionOf(token);
    call.authorize("audit:read");
    return Applied.of(receipts.await(position, REPORTS_WAIT_MAX));
  }
}
