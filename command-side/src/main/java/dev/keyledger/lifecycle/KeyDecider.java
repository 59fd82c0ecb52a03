package dev.keyledger.lifecycle;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.Plan;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.KeyCommand.AmendKey;
import dev.keyledger.lifecycle.KeyCommand.BeginKey;
import dev.keyledger.lifecycle.KeyCommand.CancelPlan;
import dev.keyledger.lifecycle.KeyCommand.ChangeKey;
import dev.keyledger.lifecycle.KeyCommand.ChangePermissions;
import dev.keyledger.lifecycle.KeyCommand.DescribeKey;
import dev.keyledger.lifecycle.KeyCommand.EndKey;
import dev.keyledger.lifecycle.KeyCommand.GiveUpSecret;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyCommand.PlanRevocation;
import dev.keyledger.lifecycle.KeyCommand.PlanSuspension;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyCommand.RenewKey;
import dev.keyledger.lifecycle.KeyCommand.ReportLeak;
import dev.keyledger.lifecycle.KeyCommand.RestrictKey;
import dev.keyledger.lifecycle.KeyCommand.ResumeKey;
import dev.keyledger.lifecycle.KeyCommand.RetireSecret;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyCommand.RotateKey;
import dev.keyledger.lifecycle.KeyCommand.SuspendKey;
import dev.keyledger.lifecycle.KeyCommand.TransferKey;
import dev.keyledger.lifecycle.Outcome.Accepted;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides commands from the key's state and the command alone.
 *
 * <p>Every decision checks in the contract's order: the key exists, it has the expected version,
 * the fields are within limits and policy, the caller's ceiling covers the key before and after the
 * command, the state allows it, the fields fit the state.
 */
public final class KeyDecider {
  /** The shortest life that a command can ask for. */
  public static final Duration LIFETIME_MIN = Duration.ofSeconds(1);

  /** The longest lifetime that a command can ask for, whatever the policy: ten years. */
  public static final Duration LIFETIME_MAX = Duration.ofDays(3650);

  /**
   * The maximum number of events of a key, without those that end it or its secrets, so that
   * reading a key stays bounded.
   */
  public static final long EVENTS_MAX = 10_000;

  /**
   * The delay after which the effect of a plan is recorded. By then the time has come by
   * PostgreSQL's clock too, however far the node's own clock is ahead. So the log never has an
   * effect earlier than the plan, and no check sees it earlier.
   */
  public static final Duration PLAN_RECORDED_AFTER = Duration.ofSeconds(1);

  /** The longest overlap. */
  public static final Duration OVERLAP_MAX = Duration.ofDays(366);

  private static final Permission MAY_REVOKE = new Permission("keyledger:keys:revoke");
  private static final Permission MAY_SUSPEND = new Permission("keyledger:keys:suspend");

  private KeyDecider() {}

  /**
   * Decides a command.
   *
   * @param state the key's state, folded from its events by {@link KeyState#evolve}
   */
  public static Outcome decide(KeyState state, KeyCommand command) {
    Outcome outcome = decideAsIfOpen(state, command);
    return switch (command) {
      case EndKey _ -> outcome;
      case BeginKey _, AmendKey _, RecordDue _ ->
          command.context().closed() ? refusedWhereClosed(outcome) : outcome;
    };
  }

  /**
   * Returns the outcome in a closed workspace. A rejection of the request itself has precedence.
   */
  private static Outcome refusedWhereClosed(Outcome outcome) {
    return switch (outcome) {
      case Accepted _ -> Rejected.WORKSPACE_CLOSED;
      case Rejected rejected ->
          switch (rejected.reason().ground()) {
            case REQUEST -> rejected;
            case STATE, FIELD_IN_STATE -> Rejected.WORKSPACE_CLOSED;
          };
    };
  }

  private static Outcome decideAsIfOpen(KeyState state, KeyCommand command) {
    return switch (state) {
      case KeyState.NotIssued _ -> begin(command);
      case KeyState.Issued key -> versionMismatch(key, command).orElseGet(() -> on(key, command));
    };
  }

  private static Outcome begin(KeyCommand command) {
    return switch (command) {
      case IssueKey issue -> issue(issue);
      case ImportKey imported -> importKey(imported);
      case ChangeKey _ -> new Rejected(Reason.NOT_FOUND, "There is no such key in this workspace.");
    };
  }

