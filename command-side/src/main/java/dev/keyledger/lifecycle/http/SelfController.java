package dev.keyledger.lifecycle.http;

import static dev.keyledger.lifecycle.http.Fields.validated;

import dev.keyledger.access.Holder;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyView;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.ProofReceipts;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.CommandSide;
import dev.keyledger.http.request.Needs;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.lifecycle.workspace.PolicyLimits;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Commands of a holder on its own key, authenticated by that key. */
@RestController
@CommandSide
@RequestMapping(path = "/v1/self", produces = MediaType.APPLICATION_JSON_VALUE)
class SelfController {
  private final SecretMint mint;
  private final WorkspacePolicies policies;
  private final KeyCommands keys;

  SelfController(SecretMint mint, WorkspacePolicies policies, KeyCommands keys) {
    this.mint = mint;
    this.policies = policies;
    this.keys = keys;
  }

  @PostMapping("/renew")
  @Needs(Needs.THE_KEY_ITSELF)
  ResponseEntity<?> renew(ApiCall call) {
    Holder holder = call.holder();
    if (call.idempotencyKey() == null) { // a repetition may find the key renewed already
      requireRenewal(holder, contextOf(call));
    }
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.SelfRenew.class);
    return execute(
        holder,
        call,
        body.reason(),
        (id, context, fields) -> {
          requireRenewal(holder, context);
          RequestedExpiry expiry = Bodies.expiryOf(fields, body.expiresAt(), body.lifetime());
          return new KeyCommand.RenewKey(id, context, expiry, false);
        },
        new AtomicReference<>());
  }

  @PostMapping("/rotate")
  @Needs(Needs.THE_KEY_ITSELF)
  ResponseEntity<?> rotate(ApiCall call) {
    Holder holder = call.holder();
    require(HolderAction.ROTATE, holder, contextOf(call));
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.SelfRotate.class);
    var minted = new AtomicReference<SecretMint.Minted>();
    return execute(
        holder,
        call,
        body.reason(),
        (id, context, fields) -> {
          require(HolderAction.ROTATE, holder, context);
          RequestedExpiry expiry =
              Bodies.optionalExpiryOf(fields, body.expiresAt(), body.lifetime());
          if (expiry != null) {
            requireRenewal(holder, context);
          }
          minted.set(mint.mint(holder.key().environment()));
          return new KeyCommand.RotateKey(
              id,
              context,
              validated(minted.get()).stored(),
              fields.optional("overlap", body.overlap(), PolicyLimits::overlap),
              false,
              expiry,
              Bodies.isFromFirstUse(fields, body.overlapFrom()),
              keys.usesToRotate(holder.key().view()));
        },
        minted);
  }

  @PostMapping("/revoke")
  @Needs(Needs.THE_KEY_ITSELF)
  ResponseEntity<?> revoke(ApiCall call) {
    Holder holder = call.holder();
    var body = call.allowQuery(ProofReceipts.PARAMETER).command(Bodies.Revoke.class);
    int generation = holder.key().generation();
    return execute(
        holder,
        call,
        body.reason(),
        (id, context, fields) ->
            new KeyCommand.GiveUpSecret(id, context, generation, body.why(fields)),
        new AtomicReference<>());
  }

  /**
   * @param minted receives the secret that the reader creates
   */
  private ResponseEntity<?> execute(
      Holder holder,
      ApiCall call,
      @Nullable String reason,
      KeyCommands.Reader<KeyCommand> reader,
      AtomicReference<SecretMint.Minted> minted) {
    return keys.execute(
        new KeyCommands.Target(holder.key().keyId().value(), reason),
        call,
        reader,
        (command, origin) -> {
          var answer =
              new StoredAnswer.OfSelf(
                  KeyCommands.answer(command, HttpStatus.OK, minted.get()),
                  command.context().policy().allowedToHolders());
          return new Order<KeyDecision>(command, origin, _ -> answer);
        });
  }

  private CommandContext contextOf(ApiCall call) {
    return policies.context(call.identified(), null);
  }

  private static void requireRenewal(Holder holder, CommandContext context) {
    boolean expired = holder.key().isExpiredAt(context.now());
    require(expired ? HolderAction.RENEW_EXPIRED : HolderAction.RENEW, holder, context);
  }

  private static void require(HolderAction action, Holder holder, CommandContext context) {
    KeyView key = holder.key().view();
    if (!Holder.allowed(key, context.policy().allowedToHolders(), context.now()).contains(action)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "The policy or the state of this key does not allow this.");
    }
  }
}
