package dev.keyledger.checking.http;

import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.receipts.NodeLags;
import java.time.Instant;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Returns the progress of each node, whatever the workspace of the caller. */
@RestController
@RequestMapping(path = "/v1/nodes", produces = MediaType.APPLICATION_JSON_VALUE)
class NodesController {
  private final AppliedEverywhere appliedEverywhere;

  NodesController(AppliedEverywhere appliedEverywhere) {
    this.appliedEverywhere = appliedEverywhere;
  }

  /** The body of an answer: the head of the log, and the nodes. */
  record Nodes(long position, List<Lag> nodes) {}

  /** A node; the fields are those of {@link NodeLags.NodeLag}. */
  record Lag(
      String node,
      String instance,
      long position,
      long lagEvents,
      long lagSeconds,
      boolean strict,
      Instant leaseUntil) {
    static Lag of(NodeLags.NodeLag lag) {
      return new Lag(
          lag.node().name(),
          lag.node().instance().toString(),
          lag.node().position(),
          lag.events(),
          lag.age().toSeconds(),
          lag.node().strict(),
          lag.node().leaseUntil());
    }
  }

  @GetMapping
  @Needs("audit:read")
  Nodes nodes(ApiCall call) {
    var _ = call.allowQuery().caller();
    NodeLags lags = appliedEverywhere.lags();
    return new Nodes(lags.head(), lags.nodes().stream().map(Lag::of).toList());
  }
}
