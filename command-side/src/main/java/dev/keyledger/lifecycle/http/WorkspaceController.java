package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;
import static java.util.stream.Collectors.toSet;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.ProofReceipts;
import dev.keyledger.http.list.Cursors;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.PolicyChange;
import dev.keyledger.lifecycle.workspace.PolicyLimits;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.log.LogReader;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The HTTP interface of workspaces. It requires the root key: an operator sees only its own
 * workspace.
 */
@RestController
@CommandSide
@RequestMapping(path = "/v1/workspaces", produces = MediaType.APPLICATION_JSON_VALUE)
class WorkspaceController {
  private final LogReader log;
  private final Workspaces workspaces;
  private final WorkspacePolicies policies;
  private final IdempotentAnswers answers;
  private final Cursors cursors;

  WorkspaceController(
      LogReader log,
      Workspaces workspaces,
      WorkspacePolicies policies,
      IdempotentAnswers answers,
      Cursors cursors) {
    this.log = log;
    this.workspaces = workspaces;
    this.policies = policies;
    this.answers = answers;
    this.cursors = cursors;
  }

  /** A policy, or the fields of it to set. */
  record PolicyBody(
      @Nullable Duration defaultLifetime,
      @Nullable Duration maxLifetime,
      @Nullable Boolean allowNoExpiry,
      @Nullable Duration renewalWindow,
      @Nullable Duration defaultOverlap,
      @Nullable List<Duration> reminders,
      @Nullable List<String> allowedPermissions,
      @Nullable Long maxKeys,
      @Nullable Boolean operatorsOutliveIssuer,
      @Nullable List<String> holderMay,
      @Nullable Duration rotationQuiet) {

    /**
     * @param cleared the paths of the fields to reset to their defaults
     */
    static PolicyChange read(Fields fields, @Nullable PolicyBody body, Set<String> cleared) {
      return body == null
          ? PolicyChange.NONE
          : new PolicyChange(
              fields.optional(
                  "policy.defaultLifetime", body.defaultLifetime, PolicyLimits::lifetime),
              fields.optional("policy.maxLifetime", body.maxLifetime, PolicyLimits::lifetime),
              body.allowNoExpiry,
              fields.optional(
                  "policy.renewalWindow", body.renewalWindow, PolicyLimits::renewalWindow),
              fields.optional("policy.defaultOverlap", body.defaultOverlap, PolicyLimits::overlap),
              fields.optional("policy.reminders", body.reminders, PolicyLimits::reminders),
              fields.optional(
                  "policy.allowedPermissions",
                  body.allowedPermissions,
                  PolicyLimits::allowedPermissions),
              fields.optional("policy.maxKeys", body.maxKeys, PolicyLimits::maxKeys),
              body.operatorsOutliveIssuer,
              fields.optional("policy.holderMay", body.holderMay, PolicyLimits::holderMay),
              fields.optional(
                  "policy.rotationQuiet", body.rotationQuiet, PolicyLimits::rotationQuiet),
              cleared.stream().map(path -> path.replaceFirst("^policy\\.", "")).collect(toSet()));
    }
  }

  /** The body of {@code POST /v1/workspaces}. */
  record Open(@Nullable String workspace, @Nullable PolicyBody policy, @Nullable String reason) {}

  /** The body of {@code PATCH}. */
  record Change(@Nullable PolicyBody policy, @Nullable String reason) {}

  /** The response of the list. */
  record Listed(List<WorkspaceResource> data, @Nullable String nextCursor) {}