  /**
   * @param recorded the key by its events; at the time of the command, a plan may have changed it
   */
  private static Outcome on(KeyState.Issued recorded, KeyCommand command) {
    Instant now = command.context().now();
    KeyState.Issued key = recorded.at(now);
    return switch (command) {
      case BeginKey _ -> new Rejected(Reason.CONFLICT, "The key id is taken.");
      case AmendKey amend -> withinHistory(key, amend(key, unrecorded(recorded, now), amend));
      case RevokeKey revoke -> revoke(key, revoke);
      case ReportLeak leak -> reportLeak(key, leak);
      case GiveUpSecret giveUp -> giveUp(key, giveUp);
      case RecordDue due -> recordDue(recorded, due);
    };
  }

  /**
   * @param unrecorded the unrecorded effect of a plan, which must precede any further event
   */
  private static Outcome amend(KeyState.Issued key, List<KeyEvent> unrecorded, AmendKey command) {
    return switch (command) {
      case RenewKey renew -> renew(key, renew);
      case RotateKey rotate -> rotate(key, rotate);
      case RetireSecret retire -> retireSecret(key, retire);
      case SuspendKey suspend -> suspend(key, suspend);
      case PlanSuspension plan -> planSuspension(key, plan);
      case ResumeKey resume -> resume(key, unrecorded, resume);
      case PlanRevocation plan -> planRevocation(key, unrecorded, plan);
      case CancelPlan cancel -> cancelPlan(key, cancel);
      case ChangePermissions change -> changePermissions(key, change);
      case RestrictKey restrict -> restrict(key, restrict);
      case DescribeKey describe -> describe(key, describe);
      case TransferKey transfer -> transfer(key, transfer);
    };
  }

  private static Outcome issue(IssueKey command) {
    KeySpecification key = command.key();
    CommandContext context = command.context();
    return begin(
        key,
        validityOf(key.expiry(), key.notBefore(), context),
        context,
        true,
        validity ->
            new KeyIssued(
                key.name().value(),
                key.owner(),
                key.environment(),
                command.secret(),
                sorted(key.permissions()),
                validity.notBefore(),
                validity.expiresAt(),
                validity.renewableUntil(),
                validity.reminders(),
                key.ipAllowList().toCanonical(),
                key.metadata().entries()));
  }

  private static Outcome importKey(ImportKey command) {
    KeySpecification key = command.key();
    ImportKey.Past past = command.past();
    CommandContext context = command.context();
    return begin(
        key,
        validityOfImport(key, context),
        context,
        command.counts(),
        validity ->
            new KeyImported(
                key.name().value(),
                key.owner(),
                key.environment(),
                command.secret(),
                sorted(key.permissions()),
                validity.notBefore(),
                validity.expiresAt(),
                validity.renewableUntil(),
                validity.reminders(),
                key.ipAllowList().toCanonical(),
                key.metadata().entries(),
                past.createdAt(),
                past.revokedAt(),
                past.revocationReason()));
  }

  private interface Beginning {
    KeyEvent with(Validity validity);
  }

  /**
   * @param counts whether the quota counts the key
   */
  private static Outcome begin(
      KeySpecification key,
      Resolution resolution,
      CommandContext context,
      boolean counts,
      Beginning beginning) {
    return switch (resolution) {
      case Refused refused -> refused.rejected();
      case Granted(Validity validity) ->
          neverActive(validity, Reason.LIFETIME_NOT_ALLOWED)
              .or(() -> permissionNotAllowed(key.permissions(), context.policy()))
              .or(() ->
                  aboveCeiling(
                      new Power(key.permissions(), validity.expiresAt(), key.ipAllowList()),
                      context))
              .or(() -> counts ? quotaExceeded(context) : Optional.empty())
              .orElseGet(() -> Accepted.of(beginning.with(validity)));
    };
  }

  private static Outcome renew(KeyState.Issued key, RenewKey command) {
    CommandContext context = command.context();
    Validity before = key.facts().validity();
    return switch (validityOf(command.expiry(), before.notBefore(), context)) {
      case Refused refused -> refused.rejected();
      case Granted(Validity after) ->
          aboveCeiling(key, Power.of(key).until(after.expiresAt()), context)
              .or(() -> revoked(key))
              .or(() -> renewalWindowClosed(before, context))
              .or(() -> neverActive(after, Reason.NEVER_ACTIVE))
              .or(() -> wouldShorten(before, after, command))
              .orElseGet(() -> new Accepted(renewal(before, after)));
    };
  }

