package dev.keyledger.node;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.UnsupportedPostgresException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;

/**
 * Explains why a node does not start, without a stack trace.
 *
 * <p>It runs before Spring Boot's own analyzers, because those print the value of an invalid
 * setting, which may be a secret.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class FailedStartAnalyzer implements FailureAnalyzer {
  private static final String PREFIX = "keyledger";
  private static final String CHECK_DATABASE =
      "Check that PostgreSQL is running, and that KEYLEDGER_DATABASE_URL,"
          + " KEYLEDGER_DATABASE_USERNAME and KEYLEDGER_DATABASE_PASSWORD are correct.";

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      FailureAnalysis analysis = analysisOf(cause);
      if (analysis != null) {
        return analysis;
      }
    }
    return null;
  }

  private static @Nullable FailureAnalysis analysisOf(Throwable cause) {
    return switch (cause) {
      case StartupRefusedException refused ->
          new FailureAnalysis(messageOf(refused), null, refused);
      case UnsupportedPostgresException unsupported ->
          new FailureAnalysis(messageOf(unsupported), null, unsupported);
      case StoreUnavailableException unavailable ->
          new FailureAnalysis(messageOf(unavailable), CHECK_DATABASE, unavailable);
      case BindException invalid when invalid.getName().toString().startsWith(PREFIX) ->
          new FailureAnalysis(
              describe(invalid), "Correct the environment variable and start again.", invalid);
      default -> null;
    };
  }

  /** Returns what is wrong with a setting of ours, without its value. */
  static String describe(BindException invalid) {
    if (invalid.getCause() instanceof ConversionException) {
      String name = invalid.getName().toString();
      String variable = name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
      return variable + " must be " + formOf(invalid.getTarget().getType().resolve());
    }
    return messageOf(NestedExceptionUtils.getMostSpecificCause(invalid));
  }

  private static String messageOf(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private static String formOf(@Nullable Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as PT30S";
    }
    return type == Boolean.class ? "true or false" : "a whole number";
  }
}
