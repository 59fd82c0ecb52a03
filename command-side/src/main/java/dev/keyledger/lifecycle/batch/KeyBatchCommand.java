package dev.keyledger.lifecycle.batch;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.Plan;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Validity;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyCommand.RenewKey;
import dev.keyledger.lifecycle.KeyCommand.ReportLeak;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.LedgerCommand;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.RotationProgress;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LogAppender;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command on many keys. All its events become durable together, or none. {@link
 * dev.keyledger.lifecycle.KeyDecider} decides each key as for a single command.
 */
public sealed interface KeyBatchCommand<D extends CommandDecision> extends LedgerCommand<D> {
  /**
   * The maximum number of keys in a batch: each adds one event, and a unit of the log is limited.
   */
  int KEYS_MAX = LogAppender.UNIT_EVENTS_MAX;

  /** The maximum number of leak reports in a batch: each adds at most two events. */
  int LEAKS_MAX = LogAppender.UNIT_EVENTS_MAX / 2;

  /**
   * Import keys. Each entry is independent: a rejected one does not affect the others. Of entries
   * with the same secret, the first valid one is imported.
   *
   * @param context the context of all entries
   * @param entries at most {@link #KEYS_MAX}
   */
  record ImportKeys(CommandContext context, List<Entry> entries)
      implements KeyBatchCommand<ImportDecision> {
    public ImportKeys {
      entries = List.copyOf(entries);
    }

    @Override
    public long workspacesKnown() {
      return context.workspacesKnown();
    }
  }

  /**
   * A key to import.
   *
   * @param digests all digests under which its secret may be known
   */
  record Entry(ImportKey command, Set<Digest> digests, CommandOrigin origin) {
    public Entry {
      digests = Set.copyOf(digests);
    }
  }

  /**
   * The decision about an import.
   *
   * @param outcomes the outcomes of the entries, in their order
   */
  record ImportDecision(List<Outcome> outcomes, long position) implements CommandDecision {
    public ImportDecision {
      outcomes = List.copyOf(outcomes);
    }
  }

  /**
   * Renew keys. Each key is independent: a rejected one does not affect the others.
   *
   * @param keyIds at most {@link #KEYS_MAX}, none twice
   * @param allowShorter whether the new expiry may be earlier
   * @param dryRun whether to decide only, and change nothing
   */
  record RenewKeys(
      CommandContext context,
      List<KeyId> keyIds,
      RequestedExpiry expiry,
      boolean allowShorter,
      boolean dryRun)
      implements KeyBatchCommand<RenewedKeys> {
    public RenewKeys {
      keyIds = List.copyOf(keyIds);
    }

    /** Returns the renewal of one key. */
    public RenewKey of(KeyId keyId) {
      return new RenewKey(keyId, context, expiry, allowShorter);
    }

    @Override
    public long workspacesKnown() {
      return context.workspacesKnown();
    }
  }

  /**
   * The decision about a batch of renewals.
   *
   * @param byId the renewals of the keys that exist in the workspace, by id
   */
  record RenewedKeys(Map<String, Renewal> byId, long position) implements CommandDecision {
    public RenewedKeys {
      byId = Map.copyOf(byId);
    }

    /** The renewal of one key. */
    public sealed interface Renewal {
      /** Returns the renewal that an outcome means for a key. */
      static Renewal of(KeyView before, Outcome outcome) {
        return switch (outcome) {
          case Outcome.Accepted accepted -> {
            KeyState.Issued state = before.state();
            for (LedgerEvent event : accepted.events()) {
              state = state.evolve((KeyEvent) event);
            }
            yield new Renewed(state.facts().validity());
          }
          case Outcome.Rejected rejected -> new Refused(rejected);
        };
      }
    }

    /** The key has this validity now, or would have it. */
    public record Renewed(Validity after) implements Renewal {}

    /** The key is as it was. */
    public record Refused(Outcome.Rejected why) implements Renewal {}
  }

  /** Revoke the keys that an owner has at the head of the log, at most {@link #KEYS_MAX}. */
  record RevokeOwnersKeys(Owner owner, RevocationReason reason, CommandContext context)
      implements KeyBatchCommand<RevokedKeys> {
    @Override
    public long workspacesKnown() {
      return context.workspacesKnown();
    }
  }

  /**
   * The keys of an owner that are revoked.
   *
   * @param keyIds in order; without those revoked before
   * @param more whether keys of the owner remain to be revoked: a batch has a limit
   */
  record RevokedKeys(List<KeyId> keyIds, boolean more, long position) implements CommandDecision {
    public RevokedKeys {
      keyIds = List.copyOf(keyIds);
    }
  }