  private static Outcome rotate(KeyState.Issued key, RotateKey command) {
    CommandContext context = command.context();
    Duration overlap =
        command.overlap() == null ? context.policy().defaultOverlap() : command.overlap();
    Validity before = key.facts().validity();
    RequestedExpiry expiry = command.expiry();
    Resolution resolution =
        expiry == null ? new Granted(before) : validityOf(expiry, before.notBefore(), context);
    return overlapTooLong(overlap)
        .orElseGet(() ->
            switch (resolution) {
              case Refused refused -> refused.rejected();
              case Granted(Validity after) ->
                  aboveCeiling(key, Power.of(key).until(after.expiresAt()), context)
                      .or(() -> revoked(key))
                      .or(() ->
                          expiry == null
                              ? expired(key, context)
                              : renewalWindowClosed(before, context))
                      .or(() -> rotationInProgress(key, command))
                      .or(() -> neverActive(after, Reason.NEVER_ACTIVE))
                      .orElseGet(() -> new Accepted(rotation(key, command, overlap, after)));
            });
  }

  /**
   * Returns the events of a rotation. Ends the old secret before the key's expiry moves, so that it
   * never comes back to life.
   */
  private static List<KeyEvent> rotation(
      KeyState.Issued key, RotateKey command, Duration overlap, Validity after) {
    CommandContext context = command.context();
    Validity before = key.facts().validity();
    Instant start = context.now().truncatedTo(ChronoUnit.MILLIS);
    Instant dead = before.isExpiredAt(context.now()) ? before.expiresAt() : null;
    boolean waits = command.fromFirstUse() && dead == null;
    Secrets secrets = key.facts().secrets();
    var events = new ArrayList<KeyEvent>(closedOverlap(key, context));
    if (secrets.rotationQuiet() != null) { // otherwise it would never be recorded
      events.add(new RotationProgress(secrets, command.lastUse()).completed());
    }
    events.add(
        new KeyRotated(
            key.facts().secrets().generation() + 1,
            command.secret(),
            dead == null
                ? start.plus(waits ? RotationProgress.FIRST_USE_WAIT_MAX.plus(overlap) : overlap)
                : dead,
            waits ? overlap : null,
            context.policy().quietOfRotations()));
    events.addAll(renewal(before, after));
    return events;
  }

  /** Returns the event of another expiry; nothing if it is the same. */
  private static List<KeyEvent> renewal(Validity before, Validity after) {
    return Objects.equals(before.expiresAt(), after.expiresAt())
        ? List.of()
        : List.of(new KeyRenewed(after.expiresAt(), after.renewableUntil(), after.reminders()));
  }

  private static Outcome retireSecret(KeyState.Issued key, RetireSecret command) {
    return revoked(key)
        .or(() -> expired(key, command.context()))
        .orElseGet(() -> new Accepted(closedOverlap(key, command.context())));
  }

  private static Outcome suspend(KeyState.Issued key, SuspendKey command) {
    return revoked(key)
        .or(() -> expired(key, command.context()))
        .orElseGet(() ->
            key instanceof KeyState.Suspended ? Accepted.of() : Accepted.of(new KeySuspended()));
  }

  private static Outcome planSuspension(KeyState.Issued key, PlanSuspension command) {
    return notInFuture(command.effectiveAt(), command.context())
        .or(() -> revoked(key))
        .or(() -> expired(key, command.context()))
        .or(() -> planned(key))
        .or(() -> suspended(key))
        .orElseGet(() -> Accepted.of(new SuspensionPlanned(command.effectiveAt())));
  }

  private static Outcome resume(KeyState.Issued key, List<KeyEvent> unrecorded, ResumeKey command) {
    return aboveCeiling(key, command.context())
        .or(() -> revoked(key))
        .or(() -> expired(key, command.context()))
        .or(() -> notSuspended(key))
        .orElseGet(() -> new Accepted(with(unrecorded, new KeyResumed())));
  }

  private static Outcome revoke(KeyState.Issued key, RevokeKey command) {
    return key instanceof KeyState.Revoked
        ? Accepted.of()
        : Accepted.of(new KeyRevoked(command.reason()));
  }

