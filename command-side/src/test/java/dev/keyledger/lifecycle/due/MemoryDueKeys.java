package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The list of due times in memory, following a log in memory. */
final class MemoryDueKeys implements DueKeys {
  private static final int PAGE = 1000;

  private record Row(DueKey key, long position) {}

  private final List<LoggedEvent> log;
  private final Times reminders = new Times();
  private final Times rotations = new Times();
  private int taken;

  MemoryDueKeys(List<LoggedEvent> log) {
    this.log = log;
  }

  /** Returns the first due time; null if nothing will ever be due. */
  @Nullable Instant first() {
    return Stream.of(reminders, rotations)
        .filter(times -> !times.byTime.isEmpty())
        .map(times -> times.byTime.first().dueAt())
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  @Override
  public boolean catchUp() {
    int end = Math.min(log.size(), taken + PAGE);
    for (LoggedEvent event : log.subList(taken, end)) {
      DueChange.of(event, Instant.MIN)
          .ifPresent(change ->
              reminders.put(
                  change.keyId(),
                  change.workspace(),
                  change.dueAt(),
                  change.position(),
                  row -> row.position < change.position(),
                  true));
      DueChange.ofRotation(event)
          .ifPresent(change ->
              rotations.put(
                  change.keyId(),
                  change.workspace(),
                  change.dueAt(),
                  change.position(),
                  row -> row.position < change.position(),
                  false));
    }
    taken = end;
    return end < log.size();
  }

  @Override
  public List<DueKey> due(Instant now, int max, Set<KeyId> except) {
    Map<KeyId, DueKey> due = new LinkedHashMap<>();
    rotations.until(now).forEach(key -> due.put(key.keyId(), reminders.from(key, now)));
    reminders.until(now).forEach(key -> due.putIfAbsent(key.keyId(), key));
    return due.values().stream().filter(key -> !except.contains(key.keyId())).limit(max).toList();
  }

  @Override
  public void move(List<DueKey> due, List<ExaminedKey> lookedAt) {
    Map<KeyId, String> workspaces = new HashMap<>();
    due.forEach(key -> workspaces.put(key.keyId(), key.workspace()));
    for (ExaminedKey key : lookedAt) {
      String workspace = workspaces.getOrDefault(key.keyId(), "");
      if (reminders.rows.containsKey(key.keyId())) {
        reminders.put(
            key.keyId(),
            workspace,
            key.nextDueAt(),
            key.position(),
            old -> old.position <= key.position(),
            false);
      }
      rotations.put(
          key.keyId(),
          workspace,
          key.rotationDueAt(),
          key.position(),
          old -> old.position <= key.position(),
          false);
    }
  }

  /** One of the two lists. */
  private static final class Times {
    private final Map<KeyId, Row> rows = new HashMap<>();
    private final TreeSet<DueKey> byTime =
        new TreeSet<>(
            Comparator.comparing(DueKey::dueAt).thenComparing(key -> key.keyId().value()));

    Stream<DueKey> until(Instant now) {
      return byTime.stream().takeWhile(key -> !key.dueAt().isAfter(now));
    }

    /** Returns the key with the time from which its reminders count. */
    DueKey from(DueKey key, Instant now) {
      Row row = rows.get(key.keyId());
      Instant from = row == null || row.key.dueAt().isAfter(now) ? now : row.key.dueAt();
      return new DueKey(key.keyId(), key.workspace(), from, 0);
    }

    /**
     * @param onlyForward whether an earlier due time stays
     */
    void put(
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
        var key = new DueKey(keyId, workspace, before.isBefore(dueAt) ? before : dueAt, 0);
        rows.put(keyId, new Row(key, position));
        byTime.add(key);
      }
    }
  }
}
