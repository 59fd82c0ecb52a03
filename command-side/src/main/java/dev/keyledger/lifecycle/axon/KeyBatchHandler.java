package dev.keyledger.lifecycle.axon;

import static java.util.Comparator.comparing;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StreamId;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyCommand.ReportLeak;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.ImportDecider;
import dev.keyledger.lifecycle.batch.KeyBatchCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.Entry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportDecision;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LeaksReported;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordDueOfKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RecordedDue;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewedKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ReportLeaks;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeDescent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeOwnersKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedDescent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedKeys;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.KeySideRows.Reminded;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.axon.AppendUnit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventhandling.EventBus;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.MetaDataValue;
import org.axonframework.modelling.command.Aggregate;
import org.axonframework.modelling.command.Repository;
import org.jspecify.annotations.Nullable;

/** Handles the commands on many keys, each command in one unit of work. Thread-safe. */
final class KeyBatchHandler {
  private final Repository<KeyAggregate> keys;
  private final EventBus events;
  private final LogReader log;
  private final KeySideRows sideRows;
  private final LastUseTable lastUses;

  KeyBatchHandler(
      Repository<KeyAggregate> keys,
      EventBus events,
      LogReader log,
      KeySideRows sideRows,
      LastUseTable lastUses) {
    this.keys = keys;
    this.events = events;
    this.log = log;
    this.sideRows = sideRows;
    this.lastUses = lastUses;
  }