  /**
   * Revoke a key and its descendants at the head of the log: the keys that its holder issued, those
   * that their holders issued, and so on. At most {@link #KEYS_MAX} keys, issuers first.
   */
  record RevokeDescent(RevokeKey first) implements KeyBatchCommand<RevokedDescent> {
    @Override
    public long workspacesKnown() {
      return first.workspacesKnown();
    }
  }

  /**
   * The decision about a key and its descendants.
   *
   * @param first the outcome for the key itself; if it is a rejection, nothing is revoked
   * @param keyIds the descendants that this batch revokes, without those revoked before
   * @param more whether descendants remain to be revoked: a batch has a limit
   */
  record RevokedDescent(KeyDecision first, List<KeyId> keyIds, boolean more, long position)
      implements CommandDecision {
    public RevokedDescent {
      keyIds = List.copyOf(keyIds);
    }

    @Override
    public Optional<Outcome.Rejected> rejected() {
      return first.rejected();
    }
  }

  /**
   * Record the due changes of keys, in the order of their ids, until the unit of the log is full.
   *
   * @param keys of any workspaces, each key once; their recorded changes are read again
   */
  record RecordDueOfKeys(List<RecordDue> keys) implements KeyBatchCommand<RecordedDue> {
    public RecordDueOfKeys {
      keys = List.copyOf(keys);
    }

    @Override
    public long workspacesKnown() {
      return keys.stream().mapToLong(RecordDue::workspacesKnown).min().orElse(ALL_WORKSPACES);
    }
  }

  /**
   * The decision about the due changes of keys.
   *
   * @param keys the examined keys; the others wait for the next batch
   */
  record RecordedDue(List<ExaminedKey> keys, long position) implements CommandDecision {
    public RecordedDue {
      keys = List.copyOf(keys);
    }
  }

  /**
   * A key whose due changes are all recorded.
   *
   * @param nextDueAt the time of the next reminder, if the key does not change; null: never
   * @param rotationDueAt the time of the next step of its rotation, if the key does not change;
   *     null: never
   * @param position the position of the key's last event that this takes into account
   */
  record ExaminedKey(
      KeyId keyId, @Nullable Instant nextDueAt, @Nullable Instant rotationDueAt, long position) {
    /** The start of an overlap and the completion of a rotation. */
    private static final int ROTATION_EVENTS_MAX = 2;

    /** Returns the most events that may be due of a key at once. */
    public static int eventsMaxOf(KeyView key) {
      int reminders = key.facts().validity().reminders().size() + 1;
      return reminders + ROTATION_EVENTS_MAX + (key.state().plan() == null ? 0 : 1);
    }

    /** Returns a key after the command, with the decision about it. */
    public static ExaminedKey after(RecordDue command, KeyDecision decision) {
      KeyView key = requireNonNull(decision.before(), "a key that is looked at exists");
      if (!(decision.outcome() instanceof Outcome.Accepted accepted)) {
        return new ExaminedKey(key.keyId(), null, null, key.position());
      }
      Instant now = command.context().now();
      KeyState.Issued after = key.state();
      for (LedgerEvent event : accepted.events()) {
        after = after.evolve((KeyEvent) event);
      }
      return new ExaminedKey(
          key.keyId(),
          nextDueAfter(now, after),
          after.at(now) instanceof KeyState.Revoked
              ? null
              : new RotationProgress(after.facts().secrets(), command.lastUse()).nextDue(),
          key.position());
    }

    /** Returns the time of the next reminder or of the effect of a plan; null: never. */
    private static @Nullable Instant nextDueAfter(Instant now, KeyState.Issued key) {
      Instant reminder = key.remindedOf().nextDueAfter(now);
      Plan plan = key.plan();
      if (plan == null) {
        return reminder;
      }
      Instant effect = plan.effectiveAt().plus(KeyDecider.PLAN_RECORDED_AFTER);
      return reminder == null || effect.isBefore(reminder) ? effect : reminder;
    }
  }

  /**
   * Record leaks of secrets, one after the other.
   *
   * @param reports at most {@link #LEAKS_MAX}, of any workspaces
   */
  record ReportLeaks(List<ReportLeak> reports) implements KeyBatchCommand<LeaksReported> {
    public ReportLeaks {
      reports = List.copyOf(reports);
    }

    @Override
    public long workspacesKnown() {
      return ALL_WORKSPACES;
    }
  }

  /**
   * The decision about reports of leaks.
   *
   * @param reports the number of recorded reports
   */
  record LeaksReported(int reports, long position) implements CommandDecision {}
}
