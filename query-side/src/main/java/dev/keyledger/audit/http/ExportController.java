package dev.keyledger.audit.http;

import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.audit.AuditExport;
import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.audit.AuditTrail.Exported;
import dev.keyledger.http.AnswerCutShortException;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.CloudEvent;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import dev.keyledger.log.proofs.Tree;
import dev.keyledger.pointintime.http.PositionText;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.proofs.http.Checkpoints;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Streams the audit of a workspace as CloudEvents, one JSON object per line. */
@RestController
@RequestMapping(
    path = "/v1/audit/export",
    produces = {MediaType.APPLICATION_NDJSON_VALUE, MediaType.APPLICATION_JSON_VALUE})
class ExportController {
  /** The maximum number of concurrent exports of a node; each occupies a thread. */
  static final int AT_ONCE_MAX = 4;

  /** The maximum number of concurrent exports of one workspace. */
  static final int AT_ONCE_OF_WORKSPACE_MAX = 2;

  private static final String WORKSPACE = "workspace";

  /** The value instead of a workspace: the whole log. */
  private static final String ALL = "*";

  /** The longest wait for the audit to reach the last checkpoint. */
  private static final Duration AUDIT_WAIT_MAX = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ExportController.class);

  private final AuditTrail audit;
  private final PositionWatch watch;
  private final PositionTokens tokens;
  private final LogProofs proofs;
  private final Checkpoints checkpoints;
  private final InstantSource clock;
  private final String source;
  private final ConcurrencyLimit<String> turns =
      new ConcurrencyLimit<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);

  ExportController(
      AuditTrail audit,
      AuditProjection projection,
      ProjectionDatabase projections,
      PositionTokens tokens,
      LogProofs proofs,
      Checkpoints checkpoints,
      InstantSource clock,
      LedgerDatabase database) {
    this.audit = audit;
    this.watch = projections.watch(projection);
    this.tokens = tokens;
    this.proofs = proofs;
    this.checkpoints = checkpoints;
    this.clock = clock;
    this.source = CloudEvent.sourceOf(database);
  }

  /** The last line of an export, which summarises the lines before it. */
  private record Trailer(long count, String checkpoint) {}

  /**
   * The scope of an export.
   *
   * @param workspace null: the whole log
   */
  private record Scope(@Nullable String workspace) {
    String name() {
      return workspace == null ? ALL : workspace;
    }
  }

  @GetMapping
  @Needs(value = "audit:read", workspaceParameter = WORKSPACE)
  void export(ApiCall call, HttpServletResponse answer) {
    var _ = call.allowQuery("after", "from", "to", WORKSPACE);
    Long after = call.query("after", PositionText::positionOrZero);
    Instant from = call.query("from", Rfc3339::parseParameter);
    Instant to = call.query("to", Rfc3339::parseParameter);
    ListCall.requirePeriod(from, to);
    Scope scope = scopeOf(call);
    if (!turns.tryTake(scope.name())) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED,
          "This node writes as many exports at once as it can, or as one workspace may have.");
    }
    try {
      SignedCheckpoint end = checkpoints.last();
      Freshness.require(
          watch::await,
          end.size(),
          AUDIT_WAIT_MAX,
          "The audit has not reached the last checkpoint yet.");
      var export =
          new AuditExport(
              audit, scope.workspace(), after == null ? 0 : after, end.size(), from, to);
      List<Exported> part = ListAnswers.ask(export::next);
      answer.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
      answer.setHeader(KeyAnswers.POSITION_HEADER, tokens.issue(end.size()));
      write(export, part, scope, end, call.requestId(), answer);
    } finally {
      turns.leave(scope.name());
    }
  }

  /**
   * Returns the scope of a request. Only the root key can name {@value #ALL}: an operator acts in
   * its workspace only.
   */
  private Scope scopeOf(ApiCall call) {
    if (call.identified().workspace().equals(ALL)) {
      call.awaitAtLeast(checkpoints);
      return new Scope(null);
    }
    return new Scope(call.caller(checkpoints).workspace());
  }

  private void write(
      AuditExport export,
      List<Exported> first,
      Scope scope,
      SignedCheckpoint end,
      String requestId,
      HttpServletResponse answer) {
    Tree tree = proofs.tree(end.size());
    long count = 0;
    try {
      OutputStream out = answer.getOutputStream();
      for (List<Exported> part = first; !part.isEmpty(); part = export.next()) {
        for (Exported exported : part) {
          writeLine(out, eventOf(exported, scope.workspace() == null ? null : tree));
        }
        count += part.size();
      }
      writeLine(
          out,
          CloudEvent.of(
              requestId,
              source,
              "ExportTrailer",
              scope.name(),
              clock.instant().truncatedTo(ChronoUnit.MICROS),
              scope.name(),
              new Trailer(count, end.note())));
      out.flush();
    } catch (IOException | RuntimeException e) {
      LOG.warn("An export was cut short: {}", e.getMessage());
      throw new AnswerCutShortException();
    }
  }

  private CloudEvent eventOf(Exported exported, @Nullable Tree tree) {
    AuditEntry entry = exported.entry();
    LogProofs.Entry event = exported.event();
    return CloudEvent.of(entry, event.workspace(), source, entry)
        .provenBy(
            entry.position(),
            Base64.getEncoder().encodeToString(event.bytes()),
            tree == null ? null : proof(tree, entry.position()));
  }

  private static String proof(Tree tree, long position) {
    var hashes = new ByteArrayOutputStream();
    tree.inclusionProof(position - 1).forEach(hashes::writeBytes);
    return Base64.getEncoder().encodeToString(hashes.toByteArray());
  }

  private static void writeLine(OutputStream out, CloudEvent event) throws IOException {
    out.write(StrictJson.MAPPER.writeValueAsBytes(event));
    out.write('\n');
  }
}
