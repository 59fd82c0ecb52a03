package dev.keyledger.spring;

import dev.keyledger.client.Check;
import dev.keyledger.client.Decision;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** Asks the service. Logs the first failure, and the recovery. Thread-safe. */
final class ServiceVerifier implements ApiKeyVerifier {
  private static final Log LOG = LogFactory.getLog(ServiceVerifier.class);

  private final Keyledger client;
  private final UnaryOperator<Check> environment;
  private final AtomicBoolean failing = new AtomicBoolean();

  ServiceVerifier(Keyledger client, UnaryOperator<Check> environment) {
    this.client = client;
    this.environment = environment;
  }

  @Override
  public Optional<Decision> verify(String key, @Nullable String ip) {
    try {
      Decision decision = client.checks().verify(environment.apply(Check.of(key).ip(ip)));
      if (failing.compareAndSet(true, false)) {
        LOG.info("Keys can be checked again.");
      }
      return Optional.of(decision);
    } catch (KeyledgerException failed) {
      boolean clientHasGone = Thread.currentThread().isInterrupted();
      if (!clientHasGone && failing.compareAndSet(false, true)) {
        LOG.warn(
            "Keys cannot be checked at "
                + client
                + ", so requests with keys are refused (503): "
                + failed.getMessage());
      }
      return Optional.empty();
    }
  }
}
