package dev.keyledger.node;

import static java.util.stream.Collectors.joining;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.UnsupportedPostgresException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
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
  private static final String CORRECT = "Correct the environment variable and start again.";
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
      case BindException invalid -> new FailureAnalysis(describe(invalid), CORRECT, invalid);
      case InvalidConfigurationPropertyValueException invalid ->
          new FailureAnalysis(notAccepted(String.valueOf(invalid.getName())), CORRECT, invalid);
      case java.net.BindException taken ->
          new FailureAnalysis(
              "SERVER_PORT or KEYLEDGER_BIND: the node cannot listen there: " + messageOf(taken),
              "Choose a free port, and an address of this machine.",
              taken);
      default -> null;
    };
  }

  /** Returns the error of a setting, without its value. */
  static String describe(BindException invalid) {
    String name = invalid.getName().toString();
    if (invalid.getCause() instanceof ConversionException) {
      return variable(name) + " must be " + formOf(invalid.getTarget().getType().resolve());
    }
    return name.startsWith(PREFIX)
        ? messageOf(NestedExceptionUtils.getMostSpecificCause(invalid))
        : notAccepted(name);
  }

  private static String notAccepted(String property) {
    return variable(property) + " has a value that Spring Boot does not accept";
  }

  /** Returns the name of the variable that sets a property. */
  private static String variable(String property) {
    return property.equals("server.address")
        ? "KEYLEDGER_BIND"
        : property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private static String messageOf(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private static String formOf(@Nullable Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as PT30S";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == InetAddress.class) {
      return "an IP address or a host name";
    }
    if (type != null && type.isEnum()) {
      return "one of "
          + Stream.of(type.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .collect(joining(", "));
    }
    boolean isNumber = type != null && (type.isPrimitive() || Number.class.isAssignableFrom(type));
    return isNumber ? "a whole number" : "of another form";
  }
}
