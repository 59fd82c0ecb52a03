package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.OutcomeUnknownException;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * Manages an existing shared key as a key of the ledger. At each start it issues the key if it is
 * unknown and sets the configured permissions. Afterwards it renews the key in time, and ends the
 * keys of earlier values.
 *
 * <p>Of two values, the one whose key was issued later is current. A node that is started with an
 * earlier value changes no key. So the order in which nodes are restarted does not matter.
 */
final class SharedKey implements ApplicationRunner, AutoCloseable {
  static final Owner OWNER = new Owner(OwnerType.APP, "shared");

  /** The time between rounds while the node runs. */
  static final Duration PAUSE = Duration.ofSeconds(10);

  /** The time to the next round after a rejected command. */
  static final Duration PAUSE_AFTER_REJECTION = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(SharedKey.class);
  private static final CommandOrigin ORIGIN =
      new CommandOrigin(Actor.SYSTEM, "start", EventContext.NONE);
  private static final Duration INDEX_WAIT_MAX = Duration.ofMinutes(2);

  private final KeySecret key;
  private final List<Permission> permissions;
  private final Duration overlap;
  private final Ledger ledger;
  private final SecretMint mint;
  private final KeyVerifier verifier;
  private final LogReader log;
  private final KeySideRows sideRows;
  private final Freshness freshness;
  private final WorkspacePolicies policies;
  private final InstantSource clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private boolean mayHaveEarlier = true;

  /**
   * @param key the shared key, of visible ASCII characters
   * @param permissions its permissions
   * @param overlap the time for which the key of an earlier value stays valid
   */
  SharedKey(
      KeySecret key,
      List<Permission> permissions,
      Duration overlap,
      Ledger ledger,
      SecretMint mint,
      KeyVerifier verifier,
      LogReader log,
      KeySideRows sideRows,
      Freshness freshness,
      WorkspacePolicies policies,
      InstantSource clock) {
    this.key = key;
    this.permissions = List.copyOf(permissions);
    this.overlap = overlap;
    this.ledger = ledger;
    this.mint = mint;
    this.verifier = verifier;
    this.log = log;
    this.sideRows = sideRows;
    this.freshness = freshness;
    this.policies = policies;
    this.clock = clock;
    this.thread =
        SupervisedThread.unstarted(
            "keyledger-shared-key", () -> closing.getCount() > 0, this::keepMaintaining);
  }

  @Override
  public void run(ApplicationArguments arguments) {
    start();
    thread.start();
  }

