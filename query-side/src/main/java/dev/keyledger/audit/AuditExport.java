package dev.keyledger.audit;

import dev.keyledger.audit.AuditTrail.Exported;
import dev.keyledger.projection.Page;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * An export of the events of one workspace, or of all, oldest first, in parts, up to a position.
 * The next part is read while the caller processes the last one. Not thread-safe.
 *
 * <p>{@link #next} throws the exceptions of {@link AuditTrail#entries}.
 */
public final class AuditExport {
  private static final int PART = 500;

  private final AuditTrail audit;
  private final @Nullable String workspace;
  private final AuditFilter range;
  private final long end;

  /** The next part; null: there is none. */
  private @Nullable FutureTask<Page<Exported, Long>> next;

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
    next = reading(after);
  }

  private FutureTask<Page<Exported, Long>> reading(long after) {
    var part = new FutureTask<>(() -> audit.exported(workspace, range, after, PART));
    Thread.startVirtualThread(part);
    return part;
  }

  /** Returns the next part; empty at the end. */
  public List<Exported> next() {
    if (next == null) {
      return List.of();
    }
    Page<Exported, Long> page = read(next);
    Long last = page.next();
    next = last == null || last >= end ? null : reading(last);
    return page.entries().stream().filter(entry -> entry.position() <= end).toList();
  }

  private static Page<Exported, Long> read(FutureTask<Page<Exported, Long>> part) {
    try {
      return part.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException("a part of an export was not read", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an export was read", e);
    }
  }
}