  /** Plans a revocation. Like a revocation, adds no event to a revoked key. */
  private static Outcome planRevocation(
      KeyState.Issued key, List<KeyEvent> unrecorded, PlanRevocation command) {
    return notInFuture(command.effectiveAt(), command.context())
        .or(() -> planned(key))
        .orElseGet(() ->
            key instanceof KeyState.Revoked
                ? Accepted.of()
                : new Accepted(
                    with(
                        unrecorded,
                        new RevocationPlanned(command.effectiveAt(), command.reason()))));
  }

  /**
   * Cancels a plan; of an expired key too, because one can be made for it. A rejection does not
   * name the missing permission: that would reveal the plan.
   */
  private static Outcome cancelPlan(KeyState.Issued key, CancelPlan command) {
    CommandContext context = command.context();
    Plan plan = key.plan();
    return rejectIf(
            plan != null && !context.ceiling().covers(plan.revokes() ? MAY_REVOKE : MAY_SUSPEND),
            Reason.FORBIDDEN,
            "This needs the permission with which the plan was made.")
        .or(() -> aboveCeiling(key, context))
        .or(() -> revoked(key))
        .orElseGet(() -> plan == null ? Accepted.of() : Accepted.of(new PlanCancelled()));
  }

  /**
   * Records a leak. Never rejects, like a revocation. A second report of the same secret has no
   * effect, nor has one that would end nothing once the history is full.
   */
  private static Outcome reportLeak(KeyState.Issued key, ReportLeak command) {
    List<KeyEvent> end =
        endOf(command.generation(), key, command.context(), RevocationReason.LEAKED);
    boolean isNews = !key.facts().secrets().leaked().contains(command.generation());
    var events = new ArrayList<KeyEvent>();
    if (isNews && (hasRoom(key, 1) || !end.isEmpty())) {
      events.add(new LeakReported(command.generation()));
    }
    events.addAll(end);
    return new Accepted(events);
  }

  private static Outcome giveUp(KeyState.Issued key, GiveUpSecret command) {
    return new Accepted(endOf(command.generation(), key, command.context(), command.reason()));
  }

  /**
   * Records due changes. A key that is revoked, or will be before it expires, needs no reminders.
   */
  private static Outcome recordDue(KeyState.Issued recorded, RecordDue command) {
    Instant now = command.context().now();
    var events = new ArrayList<KeyEvent>();
    recorded.remindedOf().remindersDue(command.from(), now).stream()
        .filter(reminder -> !command.recorded().contains(reminder))
        .forEach(events::add);
    if (!(recorded.at(now) instanceof KeyState.Revoked)) {
      events.addAll(new RotationProgress(recorded.facts().secrets(), command.lastUse()).due(now));
    }
    events.addAll(unrecorded(recorded, now.minus(PLAN_RECORDED_AFTER)));
    return new Accepted(events);
  }

  /** Returns the event for the effect of a plan; empty if the plan has had none. */
  private static List<KeyEvent> unrecorded(KeyState.Issued recorded, Instant now) {
    Plan plan = recorded.plan();
    return plan == null || !plan.isInEffectAt(now) ? List.of() : List.of(plan.effect());
  }

  private static Outcome changePermissions(KeyState.Issued key, ChangePermissions command) {
    CommandContext context = command.context();
    SortedSet<String> before = new TreeSet<>(key.facts().permissions());
    SortedSet<String> after = new TreeSet<>(sorted(command.permissions()));
    return permissionNotAllowed(command.permissions(), context.policy())
        .or(() -> aboveCeiling(key, Power.of(key).holding(command.permissions()), context))
        .or(() -> revoked(key))
        .or(() -> expired(key, context))
        .orElseGet(() ->
            before.equals(after)
                ? Accepted.of()
                : Accepted.of(
                    new PermissionsChanged(without(after, before), without(before, after))));
  }

  private static Outcome restrict(KeyState.Issued key, RestrictKey command) {
    CommandContext context = command.context();
    IpAllowList after = command.ipAllowList();
    return aboveCeiling(key, Power.of(key).from(after), context)
        .or(() -> revoked(key))
        .or(() -> expired(key, context))
        .orElseGet(() ->
            key.facts().ipAllowList().equals(after.toCanonical())
                ? Accepted.of()
                : Accepted.of(new RestrictionsChanged(after.toCanonical())));
  }

