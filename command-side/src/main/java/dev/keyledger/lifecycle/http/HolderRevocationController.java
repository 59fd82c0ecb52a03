package dev.keyledger.lifecycle.http;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.http.request.OAuthAnswers;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Token revocation (RFC 7009): the holder of a secret may end it without any other credential.
 * Neither the answer nor its time reveals whether the token was known.
 */
@RestController
@RequestMapping(path = "/oauth2/revoke", produces = MediaType.APPLICATION_JSON_VALUE)
class HolderRevocationController {
  private final PresentedSecrets secrets;
  private final TimingSafeAnswers answers;

  HolderRevocationController(PresentedSecrets secrets, TimingSafeAnswers answers) {
    this.secrets = secrets;
    this.answers = answers;
  }

  @PostMapping
  @Needs(value = Needs.NOTHING, form = true)
  DeferredResult<ResponseEntity<byte[]>> revoke(ApiCall call) {
    return answers.answer(
        call.source(),
        () ->
            OAuthAnswers.answer(
                call,
                () -> {
                  KeySecret token =
                      KeySecret.of(call.allowQuery().form().required("token")).stripped();
                  String workspace = call.namedWorkspace();
                  call.countSecrets(secrets.countOf(1, workspace));
                  secrets.execute(
                      secrets.find(List.of(token), workspace).stream()
                          .map(held -> giveUp(held, call))
                          .toList());
                  return Map.of();
                }));
  }

  private static Order<KeyDecision> giveUp(PresentedSecrets.Held held, ApiCall call) {
    var command =
        new KeyCommand.GiveUpSecret(
            held.keyId(), held.context(), held.generation(), RevocationReason.UNSPECIFIED);
    Actor holder = new Actor(ActorType.HOLDER, held.keyId().value());
    return new Order<>(command, new CommandOrigin(holder, call.requestId(), call.context(null)));
  }
}
