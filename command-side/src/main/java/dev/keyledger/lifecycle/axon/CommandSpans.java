package dev.keyledger.lifecycle.axon;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MessageHandlerInterceptor;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/** Traces each attempt to execute a command, from its handler to the end of the append. */
final class CommandSpans implements MessageHandlerInterceptor<CommandMessage<?>> {
  private final Tracer tracer;

  CommandSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with the unit of work
  public Object handle(UnitOfWork<? extends CommandMessage<?>> unitOfWork, InterceptorChain chain)
      throws Exception {
    CommandMessage<?> command = unitOfWork.getMessage();
    Span span = tracer.nextSpan().name("command " + command.getPayloadType().getSimpleName());
    Tracer.SpanInScope scope = tracer.withSpan(span.start());
    unitOfWork.onRollback(u -> span.error(u.getExecutionResult().getExceptionResult()));
    unitOfWork.onCleanup(_ -> {
      scope.close();
      span.end();
    });
    return chain.proceed();
  }
}