  private static Outcome describe(KeyState.Issued key, DescribeKey command) {
    KeyFacts facts = key.facts();
    String name = command.name() == null ? facts.name() : command.name().value();
    Map<String, String> metadata =
        command.metadata() == null ? facts.metadata() : command.metadata().entries();
    return aboveCeiling(key, command.context())
        .or(() -> revoked(key))
        .orElseGet(() ->
            name.equals(facts.name()) && metadata.equals(facts.metadata())
                ? Accepted.of()
                : Accepted.of(new KeyDescribed(name, metadata)));
  }

  private static Outcome transfer(KeyState.Issued key, TransferKey command) {
    return aboveCeiling(key, command.context())
        .or(() -> revoked(key))
        .orElseGet(() ->
            command.owner().equals(key.facts().owner())
                ? Accepted.of()
                : Accepted.of(new KeyTransferred(command.owner())));
  }

  // The rules.

  private static Optional<Outcome> versionMismatch(KeyState.Issued key, KeyCommand command) {
    var expected = command.context().expectedVersions();
    return expected != null && !expected.contains(key.facts().version())
        ? Optional.of(Rejected.versionMismatch("key", expected))
        : Optional.empty();
  }

  /**
   * Rejects a command if the history has no room, which has precedence over a field that does not
   * fit the state.
   */
  private static Outcome withinHistory(KeyState.Issued key, Outcome outcome) {
    int events =
        switch (outcome) {
          case Accepted accepted -> countedOf(accepted);
          case Rejected rejected ->
              switch (rejected.reason().ground()) {
                case FIELD_IN_STATE -> 1;
                case REQUEST, STATE -> 0;
              };
        };
    return hasRoom(key, events)
        ? outcome
        : new Rejected(
            Reason.HISTORY_FULL,
            "The key has as many events as a key may have; it can only be revoked.");
  }

  /** Returns the number of events that count, which excludes those of timers. */
  private static int countedOf(Accepted accepted) {
    return (int)
        accepted.events().stream()
            .filter(event -> event instanceof KeyEvent e && e.movesVersion())
            .count();
  }

  private static boolean hasRoom(KeyState.Issued key, int events) {
    return events == 0 || key.facts().version() + events <= EVENTS_MAX;
  }

  private static Optional<Outcome> permissionNotAllowed(
      Collection<Permission> permissions, WorkspacePolicy policy) {
    List<String> allowed = policy.allowedPermissions();
    if (allowed == null) {
      return Optional.empty();
    }
    List<Permission> patterns = allowed.stream().map(Permission::new).toList();
    return rejectIf(
        !permissions.stream()
            .allMatch(permission -> patterns.stream().anyMatch(p -> p.covers(permission))),
        Reason.PERMISSION_NOT_ALLOWED,
        "The workspace's policy does not list all of these permissions.");
  }

  private static Optional<Outcome> quotaExceeded(CommandContext context) {
    return rejectIf(
        context.keys() >= context.policy().maxKeys(),
        Reason.QUOTA_EXCEEDED,
        "The workspace holds as many keys as its policy allows; revoke some, or raise maxKeys.");
  }

  /** Rejects a command that does not change the power of a key, if the caller does not cover it. */
  private static Optional<Outcome> aboveCeiling(KeyState.Issued key, CommandContext context) {
    return aboveCeiling(Power.of(key), context);
  }

  /**
   * Rejects a command that changes the power of a key. The caller must cover the power before it
   * too: otherwise a caller could weaken a stronger key and then take it over.
   */
  private static Optional<Outcome> aboveCeiling(
      KeyState.Issued key, Power after, CommandContext context) {
    return aboveCeiling(key, context).or(() -> aboveCeiling(after, context));
  }

  private static Optional<Outcome> aboveCeiling(Power power, CommandContext context) {
    Ceiling ceiling = context.ceiling();
    List<Permission> uncovered = ceiling.uncovered(power.permissions());
    return rejectIf(
            !uncovered.isEmpty(),
            Reason.PERMISSION_CEILING,
            "The caller may not grant: "
                + uncovered.stream().map(Permission::value).collect(Collectors.joining(", ")))
        .or(() ->
            rejectIf(
                power.isOperators() && !ceiling.coversOperator(power.end(), power.places()),
                Reason.PERMISSION_CEILING,
                "An operator's key lives no longer than the caller's, and is good nowhere else."));
  }

