package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;

import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.lifecycle.idempotency.StoredAnswer;
import dev.keyledger.log.AnswerRecord;
import java.util.List;
import java.util.function.Function;
import org.axonframework.messaging.Message;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to execute an order. It travels in the metadata of the command under {@link #KEY}.
 *
 * @param request the request whose answer is stored; null: none is stored
 * @param number 1, 2, ... to {@link CommandRetry#ATTEMPTS_MAX}
 */
record CommandAttempt<D extends CommandDecision>(
    Order<D> order, @Nullable RepeatableRequest request, int number) {
  /** The key of the attempt in a command's metadata. */
  static final String KEY = "keyledger.attempt";

  /** Returns the attempt that a command belongs to. */
  static CommandAttempt<?> of(Message<?> command) {
    return (CommandAttempt<?>)
        requireNonNull(command.getMetaData().get(KEY), "sent past the ledger");
  }

  /** Returns whether this is the last attempt if it fails in that way. */
  boolean endsWith(Throwable failure) {
    return number == CommandRetry.ATTEMPTS_MAX || !CommandRetry.mayHelp(order.command(), failure);
  }

  /**
   * Returns the record of the answer to a command that appends an event.
   *
   * @param decision the return value of this attempt's handler
   */
  @SuppressWarnings("unchecked") // the type of a command determines the type of its decision
  List<AnswerRecord> answerTo(CommandDecision decision) {
    Function<D, StoredAnswer> answer = order.answer();
    return request == null || answer == null ? List.of() : request.keep(answer.apply((D) decision));
  }
}
