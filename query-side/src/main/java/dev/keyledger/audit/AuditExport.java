package dev.keyledger.audit;

import dev.keyledger.audit.AuditTrail.Exported;
import dev.keyledger.projection.Page;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that happened in a workspace, or in all, oldest first, in parts, up to a position. Not
 * thread-safe.
 *
 * <p>{@link #next} throws what {@link AuditTrail#entries} throws.
 */
public final class AuditExport {
  private static final int PART = 500;

  private final AuditTrail audit;
  private final @Nullable String workspace;
  private final AuditFilter range;
  private @Nullable Page<Exported, Long> page;
  private final long end;

  /**
   * Begins an export.
   *
   * @param workspace null: all workspaces
   * @param after the position to begin after; 0 starts at the beginning
   * @param end the last position, which the audit has reached
   * @param from the earliest time, inclusive; null: no limit
   * @param to the end of the times, exclusive; null: no limit
   */
  public AuditExport(
      AuditTrail audit,
      @Nullable String workspace,
      long after,
      long end,
      @Nullable Instant from,
      @Nullable Instant to) {
    this.audit = audit;
    this.workspace = workspace;
    range = new AuditFilter(null, List.of(), List.of(), null, List.of(), from, to);
    this.end = end;
    page = audit.exported(workspace, range, after, PART);
  }

  /** Returns the next part; empty at the end. */
  public List<Exported> next() {
    if (page == null) {
      return List.of();
    }
    List<Exported> part = page.entries().stream().filter(entry -> entry.position() <= end).toList();
    Long next = page.next();
    page = next == null || next >= end ? null : audit.exported(workspace, range, next, PART);
    return part;
  }
}
