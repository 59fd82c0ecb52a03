package dev.keyledger.lifecycle;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.log.CommandOrigin;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Executes commands: the only way to append to the log. */
public interface Ledger {
  /**
   * A command with the data that is recorded with it.
   *
   * @param answer the data from which the answer is rebuilt; null if it is never repeated
   */
  record Order<D extends CommandDecision>(
      LedgerCommand<D> command, CommandOrigin origin, @Nullable Function<D, StoredAnswer> answer) {

    /** Creates an order whose answer is never repeated. */
    public Order(LedgerCommand<D> command, CommandOrigin origin) {
      this(command, origin, null);
    }
  }

  /**
   * The result of an order.
   *
   * @param appended its events as they are in the log; empty if it was rejected or had nothing to
   *     change
   */
  record Result<D extends CommandDecision>(Order<D> order, D decision, List<LoggedEvent> appended) {
    public Result {
      appended = List.copyOf(appended);
    }

    /** Returns the position of the result in the log. */
    public long position() {
      return appended.isEmpty() ? decision.position() : appended.getLast().position();
    }
  }

  /**
   * Executes an order. Blocks until the result is durable. Thread-safe.
   *
   * @param orders creates the order from the current state; called again for each attempt after a
   *     conflict
   * @param request the request whose answer the append stores; null: none is stored
   * @throws ContentionException if other commands kept changing the same key or a workspace
   * @throws dev.keyledger.log.AppendConflictException if the secret's digest is already known, or
   *     an answer to the same request is already stored
   * @throws dev.keyledger.log.StoreUnavailableException if nothing was done
   * @throws dev.keyledger.log.OutcomeUnknownException if it is not known whether it was recorded
   */
  <D extends CommandDecision> Result<D> execute(
      Supplier<Order<D>> orders, @Nullable RepeatableRequest request);

  /** Executes an order that depends only on the log, and whose answer is not stored. */
  default <D extends CommandDecision> Result<D> execute(Order<D> order) {
    return execute(() -> order, null);
  }
}
