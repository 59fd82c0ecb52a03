package dev.keyledger.log.axon;

import dev.keyledger.events.LoggedEvent;
import java.util.List;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * What the unit of work of a command did with the log: whether it read it, and what it appended.
 * The command's handler side takes hold of it while the unit of work runs; it is filled when the
 * append is durable, before the command's caller gets its answer.
 *
 * <p>Confined to the thread of the unit of work.
 */
public final class AppendReceipt {
  private static final String RESOURCE = AppendReceipt.class.getName();

  private List<LoggedEvent> appended = List.of();
  private boolean readLog;

  private AppendReceipt() {}

  /**
   * The receipt of the root of the unit of work that runs on this thread.
   *
   * @throws IllegalStateException if none runs
   */
  public static AppendReceipt ofCurrentUnitOfWork() {
    return of(CurrentUnitOfWork.get().root());
  }

  static AppendReceipt of(UnitOfWork<?> root) {
    return root.getOrComputeResource(RESOURCE, _ -> new AppendReceipt());
  }

  /** The events that were appended, in order; empty before the append, and if there were none. */
  public List<LoggedEvent> appended() {
    return appended;
  }

  /** Whether a stream was read from the log since the unit of work began. */
  public boolean hasReadLog() {
    return readLog;
  }

  void noteReading() {
    readLog = true;
  }

  void fill(List<LoggedEvent> events) {
    appended = List.copyOf(events);
  }
}
