package dev.keyledger.checking.http;

import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.NodeStanding;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.receipts.Receipt;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Returns the nodes that have applied a position. */
@RestController
@RequestMapping(path = "/v1/positions", produces = MediaType.APPLICATION_JSON_VALUE)
class AppliedController {
  private final Freshness freshness;
  private final AppliedEverywhere appliedEverywhere;

  AppliedController(Freshness freshness, AppliedEverywhere appliedEverywhere) {
    this.freshness = freshness;
    this.appliedEverywhere = appliedEverywhere;
  }

  /** The body of an answer: the standing of all nodes. */
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
  @Needs("audit:read")
  Applied applied(@PathVariable String token, ApiCall call) {
    var _ = call.allowQuery();
    long position = freshness.positionOf(token);
    var _ = call.caller();
    return Applied.of(appliedEverywhere.receipt(position));
  }
}
