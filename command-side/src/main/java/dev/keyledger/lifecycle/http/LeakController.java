package dev.keyledger.lifecycle.http;

import dev.keyledger.events.Actor;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Accepts reports of leaked secrets from anybody: scanners, finders, holders. Neither the answer
 * nor its time reveals whether a secret was known.
 */
@RestController
@RequestMapping(path = "/v1/leaks", produces = MediaType.APPLICATION_JSON_VALUE)
class LeakController {
  /**
   * The maximum number of secrets in a report: as many of Keyledger's as an ordinary body holds.
   */
  static final int SECRETS_MAX = 1000;

  private final PresentedSecrets secrets;
  private final TimingSafeAnswers answers;

  LeakController(PresentedSecrets secrets, TimingSafeAnswers answers) {
    this.secrets = secrets;
    this.answers = answers;
  }

  @PostMapping
  @Needs(Needs.NOTHING)
  DeferredResult<ResponseEntity<Map<String, String>>> report(ApiCall call) {
    Actor actor = call.identify();
    var body = call.allowQuery().refuseIfMatch().command(Bodies.Leaks.class);
    call.awaitAtLeast();
    var fields = new Fields();
    List<KeySecret> reported = secrets.candidatesIn(body.reported(fields));
    String reason = fields.optional("reason", body.reason(), Bodies::reasonOf);
    fields.requireValid();
    if (!actor.equals(Actor.ROOT)) {
      call.countSecrets(secrets.countOf(reported.size(), null));
    }
    var origin = new CommandOrigin(actor, call.requestId(), call.context(reason));
    return answers.answer(
        call.source(),
        () -> {
          var _ = secrets.reportLeaks(reported, origin);
          return ResponseEntity.accepted().cacheControl(CacheControl.noStore()).body(Map.of());
        });
  }
}
