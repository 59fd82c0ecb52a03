package dev.keyledger.directory;

import dev.keyledger.events.KeyStatus;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * The numbers of keys in a workspace.
 *
 * @param byStatus the number by status; every status is present
 * @param attention the number by reason for attention; some may be missing, see {@link
 *     Directory#summary}
 * @param expiriesByWeek the keys that expire in each week, unless they are revoked before, by its
 *     beginning
 * @param position the position of the directory
 */
public record KeySummary(
    Map<KeyStatus, Long> byStatus,
    Map<AttentionReason, Long> attention,
    SortedMap<Instant, Long> expiriesByWeek,
    long position) {

  /** Returns the summary with more reasons for attention. */
  KeySummary and(Map<AttentionReason, Long> more) {
    var all = new EnumMap<>(attention);
    all.putAll(more);
    return new KeySummary(byStatus, all, expiriesByWeek, position);
  }

  /** Returns the number of all keys. */
  public long total() {
    return byStatus.values().stream().mapToLong(Long::longValue).sum();
  }
}
