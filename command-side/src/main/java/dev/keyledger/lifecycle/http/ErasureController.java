package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;

import dev.keyledger.access.Caller;
import dev.keyledger.events.Actor;
import dev.keyledger.events.KeyId;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.EraseContexts;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.log.ErasableContexts;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The HTTP interface of erasures, which remove possible personal data from the log. */
@RestController
@CommandSide
@RequestMapping(path = "/v1/erasures", produces = MediaType.APPLICATION_JSON_VALUE)
class ErasureController {
  private final LogReader log;
  private final ErasableContexts contexts;
  private final WorkspacePolicies policies;
  private final IdempotentAnswers answers;

  ErasureController(
      LogReader log,
      ErasableContexts contexts,
      WorkspacePolicies policies,
      IdempotentAnswers answers) {
    this.log = log;
    this.contexts = contexts;
    this.policies = policies;
    this.answers = answers;
  }

  /** The body, with one of the first two fields. */
  record Erase(@Nullable String actor, @Nullable String keyId, @Nullable String reason) {}

  /**
   * The body of the response.
   *
   * @param erased the number of events whose contexts were erased
   * @param more whether events remain for another request
   */
  record Erased(int erased, boolean more) {}

  @PostMapping
  @Needs("erase")
  ResponseEntity<?> erase(ApiCall call) {
    var body = call.allowQuery().refuseIfMatch().command(Erase.class);
    // The number of events is unknown before the search.
    Caller caller = policies.caller(call, LogAppender.ERASED_EVENTS_MAX);
    Runnable requireTarget = () -> existing(body.keyId(), caller);
    Supplier<Order<WorkspaceDecision>> orders =
        () -> {
          KeyId keyId = existing(body.keyId(), caller);
          var fields = new Fields();
          Actor actor = fields.optional("actor", body.actor(), Actor::parse);
          String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
          if ((body.actor() == null) == (keyId == null)) {
            fields.wrong("actor", "or keyId is required, and not both");
          }
          fields.requireValid();
          ErasableContexts.Found found = find(actor, keyId, caller.workspace());
          var command =
              new EraseContexts(
                  caller.workspace(), actor, keyId, found.positions(), found.workspacesKnown());
          return new Order<>(
              command,
              KeyCommands.origin(caller, call, reason),
              _ -> answer(new Erased(found.positions().size(), found.more())));
        };
    return answers.execute(call, caller, requireTarget, orders);
  }

  private ErasableContexts.Found find(
      @Nullable Actor actor, @Nullable KeyId keyId, String workspace) {
    int max = LogAppender.ERASED_EVENTS_MAX;
    return keyId == null
        ? contexts.by(validated(actor), workspace, max)
        : contexts.on(keyId, workspace, max);
  }

  /** Returns the key that a request names, which exists in the workspace; null if it names none. */
  private @Nullable KeyId existing(@Nullable String named, Caller caller) {
    if (named == null) {
      return null;
    }
    KeyId keyId = KeyResource.idOf(named);
    return log.key(keyId, caller.workspace()).orElseThrow(KeyResource::notFound).keyId();
  }

  private static StoredAnswer answer(Erased body) {
    return new StoredAnswer.OfBatch(StrictJson.MAPPER.writeValueAsString(body));
  }
}
