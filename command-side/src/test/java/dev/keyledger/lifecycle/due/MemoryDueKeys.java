package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LookedAt;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The list of due times in memory, following a log in memory. */
final class MemoryDueKeys implements DueKeys {
  private static final int PAGE = 1000;

  private record Row(DueKey key, long position) {}

  private final List<LoggedEvent> log;
  private final Map<KeyId, Row> rows = new HashMap<>();
  private final TreeSet<DueKey> byTime =
      new TreeSet<>(Comparator.comparing(DueKey::dueAt).thenComparing(key -> key.keyId().value()));
  private int taken;

  MemoryDueKeys(List<LoggedEvent> log) {
    this.log = log;
  }

  /** Returns the first due time; null if nothing will ever be due. */
  @Nullable Instant first() {
    return byTime.isEmpty() ? null : byTime.first().dueAt();
  }

  @Override
  public boolean catchUp() {
    int end = Math.min(log.size(), taken + PAGE);
    for (LoggedEvent event : log.subList(taken, end)) {
      DueChange.of(event, Instant.MIN)
          .ifPresent(change ->
              put(
                  change.keyId(),
                  change.workspace(),
                  change.dueAt(),
                  change.position(),
                  row -> row.position < change.position(),
                  true));
    }
    taken = end;
    return end < log.size();
  }

  @Override
  public List<DueKey> due(Instant now, int max, Set<KeyId> except) {
    return byTime.stream()
        .takeWhile(key -> !key.dueAt().isAfter(now))
        .filter(key -> !except.contains(key.keyId()))
        .limit(max)
        .toList();
  }

  @Override
  public void move(List<LookedAt> keys) {
    for (LookedAt key : keys) {
      Row row = rows.get(key.keyId());
      if (row != null) {
        put(
            key.keyId(),
            row.key.workspace(),
            key.nextDueAt(),
            key.position(),
            old -> old.position <= key.position(),
            false);
      }
    }
  }

  private void put(
      KeyId keyId,
      String workspace,
      @Nullable Instant dueAt,
      long position,
      Predicate<Row> mayReplace,
      boolean onlyForward) {
    Row old = rows.get(keyId);
    if (old != null && !mayReplace.test(old)) {
      return;
    }
    if (old != null) {
      byTime.remove(old.key);
      rows.remove(keyId);
    }
    if (dueAt != null) {
      Instant before = old == null || !onlyForward ? dueAt : old.key.dueAt();
      var key = new DueKey(keyId, workspace, before.isBefore(dueAt) ? before : dueAt);
      rows.put(keyId, new Row(key, position));
      byTime.add(key);
    }
  }
}
