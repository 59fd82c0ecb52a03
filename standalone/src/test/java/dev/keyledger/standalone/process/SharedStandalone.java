package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One standalone Keyledger for all tests of a JVM that neither stop it nor move its clock. The
 * first test with a parameter of type {@link KeyledgerProcess} starts it; it is stopped after the
 * last one. Each test class is a separate run, so only the session of the launcher outlives them.
 */
public final class SharedStandalone implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == KeyledgerProcess.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedStandalone.class))
        .computeIfAbsent(
            KeyledgerProcess.class,
            _ -> KeyledgerProcess.start(Application.STANDALONE, environment()),
            KeyledgerProcess.class);
  }

  /** Returns settings that permit webhooks to receivers of the tests, and requests of Envoy. */
  private static Map<String, String> environment() {
    try {
      return Map.of(
          "KEYLEDGER_WEBHOOK_ALLOWED_NETWORKS",
          "127.0.0.0/8",
          KeyledgerProcess.EXT_AUTHZ_PORT,
          Integer.toString(KeyledgerProcess.freePort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
