package dev.keyledger.lifecycle.due;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordDueOfKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordedDue;
import dev.keyledger.log.CommandOrigin;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Records the due changes of all keys. The scheduler runs it every few seconds on one of the
 * command nodes. It is safe to run it late, twice at once, or not to the end: each key is decided
 * by its own state and records, and the log rejects a duplicate record.
 */
public final class DueSweep {
  /** The maximum number of keys of a batch. */
  public static final int KEYS_AT_ONCE = 500;

  private static final CommandOrigin ORIGIN =
      new CommandOrigin(Actor.SYSTEM, "sweep", EventContext.NONE);

  private final DueKeys dueKeys;
  private final Ledger ledger;
  private final Workspaces workspaces;
  private final InstantSource clock;

  public DueSweep(DueKeys dueKeys, Ledger ledger, Workspaces workspaces, InstantSource clock) {
    this.dueKeys = dueKeys;
    this.ledger = ledger;
    this.workspaces = workspaces;
    this.clock = clock;
  }

  /**
   * Applies the log and records due changes, until nothing is left of either. A key that other
   * commands keep changing waits for the next sweep, and so does one whose workspace this node does
   * not know yet.
   *
   * @param wanted false as soon as the sweep should end early
   * @return the number of recorded events
   * @throws dev.keyledger.log.StoreUnavailableException if the database cannot be reached, or this
   *     node's clock is wrong
   * @throws dev.keyledger.log.OutcomeUnknownException if it is unknown whether a batch is recorded
   */
  public int run(BooleanSupplier wanted) {
    var left = new HashSet<KeyId>();
    int recorded = 0;
    boolean more = true;
    while (more && wanted.getAsBoolean()) {
      boolean behind = dueKeys.catchUp();
      List<DueKey> due = dueKeys.due(clock.instant(), KEYS_AT_ONCE, left);
      recorded += record(known(due, left), left);
      more = behind || !due.isEmpty();
    }
    return recorded;
  }

  private List<DueKey> known(List<DueKey> due, Set<KeyId> left) {
    var known = new ArrayList<DueKey>(due.size());
    for (DueKey key : due) {
      if (workspaces.find(key.workspace()).isPresent()) {
        known.add(key);
      } else {
        left.add(key.keyId());
      }
    }
    return known;
  }

  /**
   * Records due changes. Halves a conflicting batch, until a key that other commands keep changing
   * is alone.
   */
  private int record(List<DueKey> keys, Set<KeyId> left) {
    if (keys.isEmpty()) {
      return 0;
    }
    try {
      Ledger.Result<RecordedDue> result =
          ledger.execute(() -> new Order<>(command(keys), ORIGIN), null);
      List<ExaminedKey> lookedAt = result.decision().keys();
      dueKeys.move(keys, lookedAt);
      if (lookedAt.isEmpty()) { // the log does not know them
        keys.forEach(key -> left.add(key.keyId()));
      }
      return result.appended().size();
    } catch (ContentionException _) {
      if (keys.size() == 1) {
        left.add(keys.getFirst().keyId());
        return 0;
      }
      int middle = keys.size() / 2;
      return record(keys.subList(0, middle), left)
          + record(keys.subList(middle, keys.size()), left);
    }
  }

  private RecordDueOfKeys command(List<DueKey> keys) {
    Instant now = clock.instant();
    return new RecordDueOfKeys(
        keys.stream()
            .map(key ->
                new RecordDue(
                    key.keyId(), contextOf(key.workspace(), now), key.dueAt(), Set.of(), null))
            .toList());
  }

  private CommandContext contextOf(String workspace, Instant now) {
    return CommandContext.of(workspaces.inForce(workspace).orElseThrow(), null, now, Ceiling.NONE);
  }
}
