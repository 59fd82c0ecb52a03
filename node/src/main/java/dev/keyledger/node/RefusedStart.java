package dev.keyledger.node;

import dev.keyledger.launch.StartupRefusedException;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;

/**
 * Keeps Spring Boot from printing a stack trace for a start that was refused: the launcher says it
 * in one line.
 */
public final class RefusedStart implements SpringBootExceptionReporter {
  /** As Spring Boot makes it. */
  public RefusedStart(ConfigurableApplicationContext context) {}

  @Override
  public boolean reportException(Throwable failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure) instanceof StartupRefusedException;
  }
}
