package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.log.axon.AppendUnit;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MessageHandlerInterceptor;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/** Adds the answer to the request to the append of its command. */
final class AnswerInterceptor implements MessageHandlerInterceptor<CommandMessage<?>> {
  @Override
  public Object handle(UnitOfWork<? extends CommandMessage<?>> unitOfWork, InterceptorChain chain)
      throws Exception {
    CommandMessage<?> command = unitOfWork.getMessage();
    var decision = (CommandDecision) chain.proceed();
    AppendUnit.of(command).keep(() -> CommandAttempt.of(command).answerTo(decision));
    return decision;
  }
}