  private static Optional<Outcome> wouldShorten(Validity before, Validity after, RenewKey command) {
    return rejectIf(
        !command.allowShorter() && isEarlier(after.expiresAt(), before.expiresAt()),
        Reason.EXPIRY_WOULD_SHORTEN,
        "The key lives longer than that already; allowShorter would shorten its life.");
  }

  /**
   * @param reason the reason of the rejection: the field may contradict another one, or the key
   */
  private static Optional<Outcome> neverActive(Validity validity, Reason reason) {
    Instant notBefore = validity.notBefore();
    Instant expiresAt = validity.expiresAt();
    return rejectIf(
        notBefore != null && expiresAt != null && !notBefore.isBefore(expiresAt),
        reason,
        "The key would expire before it becomes active.");
  }

  private static Optional<Outcome> overlapTooLong(Duration overlap) {
    return rejectIf(
        overlap.compareTo(OVERLAP_MAX) > 0,
        Reason.INVALID_FIELD,
        "overlap must be PT0S to P" + OVERLAP_MAX.toDays() + "D");
  }

  private static Optional<Outcome> revoked(KeyState.Issued key) {
    return rejectIf(
        key instanceof KeyState.Revoked,
        Reason.KEY_REVOKED,
        "A revoked key stays revoked; issue another one.");
  }

  private static Optional<Outcome> planned(KeyState.Issued key) {
    return rejectIf(
        key.plan() != null,
        Reason.CONFLICT,
        "A revocation or suspension of the key is planned already; cancel that plan first.");
  }

  private static Optional<Outcome> suspended(KeyState.Issued key) {
    return rejectIf(
        key instanceof KeyState.Suspended,
        Reason.CONFLICT,
        "The key is suspended already, so no suspension can be planned; resume it first.");
  }

  private static Optional<Outcome> notInFuture(Instant effectiveAt, CommandContext context) {
    return rejectIf(
        !effectiveAt.isAfter(context.now()),
        Reason.INVALID_FIELD,
        "effectiveAt must be in the future");
  }

  private static Optional<Outcome> expired(KeyState.Issued key, CommandContext context) {
    return rejectIf(
        key.facts().validity().isExpiredAt(context.now()),
        Reason.KEY_EXPIRED,
        "The key has expired; renew it first, or rotate it with a new expiry.");
  }

  private static Optional<Outcome> renewalWindowClosed(Validity validity, CommandContext context) {
    return rejectIf(
        !validity.isRenewableAt(context.now()),
        Reason.RENEWAL_WINDOW_CLOSED,
        "The key expired too long ago; issue another one.");
  }

  private static Optional<Outcome> rotationInProgress(KeyState.Issued key, RotateKey command) {
    boolean open = key.facts().secrets().previousAliveAt(command.context().now()) != null;
    return rejectIf(
        open && !command.closeOverlap(),
        Reason.ROTATION_IN_PROGRESS,
        "The secret before the present one is still alive; closeOverlap would end it.");
  }

  private static Optional<Outcome> notSuspended(KeyState.Issued key) {
    return rejectIf(
        key instanceof KeyState.Active, Reason.KEY_NOT_SUSPENDED, "There is nothing to resume.");
  }

  private static Optional<Outcome> rejectIf(boolean broken, Reason reason, String detail) {
    return broken ? Optional.of(new Rejected(reason, detail)) : Optional.empty();
  }

  // The validity that a command asks for.

  private sealed interface Resolution {}

  private record Granted(Validity validity) implements Resolution {}

  private record Refused(Rejected rejected) implements Resolution {}

  private static Resolution validityOf(
      RequestedExpiry requested, @Nullable Instant notBefore, CommandContext context) {
    WorkspacePolicy policy = context.policy();
    Instant now = context.now().truncatedTo(ChronoUnit.MILLIS);
    return switch (requested) {
      case RequestedExpiry.ByPolicy _ ->
          granted(now.plus(policy.defaultLifetime()), notBefore, context);
      case RequestedExpiry.Never _ ->
          policy.allowNoExpiry()
              ? granted(null, notBefore, context)
              : refused("The workspace's policy wants every key to expire.");
      case RequestedExpiry.After(Duration lifetime) ->
          isLifetimeAllowed(lifetime, policy)
              ? granted(now.plus(lifetime), notBefore, context)
              : lifetimeRefused(lifetime.isZero() ? "The lifetime is zero. " : "", policy);
      case RequestedExpiry.At(Instant end) ->
          isLifetimeAllowed(Duration.between(now, end), policy)
              ? granted(end, notBefore, context)
              : lifetimeRefused(end.isAfter(now) ? "" : "expiresAt is in the past. ", policy);
    };
  }

