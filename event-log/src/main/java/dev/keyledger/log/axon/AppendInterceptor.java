package dev.keyledger.log.axon;

import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MessageHandlerInterceptor;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Ends the unit of work of each command with one append, at commit, when nothing else can fail it
 * any more. Axon calls COMMIT handlers in reverse order, and one that throws after the append would
 * report a durable command as failed. Therefore the append is registered last, and nothing else
 * runs in that phase.
 */
public final class AppendInterceptor implements MessageHandlerInterceptor<CommandMessage<?>> {
  private final LogAppender appender;
  private final LogReader log;

  public AppendInterceptor(LogAppender appender, LogReader log) {
    this.appender = appender;
    this.log = log;
  }

  /**
   * @throws IllegalStateException if the command carries no {@link AppendUnit}
   */
  @Override
  public Object handle(UnitOfWork<? extends CommandMessage<?>> unitOfWork, InterceptorChain chain)
      throws Exception {
    AppendUnit unit = AppendUnit.of(unitOfWork.getMessage());
    Object result = chain.proceed();
    unitOfWork.onCommit(_ -> unit.append(appender, log));
    return result;
  }
}
