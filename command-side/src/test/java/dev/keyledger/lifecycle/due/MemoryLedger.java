package dev.keyledger.lifecycle.due;

import static java.util.Objects.requireNonNull;

import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordDueOfKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordedDue;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.log.KeySideRows.Reminded;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory with the rules of the real one: sequences and reminders are unique, a unit has a
 * thousand events, and a decision on an outdated key is repeated.
 */
final class MemoryLedger implements Ledger {
  /** The faults between the reading of keys and the append, and after it. */
  interface Fate {
    void beforeAppend();

    void afterAppend();
  }

  private record Recorded(KeyId keyId, KeyEvent.RemindsOfExpiry reminder) {}

  final List<LoggedEvent> log = new ArrayList<>();
  private final Map<KeyId, KeyView> keys = new HashMap<>();
  private final Map<KeyId, List<Reminded>> reminded = new HashMap<>();
  private final Set<Recorded> recorded = new HashSet<>();
  private final Workspaces workspaces;
  private final InstantSource clock;
  private final Fate fateOfSweeps;

  MemoryLedger(Workspaces workspaces, InstantSource clock, Fate fateOfSweeps) {
    this.workspaces = workspaces;
    this.clock = clock;
    this.fateOfSweeps = fateOfSweeps;
  }

  @Nullable KeyView key(KeyId keyId) {
    return keys.get(keyId);
  }

  void append(StreamId stream, long sequence, String workspace, LedgerEvent event, Actor actor) {
    Instant time = clock.instant();
    if (!log.isEmpty() && log.getLast().time().isAfter(time)) {
      time = log.getLast().time();
    }
    var logged =
        new LoggedEvent(
            log.size() + 1L,
            stream,
            sequence,
            workspace,
            time,
            actor,
            "r",
            event,
            EventContext.NONE);
    workspaces.apply(logged);
    if (event instanceof KeyEvent) {
      var keyId = new KeyId(stream.id());
      keys.put(keyId, KeyView.after(keys.get(keyId), logged));
      if (event instanceof KeyEvent.RemindsOfExpiry reminder) {
        if (!recorded.add(new Recorded(keyId, reminder))) {
          throw new AssertionError("recorded twice: " + reminder + " of " + keyId);
        }
        reminded
            .computeIfAbsent(keyId, _ -> new ArrayList<>())
            .add(new Reminded(reminder, logged.time()));
      }
    }
    log.add(logged);
  }

  @Override
  @SuppressWarnings("unchecked") // the command's type determines the type of its decision
  public <D extends CommandDecision> Result<D> execute(
      Supplier<Order<D>> orders, @Nullable RepeatableRequest request) {
    int before = log.size();
    Order<D> order = orders.get();
    CommandDecision decision;
    switch (order.command()) {
      case KeyCommand command -> decision = decided(command);
      case RecordDueOfKeys batch -> {
        decision = recordDue(batch);
        while (decision == null) {
          order = orders.get();
          before = log.size();
          decision = recordDue((RecordDueOfKeys) (Object) order.command());
        }
      }
      default -> throw new AssertionError(order.command());
    }
    return new Result<>(order, (D) decision, log.subList(before, log.size()));
  }

  private KeyDecision decided(KeyCommand command) {
    KeyView key = keys.get(command.keyId());
    KeyDecision decision = decision(key, command);
    if (decision.outcome() instanceof Outcome.Accepted accepted) {
      append(command, key, accepted, Actor.ROOT);
    }
    return decision;
  }

  private static KeyDecision decision(@Nullable KeyView key, KeyCommand command) {
    KeyState state = key == null ? new KeyState.NotIssued() : key.state();
    return new KeyDecision(KeyDecider.decide(state, command), key);
  }

  private void append(
      KeyCommand command, @Nullable KeyView key, Outcome.Accepted accepted, Actor actor) {
    long sequence = key == null ? 0 : key.sequence() + 1;
    for (LedgerEvent event : accepted.events()) {
      append(StreamId.of(command.keyId()), sequence++, command.context().workspace(), event, actor);
    }
  }

  /** Returns null if the keys changed meanwhile. */
  private @Nullable RecordedDue recordDue(RecordDueOfKeys batch) {
    var decided = new ArrayList<Map.Entry<RecordDue, KeyDecision>>();
    int room = KeyBatchCommand.KEYS_MAX;
    for (RecordDue command : batch.keys()) {
      KeyView key = keys.get(command.keyId());
      room -= ExaminedKey.eventsMaxOf(requireNonNull(key));
      if (room < 0) {
        break;
      }
      decided.add(
          Map.entry(
              command,
              decision(key, command.knowing(reminded.getOrDefault(key.keyId(), List.of()), null))));
    }
    fateOfSweeps.beforeAppend();
    for (var entry : decided) {
      KeyView read = requireNonNull(entry.getValue().before());
      if (requireNonNull(keys.get(read.keyId())).sequence() != read.sequence()) {
        return null;
      }
    }
    var lookedAt = new ArrayList<ExaminedKey>();
    for (var entry : decided) {
      KeyDecision decision = entry.getValue();
      if (decision.outcome() instanceof Outcome.Accepted accepted) {
        append(entry.getKey(), decision.before(), accepted, Actor.SYSTEM);
      }
      lookedAt.add(ExaminedKey.after(entry.getKey(), decision));
    }
    fateOfSweeps.afterAppend();
    return new RecordedDue(lookedAt, log.size());
  }
}