  /** Returns the validity of an imported key, which may have expired elsewhere. */
  private static Resolution validityOfImport(KeySpecification key, CommandContext context) {
    return key.expiry() instanceof RequestedExpiry.At(Instant end) && !end.isAfter(context.now())
        ? granted(end, key.notBefore(), context)
        : validityOf(key.expiry(), key.notBefore(), context);
  }

  private static boolean isLifetimeAllowed(Duration lifetime, WorkspacePolicy policy) {
    return lifetime.compareTo(LIFETIME_MIN) >= 0
        && lifetime.compareTo(LIFETIME_MAX) <= 0
        && lifetime.compareTo(policy.maxLifetime()) <= 0;
  }

  /** Returns the granted lifetime. Reminders that would have been due before now do not count. */
  private static Granted granted(
      @Nullable Instant expiresAt, @Nullable Instant notBefore, CommandContext context) {
    WorkspacePolicy policy = context.policy();
    return new Granted(
        expiresAt == null
            ? new Validity(notBefore, null, null, List.of())
            : new Validity(
                notBefore,
                expiresAt,
                expiresAt.plus(policy.renewalWindow()),
                policy.reminders().stream()
                    .filter(reminder -> expiresAt.minus(reminder).isAfter(context.now()))
                    .toList()));
  }

  private static Resolution lifetimeRefused(String cause, WorkspacePolicy policy) {
    Duration longest = policy.maxLifetime();
    return refused(
        "%sA key may live from one second to %s from now in this workspace."
            .formatted(cause, longest.toDays() > 0 ? longest.toDays() + " days" : longest));
  }

  private static Resolution refused(String detail) {
    return new Refused(new Rejected(Reason.LIFETIME_NOT_ALLOWED, detail));
  }

  // Helpers of the rules.

  /**
   * Returns the events that put a secret out of use; none if it is so already. An expired key
   * counts as living, because a renewal would bring its secret back.
   */
  private static List<KeyEvent> endOf(
      int generation, KeyState.Issued key, CommandContext context, RevocationReason reason) {
    if (key instanceof KeyState.Revoked) {
      return List.of();
    }
    int current = key.facts().secrets().generation();
    if (generation == current) {
      return List.of(new KeyRevoked(reason));
    }
    return generation == current - 1 ? closedOverlap(key, context) : List.of();
  }

  private static List<KeyEvent> with(List<KeyEvent> before, KeyEvent event) {
    var events = new ArrayList<>(before);
    events.add(event);
    return events;
  }

  private static List<KeyEvent> closedOverlap(KeyState.Issued key, CommandContext context) {
    Secrets secrets = key.facts().secrets();
    return secrets.previousAliveAt(context.now()) == null
        ? List.of()
        : List.of(new SecretRetired(secrets.generation() - 1));
  }

  /**
   * The reach of a key, which a ceiling limits: its permissions, its end, and its addresses.
   *
   * @param end exclusive; null: never
   */
  private record Power(
      Collection<Permission> permissions, @Nullable Instant end, IpAllowList places) {
    static Power of(KeyState.Issued key) {
      KeyFacts facts = key.facts();
      return new Power(
          facts.permissions().stream().map(Permission::new).toList(),
          facts.validity().expiresAt(),
          IpAllowList.parse(facts.ipAllowList()));
    }

    Power holding(Collection<Permission> others) {
      return new Power(others, end, places);
    }

    Power until(@Nullable Instant other) {
      return new Power(permissions, other, places);
    }

    Power from(IpAllowList others) {
      return new Power(permissions, end, others);
    }

    boolean isOperators() {
      return permissions.stream().anyMatch(Permission::isOperators);
    }
  }

  private static boolean isEarlier(@Nullable Instant end, @Nullable Instant otherEnd) {
    return end != null && (otherEnd == null || end.isBefore(otherEnd));
  }

  private static List<String> sorted(Collection<Permission> permissions) {
    return permissions.stream().map(Permission::value).distinct().sorted().toList();
  }

  private static List<String> without(SortedSet<String> all, SortedSet<String> some) {
    return all.stream().filter(permission -> !some.contains(permission)).toList();
  }
}
