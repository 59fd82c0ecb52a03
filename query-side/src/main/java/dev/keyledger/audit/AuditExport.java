package dev.keyledger.audit;

import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
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
 * All that happened in a workspace, what happened to itself included, oldest first, a part at a
 * time. It ends at the position that the audit stood at when the first part was read: whoever goes
 * on from there misses nothing. Used by one thread.
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
   * @param after the position that it begins after; 0: at the beginning
   * @param from the earliest time, inclusive; null: without one
   * @param to the end of the times, exclusive; null: without one
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
    range = new AuditFilter(null, null, null, null, null, from, to);
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

  /** The position that the export ends at: all that happened until then is in it. */
  public long end() {
    return end;
  }

  /** The next part; empty at the end. */
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
