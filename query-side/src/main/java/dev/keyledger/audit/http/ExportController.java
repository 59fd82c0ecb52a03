package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Shares;
import dev.keyledger.audit.AuditExport;
import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.http.AnswerCutShortException;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.CloudEvent;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.pointintime.http.PositionText;
import dev.keyledger.projection.PositionWatch;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ListAnswers;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
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
  private static final Logger LOG = LoggerFactory.getLogger(ExportController.class);

  private final AuditTrail audit;
  private final PositionWatch watch;
  private final PositionTokens tokens;
  private final String source;
  private final Shares<String> turns = new Shares<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);

  ExportController(
      AuditTrail audit,
      AuditProjection projection,
      ProjectionDatabase projections,
      PositionTokens tokens,
      LedgerDatabase database) {
    this.audit = audit;
    this.watch = projections.watch(projection);
    this.tokens = tokens;
    this.source = CloudEvent.sourceOf(database);
  }

  @GetMapping
  @Needs(value = "audit:read", workspaceParameter = WORKSPACE)
  void export(ApiCall call, HttpServletResponse answer) {
    var _ = call.allowQuery("after", "from", "to", WORKSPACE);
    Long after = call.query("after", PositionText::positionOrZero);
    Instant from = call.query("from", Rfc3339::parseParameter);
    Instant to = call.query("to", Rfc3339::parseParameter);
    ListCall.requirePeriod(from, to);
    Caller caller = call.caller(watch::await);
    String workspace = caller.workspace();
    if (!turns.tryTake(workspace)) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED,
          "This node writes as many exports at once as it can, or as one workspace may have.");
    }
    try {
      var export =
          ListAnswers.ask(
              () -> new AuditExport(audit, workspace, after == null ? 0 : after, from, to));
      List<AuditEntry> part = export.next();
      answer.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
      answer.setHeader(KeyAnswers.POSITION_HEADER, tokens.issue(export.end()));
      write(export, part, workspace, answer);
    } finally {
      turns.leave(workspace);
    }
  }

  private void write(
      AuditExport export, List<AuditEntry> first, String workspace, HttpServletResponse answer) {
    try {
      OutputStream out = answer.getOutputStream();
      for (List<AuditEntry> part = first; !part.isEmpty(); part = export.next()) {
        for (AuditEntry entry : part) {
          out.write(
              StrictJson.MAPPER.writeValueAsBytes(CloudEvent.of(entry, workspace, source, entry)));
          out.write('\n');
        }
      }
      out.flush();
    } catch (IOException | RuntimeException e) {
      LOG.warn("An export was cut short: {}", e.getMessage());
      throw new AnswerCutShortException();
    }
  }
}
