package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LogReader;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.IpAllowList;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * Makes an existing shared key a key of the ledger. At each start it issues the key if it is
 * unknown, renews it if renewal is due, and sets the configured permissions.
 */
final class SharedKey implements ApplicationRunner {
  static final Owner OWNER = new Owner(OwnerType.APP, "shared");

  private static final Logger LOG = LoggerFactory.getLogger(SharedKey.class);
  private static final CommandOrigin ORIGIN =
      new CommandOrigin(Actor.SYSTEM, "start", EventContext.NONE);
  private static final Duration INDEX_WAIT_MAX = Duration.ofMinutes(2);

  private final KeySecret key;
  private final List<Permission> permissions;
  private final Ledger ledger;
  private final SecretMint mint;
  private final KeyVerifier verifier;
  private final LogReader log;
  private final Freshness freshness;
  private final WorkspacePolicies policies;
  private final InstantSource clock;

  /**
   * @param key the shared key, of visible ASCII characters
   * @param permissions its permissions
   */
  SharedKey(
      KeySecret key,
      List<Permission> permissions,
      Ledger ledger,
      SecretMint mint,
      KeyVerifier verifier,
      LogReader log,
      Freshness freshness,
      WorkspacePolicies policies,
      InstantSource clock) {
    this.key = key;
    this.permissions = List.copyOf(permissions);
    this.ledger = ledger;
    this.mint = mint;
    this.verifier = verifier;
    this.log = log;
    this.freshness = freshness;
    this.policies = policies;
    this.clock = clock;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    if (!freshness.awaitIndex(log.head().position(), INDEX_WAIT_MAX)) {
      throw new IllegalStateException(
          "the index has not caught up with the log within " + INDEX_WAIT_MAX);
    }
    var decision = verifier.verify(Check.of(key, Workspaces.DEFAULT), clock.instant());
    if (decision.key() == null) {
      issue();
    } else if (decision.key().state() instanceof KeyState.Revoked) {
      LOG.warn(
          "KEYLEDGER_SHARED_KEY is revoked ({}) and stays revoked; remove the variable",
          decision.key().keyId());
    } else {
      renewAndUpdate(decision.key());
    }
  }

  private void issue() {
    try {
      execute(context ->
          new KeyCommand.IssueKey(
              mint.newKeyId(context.now()),
              context,
              specification(context),
              mint.storedAs(Workspaces.DEFAULT, key.sha256())));
    } catch (AppendConflictException known) {
      LOG.info("KEYLEDGER_SHARED_KEY has been issued by another node");
    }
  }

  private KeySpecification specification(CommandContext context) {
    return new KeySpecification(
        new KeyName("Shared key"),
        OWNER,
        Environment.LIVE,
        permissions,
        longest(context),
        null,
        IpAllowList.ANY,
        new Metadata(Map.of()));
  }

  private void renewAndUpdate(KeyView known) {
    if (known.facts().validity().isRenewalDueAt(clock.instant())) {
      execute(context -> new KeyCommand.RenewKey(known.keyId(), context, longest(context), false));
    }
    List<String> wanted = permissions.stream().map(Permission::value).sorted().toList();
    if (!known.facts().permissions().equals(wanted)) {
      execute(context -> new KeyCommand.ChangePermissions(known.keyId(), context, permissions));
    }
  }

  private void execute(Function<CommandContext, KeyCommand> command) {
    Ledger.Result<KeyDecision> result =
        ledger.execute(() -> new Ledger.Order<>(command.apply(context()), ORIGIN), null);
    switch (result.decision().outcome()) {
      case Outcome.Accepted _ ->
          LOG.info(
              "KEYLEDGER_SHARED_KEY is the key {} of {}",
              result.decision().after(result.appended()).keyId(),
              OWNER);
      case Outcome.Rejected rejected ->
          LOG.warn("KEYLEDGER_SHARED_KEY was rejected: {}", rejected.detail());
    }
  }

  private static RequestedExpiry longest(CommandContext context) {
    return new RequestedExpiry.After(context.policy().maxLifetime());
  }

  private CommandContext context() {
    return policies.context(Workspaces.DEFAULT, null, Ceiling.NONE);
  }
}