  private void keepMaintaining() throws InterruptedException {
    Duration pause = PAUSE;
    while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
      try {
        pause = maintain() ? PAUSE : PAUSE_AFTER_REJECTION;
      } catch (StoreUnavailableException | ContentionException | OutcomeUnknownException e) {
        LOG.info("Cannot look after KEYLEDGER_SHARED_KEY now: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }

  /** Issues the key if it is unknown, and sets its permissions. */
  void start() {
    awaitHead();
    if (known() == null) {
      issue();
      awaitHead();
    }
    boolean _ = maintain();
    KeyView known = known();
    List<String> wanted = permissions.stream().map(Permission::value).sorted().toList();
    if (known != null && !isRevoked(known) && !known.facts().permissions().equals(wanted)) {
      boolean _ =
          execute(context -> new KeyCommand.ChangePermissions(known.keyId(), context, permissions));
    }
  }

  /**
   * Renews the key if that is due, and ends the keys of earlier values.
   *
   * @return whether all commands were accepted
   */
  boolean maintain() {
    KeyView known = known();
    if (known == null) {
      return true; // its workspace is closed
    }
    if (isRevoked(known)) {
      LOG.warn(
          "KEYLEDGER_SHARED_KEY is revoked ({}) and stays revoked; set another value, or remove the"
              + " variable",
          known.keyId());
      return false;
    }
    if (mayHaveEarlier) {
      List<KeyView> others = othersThan(known);
      for (KeyView other : others) {
        if (other.createdAt().isAfter(known.createdAt())) {
          LOG.warn(
              "KEYLEDGER_SHARED_KEY is an earlier value: the key {} of a later one replaces {}; set"
                  + " the later value",
              other.keyId(),
              known.keyId());
          return false;
        }
      }
      mayHaveEarlier = !others.isEmpty();
      Instant end = known.createdAt().plus(overlap);
      for (KeyView earlier : others) {
        if (!supersede(earlier, end)) {
          return false;
        }
      }
    }
    RequestedExpiry expiry = expiryIfDue(known.facts().validity().expiresAt());
    return expiry == null
        || execute(context -> new KeyCommand.RenewKey(known.keyId(), context, expiry, false));
  }

  /**
   * Returns the expiry for a renewal of the key: never if the policy allows that; otherwise the
   * longest, once half of the present one has passed. Null if no renewal is due.
   */
  private @Nullable RequestedExpiry expiryIfDue(@Nullable Instant expiresAt) {
    WorkspacePolicy policy = context().policy();
    if (expiresAt == null) {
      return null;
    }
    Duration left = Duration.between(clock.instant(), expiresAt);
    boolean due = policy.allowNoExpiry() || left.compareTo(policy.maxLifetime().dividedBy(2)) < 0;
    return due ? longest(policy) : null;
  }

  private static RequestedExpiry longest(WorkspacePolicy policy) {
    return policy.allowNoExpiry()
        ? new RequestedExpiry.Never()
        : new RequestedExpiry.After(policy.maxLifetime());
  }

  /**
   * Revokes the key of an earlier value when the overlap has ended. Until then, lets it expire at
   * that time, so that it ends even if no node is running then.
   */
  private boolean supersede(KeyView earlier, Instant end) {
    Duration left = Duration.between(clock.instant(), end);
    // Without an overlap the end is now, whatever the difference between the clocks.
    if (overlap.isZero() || left.isNegative() || left.isZero()) {
      LOG.warn(
          "KEYLEDGER_SHARED_KEY has changed: revoking the key {} of an earlier value",
          earlier.keyId());
      return execute(context ->
          new KeyCommand.RevokeKey(earlier.keyId(), context, RevocationReason.SUPERSEDED));
    }
    Instant expiresAt = earlier.facts().validity().expiresAt();
    boolean endsByItself = expiresAt != null && !expiresAt.isAfter(end);
    if (endsByItself || left.compareTo(KeyDecider.LIFETIME_MIN) < 0) {
      return true; // a later round revokes it
    }
    LOG.warn(
        "KEYLEDGER_SHARED_KEY has changed: the key {} of an earlier value ends at {}",
        earlier.keyId(),
        end);
    return execute(context ->
        new KeyCommand.RenewKey(earlier.keyId(), context, new RequestedExpiry.At(end), true));
  }

  /** Returns the keys of other values of the variable that are not revoked. */
  private List<KeyView> othersThan(KeyView known) {
    var others = new ArrayList<KeyView>();
    @Nullable KeyId last = null;
    List<KeyId> page;
    do {
      page = sideRows.ownedBy(Workspaces.DEFAULT, OWNER, last, KeyBatchCommand.KEYS_MAX);
      log.keys(page).values().stream()
          .filter(other -> other.issuedBy().equals(Actor.SYSTEM))
          .filter(other -> !other.keyId().equals(known.keyId()))
          .filter(other -> !isRevoked(other))
          .forEach(others::add);
      last = page.isEmpty() ? null : page.getLast();
    } while (page.size() == KeyBatchCommand.KEYS_MAX);
    return others;
  }

  private boolean isRevoked(KeyView key) {
    return key.state().at(clock.instant()) instanceof KeyState.Revoked;
  }

  private void awaitHead() {
    if (!freshness.awaitIndex(log.head().position(), INDEX_WAIT_MAX)) {
      throw new IllegalStateException(
          "the index has not caught up with the log within " + INDEX_WAIT_MAX);
    }
  }

  private @Nullable KeyView known() {
    return verifier.verify(Check.of(key, Workspaces.DEFAULT), clock.instant()).key();
  }

  private void issue() {
    try {
      boolean _ =
          execute(context ->
              new KeyCommand.IssueKey(
                  mint.newKeyId(context.now()),
                  context,
                  specification(context),
                  mint.storedAs(Workspaces.DEFAULT, key.sha256(), null)));
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
        longest(context.policy()),
        null,
        IpAllowList.ANY,
        new Metadata(Map.of()));
  }

  private boolean execute(Function<CommandContext, KeyCommand> command) {
    Ledger.Result<KeyDecision> result =
        ledger.execute(() -> new Ledger.Order<>(command.apply(context()), ORIGIN), null);
    return switch (result.decision().outcome()) {
      case Outcome.Accepted _ -> {
        result
            .appended()
            .forEach(event ->
                LOG.info(
                    "KEYLEDGER_SHARED_KEY: {} of the key {} of {}",
                    EventType.of(event.event()),
                    event.stream().id(),
                    OWNER));
        yield true;
      }
      case Outcome.Rejected rejected -> {
        LOG.warn("KEYLEDGER_SHARED_KEY: rejected: {}", rejected.detail());
        yield false;
      }
    };
  }

  private CommandContext context() {
    return policies.context(Workspaces.DEFAULT, null, Ceiling.NONE);
  }
}