  /**
   * Imports keys. A new key has no state to load, and its id is unknown to others: it needs no
   * aggregate.
   */
  @CommandHandler
  ImportDecision handle(ImportKeys batch) {
    Set<Digest> digests =
        batch.entries().stream()
            .flatMap(entry -> entry.digests().stream())
            .collect(Collectors.toUnmodifiableSet());
    String workspace = batch.context().workspace();
    List<Outcome> outcomes =
        ImportDecider.decide(batch.entries(), sideRows.known(workspace, digests));
    var first = new ArrayList<EventMessage<?>>();
    var metaData = new HashMap<CommandOrigin, MetaData>(); // most entries have the same
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Accepted accepted) {
        Entry entry = batch.entries().get(i);
        first.add(
            new GenericDomainEventMessage<>(
                StreamId.Kind.KEY.toString(),
                entry.command().keyId().value(),
                0,
                accepted.events().getFirst(),
                metaData.computeIfAbsent(
                    entry.origin(), origin -> AppendUnit.eventMetaData(workspace, origin))));
      }
    }
    events.publish(first);
    return new ImportDecision(outcomes, first.isEmpty() ? head() : 0);
  }

  @CommandHandler
  RenewedKeys handle(RenewKeys batch, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    long head = head();
    String workspace = batch.context().workspace();
    Map<KeyId, KeyView> read = new HashMap<>(log.keys(batch.keyIds()));
    read.values().removeIf(key -> !key.workspace().equals(workspace));
    var renewals = new HashMap<String, RenewedKeys.Renewal>();
    if (batch.dryRun()) {
      read.forEach((keyId, key) -> {
        Outcome outcome = KeyDecider.decide(key.state(), batch.of(keyId));
        renewals.put(keyId.value(), RenewedKeys.Renewal.of(key, outcome));
      });
    } else {
      load(read, unit)
          .forEach((keyId, key) -> {
            KeyDecision decision = key.invoke(root -> root.handle(batch.of(keyId), unit));
            renewals.put(
                keyId.value(),
                RenewedKeys.Renewal.of(requireNonNull(decision.before()), decision.outcome()));
          });
    }
    return new RenewedKeys(renewals, head);
  }

  @CommandHandler
  RevokedKeys handle(RevokeOwnersKeys batch, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    // Read first, so that no key at or before this position can be missed below.
    long head = head();
    Owned owned = keysOf(batch.context(), batch.owner());
    SortedMap<KeyId, Aggregate<KeyAggregate>> loaded = load(owned.keys, unit);
    loaded.forEach((keyId, key) -> {
      var command = new RevokeKey(keyId, batch.context(), batch.reason());
      key.execute(root -> root.handle(command, unit));
    });
    return new RevokedKeys(List.copyOf(loaded.keySet()), owned.more, head);
  }

  /**
   * The keys of an owner that are not revoked.
   *
   * @param keys at most as many as a batch may have
   * @param more whether there are more
   */
  private record Owned(Map<KeyId, KeyView> keys, boolean more) {}

  /**
   * Returns keys of an owner. Reads at most one key more than a batch, and keeps no more in memory.
   * Skips only keys that changed since the page was read, or whose planned revocation is not
   * recorded yet.
   */
  private Owned keysOf(CommandContext context, Owner owner) {
    String workspace = context.workspace();
    Instant now = context.now();
    int max = KeyBatchCommand.KEYS_MAX;
    var keys = new HashMap<KeyId, KeyView>();
    @Nullable KeyId last = null;
    List<KeyId> page;
    do {
      page = sideRows.ownedBy(workspace, owner, last, max + 1);
      Map<KeyId, KeyView> read = log.keys(page);
      for (KeyId keyId : page) {
        KeyView key = read.get(keyId);
        if (key != null && isRevocable(key, owner, now)) {
          if (keys.size() == max) {
            return new Owned(keys, true);
          }
          keys.put(keyId, key);
        }
        last = keyId;
      }
    } while (page.size() > max);
    return new Owned(keys, false);
  }

  /** Returns whether the key is still the owner's, and is not revoked. */
  private static boolean isRevocable(KeyView key, Owner owner, Instant now) {
    return key.facts().owner().equals(owner) && !isRevoked(key, now);
  }

  private static boolean isRevoked(KeyView key, Instant now) {
    return key.state().at(now) instanceof KeyState.Revoked;
  }

  /**
   * Revokes a key and its descendants. The key itself is decided first: if it is rejected, its
   * descendants stay as they are.
   */
  @CommandHandler
  RevokedDescent handle(RevokeDescent batch, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    RevokeKey first = batch.first();
    Instant now = first.context().now();
    long head = head();
    KeyView key = log.key(first.keyId(), first.context().workspace()).orElse(null);
    if (key == null) {
      var unknown = new KeyDecision(KeyDecider.decide(new KeyState.NotIssued(), first), null);
      return new RevokedDescent(unknown, List.of(), false, head);
    }
    int max = KeyBatchCommand.KEYS_MAX - (isRevoked(key, now) ? 0 : 1);
    List<KeyId> found = sideRows.descendants(first.keyId(), max + 1);
    Map<KeyId, KeyView> read =
        new HashMap<>(log.keys(found.subList(0, Math.min(max, found.size()))));
    read.values().removeIf(descendant -> isRevoked(descendant, now));
    read.put(first.keyId(), key);
    SortedMap<KeyId, Aggregate<KeyAggregate>> loaded = load(read, unit);
    KeyDecision decision =
        requireNonNull(loaded.remove(first.keyId())).invoke(root -> root.handle(first, unit));
    if (decision.rejected().isPresent()) {
      return new RevokedDescent(decision, List.of(), false, head);
    }
    CommandContext context = first.context().ofAnyVersion();
    loaded.forEach((keyId, descendant) -> {
      var command = new RevokeKey(keyId, context, first.reason());
      descendant.execute(root -> root.handle(command, unit));
    });
    return new RevokedDescent(decision, List.copyOf(loaded.keySet()), found.size() > max, head);
  }

  @CommandHandler
  LeaksReported handle(ReportLeaks batch, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    long head = head();
    Map<KeyId, List<ReportLeak>> reports =
        batch.reports().stream().collect(groupingBy(ReportLeak::keyId));
    load(log.keys(reports.keySet()), unit)
        .forEach((keyId, key) ->
            reports
                .getOrDefault(keyId, List.of())
                .forEach(report -> key.execute(root -> root.handle(report, unit))));
    return new LeaksReported(batch.reports().size(), head);
  }

  /**
   * Records due changes of keys. It reads their state after their events: a concurrent record of
   * another node is either visible here, or this append conflicts.
   */
  @CommandHandler
  RecordedDue handle(RecordDueOfKeys batch, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    long head = head();
    Map<KeyId, RecordDue> commands =
        batch.keys().stream().collect(toMap(RecordDue::keyId, command -> command));
    Map<KeyId, KeyView> read = log.keys(commands.keySet());
    Map<KeyId, List<Reminded>> recorded = sideRows.reminders(commands.keySet());
    Map<KeyId, LastUse> used = lastUsesOfRotated(read.values());
    var lookedAt = new ArrayList<ExaminedKey>();
    int room = KeyBatchCommand.KEYS_MAX;
    for (var loaded : load(read, unit).entrySet()) {
      KeyId keyId = loaded.getKey();
      room -= ExaminedKey.eventsMaxOf(requireNonNull(read.get(keyId)));
      if (room < 0) {
        break;
      }
      RecordDue command =
          requireNonNull(commands.get(keyId))
              .knowing(recorded.getOrDefault(keyId, List.of()), used.get(keyId));
      lookedAt.add(
          ExaminedKey.after(command, loaded.getValue().invoke(root -> root.handle(command, unit))));
    }
    return new RecordedDue(lookedAt, head);
  }

  private Map<KeyId, LastUse> lastUsesOfRotated(Collection<KeyView> read) {
    List<KeyId> rotated =
        read.stream()
            .filter(key -> key.facts().secrets().rotationQuiet() != null)
            .map(KeyView::keyId)
            .toList();
    return rotated.isEmpty() ? Map.of() : lastUses.read(rotated);
  }

  /**
   * Loads keys that were read in one query. They are loaded in the order of their ids, so that two
   * batches cannot wait for each other's locks, and all before the first one changes: at each load,
   * Axon searches the uncommitted events.
   */
  private SortedMap<KeyId, Aggregate<KeyAggregate>> load(
      Map<KeyId, KeyView> read, AppendUnit unit) {
    unit.prefetch(read);
    var loaded = new TreeMap<KeyId, Aggregate<KeyAggregate>>(comparing(KeyId::value));
    read.keySet().stream()
        .sorted(comparing(KeyId::value))
        .forEach(keyId -> loaded.put(keyId, keys.load(keyId.value())));
    return loaded;
  }

  private long head() {
    return log.head().position();
  }
}