  @PostMapping
  @Needs(Needs.ROOT_KEY)
  ResponseEntity<?> open(ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).refuseIfMatch().command(Open.class);
    return execute(
        call,
        HttpStatus.CREATED,
        body.reason(),
        () -> {},
        fields -> {
          PolicyChange policy = PolicyBody.read(fields, body.policy(), Set.of());
          return fields.required(
              "workspace",
              body.workspace(),
              name -> new WorkspaceCommand.OpenWorkspace(name, policy));
        });
  }

  @PatchMapping("/{workspace}")
  @Needs(Needs.ROOT_KEY)
  ResponseEntity<?> change(@PathVariable String workspace, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Change.class);
    Set<String> cleared = call.clearedFields();
    Set<Long> expected = call.ifMatch();
    return execute(
        call,
        HttpStatus.OK,
        body.reason(),
        () -> existing(workspace, expected),
        fields -> {
          fields.refuseClearing("policy", cleared);
          return new WorkspaceCommand.ChangePolicy(
              workspace, expected, PolicyBody.read(fields, body.policy(), cleared));
        });
  }

  @PostMapping("/{workspace}/close")
  @Needs(Needs.ROOT_KEY)
  ResponseEntity<?> close(@PathVariable String workspace, ApiCall call) {
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.ReasonOnly.class);
    Set<Long> expected = call.ifMatch();
    return execute(
        call,
        HttpStatus.OK,
        body.reason(),
        () -> existing(workspace, expected),
        _ -> new WorkspaceCommand.CloseWorkspace(workspace, expected));
  }

  @GetMapping("/{workspace}")
  @Needs(Needs.ROOT_KEY)
  WorkspaceResource workspace(
      @PathVariable String workspace, ApiCall call, HttpServletResponse answer) {
    var _ = call.allowQuery().caller();
    WorkspaceView found = existing(workspace, null);
    answer.setHeader(HttpHeaders.ETAG, "\"" + found.version() + "\"");
    return WorkspaceResource.of(found);
  }

  @GetMapping
  @Needs(Needs.ROOT_KEY)
  Listed list(ApiCall call) {
    var list = new ListCall("workspaces", call, cursors);
    int limit = list.limit();
    String after = list.cursor(List::getFirst);
    var _ = call.caller();
    policies.catchUp();
    List<WorkspaceView> found = workspaces.list(after, limit + 1);
    List<WorkspaceView> page = found.subList(0, Math.min(limit, found.size()));
    return new Listed(
        page.stream().map(WorkspaceResource::of).toList(),
        found.size() > limit ? list.next(page.getLast().workspace()) : null);
  }

  /**
   * @param requireTarget throws if the workspace in the path does not exist, or has another version
   * @param reader reads the body's fields into a command; null if it has added errors
   */
  private ResponseEntity<?> execute(
      ApiCall call,
      HttpStatus status,
      @Nullable String reasonGiven,
      Runnable requireTarget,
      Function<Fields, @Nullable WorkspaceCommand> reader) {
    Caller caller = call.caller();
    Supplier<Order<WorkspaceDecision>> orders =
        () -> {
          var fields = new Fields();
          WorkspaceCommand read = reader.apply(fields);
          String reason = fields.optional("reason", reasonGiven, Bodies::reasonOf);
          try {
            fields.requireValid();
          } catch (ProblemException wrong) {
            requireTarget.run(); // a missing workspace or another version has precedence
            throw wrong;
          }
          WorkspaceCommand command = validated(read);
          var answer = new StoredAnswer.OfWorkspace(status.value(), command.workspace());
          return new Order<>(command, KeyCommands.origin(caller, call, reason), _ -> answer);
        };
    return answers.execute(call, caller, requireTarget, orders);
  }

  /** Returns the workspace as the log has it now, of an expected version. */
  private WorkspaceView existing(String workspace, @Nullable Set<Long> expectedVersions) {
    WorkspaceView found =
        WorkspaceCommand.NAME.matcher(workspace).matches()
            ? WorkspaceView.fold(workspace, log.readStream(StreamId.ofWorkspace(workspace)))
            : null;
    if (found == null) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such workspace.");
    }
    if (expectedVersions != null && !expectedVersions.contains(found.version())) {
      throw IdempotentAnswers.problem(
          Outcome.Rejected.versionMismatch("workspace", expectedVersions));
    }
    return found;
  }
}
