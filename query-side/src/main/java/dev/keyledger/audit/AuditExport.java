package dev.keyledger.audit;

import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LogReader;
import dev.keyledger.projection.Page;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that happened in a workspace, including the workspace's own events, oldest first, in
 * parts. It ends at the position that the audit had when the first part was read, so that an export
 * that continues there misses nothing. Not thread-safe.
 *
 * <p>{@link #next} throws what {@link AuditTrail#entries} throws.
 */
public final class AuditExport {
  private static final int PART = 500;

  private final AuditTrail audit;
  private final String workspace;
  private final AuditFilter range;
  private final Deque<AuditEntry> ofWorkspace = new ArrayDeque<>();
  private @Nullable Page<AuditEntry, Long> page;
  private final long end;

  /**
   * Begins an export.
   *
   * @param after the position to begin after; 0 starts at the beginning
   * @param from the earliest time, inclusive; null: no limit
   * @param to the end of the times, exclusive; null: no limit
   */
  public AuditExport(
      AuditTrail audit,
      LogReader log,
      EventCodec codec,
      String workspace,
      long after,
      @Nullable Instant from,
      @Nullable Instant to) {
    this.audit = audit;
    this.workspace = workspace;
    range = new AuditFilter(null, List.of(), null, null, List.of(), from, to);
    page = audit.entries(workspace, range, Order.OLDEST_FIRST, after, PART);
    end = page.position();
    for (LoggedEvent event : log.readStream(StreamId.ofWorkspace(workspace))) {
      if (event.position() > after
          && event.position() <= end
          && (from == null || !event.time().isBefore(from))
          && (to == null || event.time().isBefore(to))) {
        ofWorkspace.add(AuditEntry.ofWorkspace(event, codec));
      }
    }
  }

  /** Returns the position at which the export ends: it contains everything up to there. */
  public long end() {
    return end;
  }

  /** Returns the next part; empty at the end. */
  public List<AuditEntry> next() {
    var part = new ArrayList<AuditEntry>();
    while (part.isEmpty() && page != null) {
      for (AuditEntry entry : page.entries()) {
        if (entry.position() <= end) {
          addOfWorkspace(part, entry.position());
          part.add(entry);
        }
      }
      Long next = page.next();
      if (next == null || next >= end) {
        addOfWorkspace(part, end);
        page = null;
      } else {
        page = audit.entries(workspace, range, Order.OLDEST_FIRST, next, PART);
      }
    }
    return part;
  }

  private void addOfWorkspace(List<AuditEntry> part, long until) {
    while (!ofWorkspace.isEmpty() && ofWorkspace.getFirst().position() <= until) {
      part.add(ofWorkspace.removeFirst());
    }
  }
}
