package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.LedgerCommand;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportDecision;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LeaksReported;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RenewedKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ReportLeaks;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeDescent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokeOwnersKeys;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedDescent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.RevokedKeys;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MessageHandlerInterceptor;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Counts commands on keys by type and outcome: {@code done}, the rule that rejected it, or {@code
 * failed}. Each key of a batch counts as a command. Of a command that is decided several times, the
 * last attempt counts.
 */
final class CommandMetrics implements MessageHandlerInterceptor<CommandMessage<?>> {
  private static final String DONE = "done";
  private static final String FAILED = "failed";

  private final MeterRegistry registry;

  CommandMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Object handle(UnitOfWork<? extends CommandMessage<?>> unitOfWork, InterceptorChain chain)
      throws Exception {
    CommandMessage<?> message = unitOfWork.getMessage();
    var command = (LedgerCommand<?>) message.getPayload();
    unitOfWork.onRollback(rolledBack -> {
      Throwable failure = rolledBack.getExecutionResult().getExceptionResult();
      if (CommandAttempt.of(message).endsWith(failure)) {
        countFailed(command);
      }
    });
    var decision = (CommandDecision) chain.proceed();
    unitOfWork.afterCommit(_ -> count(command, decision));
    return decision;
  }

  private void count(LedgerCommand<?> command, CommandDecision decision) {
    switch (decision) {
      case KeyDecision key -> count(command.getClass(), outcome(key.outcome()), 1);
      case ImportDecision imported ->
          imported
              .outcomes()
              .forEach(outcome -> count(KeyCommand.ImportKey.class, outcome(outcome), 1));
      case RenewedKeys renewed when command instanceof RenewKeys batch && !batch.dryRun() ->
          renewed
              .byId()
              .values()
              .forEach(renewal -> count(KeyCommand.RenewKey.class, outcome(renewal), 1));
      case RevokedKeys revoked -> count(KeyCommand.RevokeKey.class, DONE, revoked.keyIds().size());
      case RevokedDescent revoked -> {
        count(KeyCommand.RevokeKey.class, outcome(revoked.first().outcome()), 1);
        count(KeyCommand.RevokeKey.class, DONE, revoked.keyIds().size());
      }
      case LeaksReported leaks -> count(KeyCommand.ReportLeak.class, DONE, leaks.reports());
      default -> {}
    }
  }

  private void countFailed(LedgerCommand<?> command) {
    switch (command) {
      case KeyCommand key -> count(key.getClass(), FAILED, 1);
      case ImportKeys batch -> count(KeyCommand.ImportKey.class, FAILED, batch.entries().size());
      case RenewKeys batch -> count(KeyCommand.RenewKey.class, FAILED, batch.keyIds().size());
      case RevokeOwnersKeys _, RevokeDescent _ -> count(KeyCommand.RevokeKey.class, FAILED, 1);
      case ReportLeaks leaks -> count(KeyCommand.ReportLeak.class, FAILED, leaks.reports().size());
      default -> {}
    }
  }

  private static String outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Accepted _ -> DONE;
      case Outcome.Rejected rejected -> outcome(rejected);
    };
  }

  private static String outcome(RenewedKeys.Renewal renewal) {
    return renewal instanceof RenewedKeys.Refused refused ? outcome(refused.why()) : DONE;
  }

  private static String outcome(Outcome.Rejected rejected) {
    return rejected.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void count(Class<?> type, String outcome, int commands) {
    registry
        .counter("keyledger.commands", "type", type.getSimpleName(), "outcome", outcome)
        .increment(commands);
  }
}
