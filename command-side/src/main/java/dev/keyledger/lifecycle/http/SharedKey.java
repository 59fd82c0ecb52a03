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
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.IpAllowList;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * Makes the one key that a team shares today a key of the ledger: at each start it sees to it that
 * the key is known, holds the permissions that are configured, and does not run out unnoticed.
 */
final class SharedKey implements ApplicationRunner {
  /** The fewest characters of a shared key. */
  static final int LENGTH_MIN = 32;

  static final Owner OWNER = new Owner(OwnerType.APP, "shared");

  private static final Logger LOG = LoggerFactory.getLogger(SharedKey.class);
  private static final KeyLedger.Origin ORIGIN =
      new KeyLedger.Origin(Actor.SYSTEM, "start", EventContext.NONE);
  private static final Duration INDEX_WAIT_MAX = Duration.ofMinutes(2);

  private final KeySecret key;
  private final List<Permission> permissions;
  private final KeyLedger ledger;
  private final SecretMint mint;
  private final KeyVerifier verifier;
  private final LogReader log;
  private final LogTail tail;
  private final WorkspaceTerms terms;
  private final InstantSource clock;

  /**
   * @param key the shared key, {@value #LENGTH_MIN} visible ASCII characters or more
   * @param permissions what it may do
   */
  SharedKey(
      String key,
      List<Permission> permissions,
      KeyLedger ledger,
      SecretMint mint,
      KeyVerifier verifier,
      LogReader log,
      LogTail tail,
      WorkspaceTerms terms,
      InstantSource clock) {
    if (key.length() < LENGTH_MIN || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          "KEYLEDGER_SHARED_KEY must have at least " + LENGTH_MIN + " visible ASCII characters");
    }
    this.key = KeySecret.of(key);
    this.permissions = List.copyOf(permissions);
    this.ledger = ledger;
    this.mint = mint;
    this.verifier = verifier;
    this.log = log;
    this.tail = tail;
    this.terms = terms;
    this.clock = clock;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    if (!tail.await(log.head().position(), INDEX_WAIT_MAX)) {
      throw new IllegalStateException("the index did not reach the log's head");
    }
    terms.carryOut(() -> {
      makeOrKeepUp();
      return key;
    });
  }

  private void makeOrKeepUp() {
    var decision = verifier.verify(Check.of(key, Workspaces.DEFAULT), clock.instant());
    if (decision.key() == null) {
      issue();
    } else if (decision.key().state() instanceof KeyState.Revoked) {
      LOG.warn("KEYLEDGER_SHARED_KEY is revoked ({}) and stays so", decision.key().keyId());
    } else {
      keepUp(decision.key());
    }
  }

  private void issue() {
    Circumstances circumstances = circumstances();
    var specification =
        new KeySpecification(
            new KeyName("Shared key"),
            OWNER,
            Environment.LIVE,
            permissions,
            longest(circumstances),
            null,
            IpAllowList.ANY,
            new Metadata(Map.of()));
    var stored = mint.storedAs(Workspaces.DEFAULT, key.sha256());
    try {
      carryOut(
          new KeyCommand.IssueKey(
              mint.newKeyId(circumstances.now()), circumstances, specification, stored));
    } catch (AppendConflictException conflict) {
      if (conflict.kind() == AppendConflictException.Kind.WORKSPACE) {
        throw conflict;
      }
      LOG.info("KEYLEDGER_SHARED_KEY was made a key by another node");
    }
  }

  private void keepUp(KeyView known) {
    Circumstances circumstances = circumstances();
    var validity = known.facts().validity();
    if (validity.isRenewalDueAt(circumstances.now())) {
      carryOut(
          new KeyCommand.RenewKey(known.keyId(), circumstances, longest(circumstances), false));
    }
    List<String> wanted = permissions.stream().map(Permission::value).sorted().toList();
    if (!known.facts().permissions().equals(wanted)) {
      carryOut(new KeyCommand.ChangePermissions(known.keyId(), circumstances, permissions));
    }
  }

  private void carryOut(KeyCommand command) {
    switch (ledger.carryOut(command, ORIGIN)) {
      case KeyLedger.Done done ->
          LOG.info("KEYLEDGER_SHARED_KEY is the key {} of {}", done.key().keyId(), OWNER);
      case KeyLedger.Refused refused ->
          LOG.warn("KEYLEDGER_SHARED_KEY: {}", refused.rejected().detail());
    }
  }

  private static RequestedExpiry longest(Circumstances circumstances) {
    return new RequestedExpiry.After(circumstances.policy().maxLifetime());
  }

  private Circumstances circumstances() {
    return terms.circumstances(Workspaces.DEFAULT, null, Ceiling.NONE);
  }
}
