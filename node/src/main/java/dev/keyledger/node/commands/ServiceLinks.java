package dev.keyledger.node.commands;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Removes the settings that nobody made: Kubernetes sets {@code KEYLEDGER_FAST_PORT} to an address
 * in every pod beside a Service called {@code keyledger-fast}. The default then applies.
 */
final class ServiceLinks implements EnvironmentPostProcessor, Ordered {
  private static final String ENVIRONMENT =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  private final Log log;

  ServiceLinks(DeferredLogFactory logs) {
    this.log = logs.getLog(ServiceLinks.class);
  }

  /** Comes first: Spring Boot then replaces the environment by a copy of it. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    PropertySource<?> source = environment.getPropertySources().get(ENVIRONMENT);
    if (source == null || !(source.getSource() instanceof Map<?, ?> variables)) {
      return;
    }
    var kept = new HashMap<String, Object>();
    var removed = new TreeSet<String>();
    variables.forEach((name, value) -> {
      if (KnownVariables.isServiceLink(name.toString(), value.toString())) {
        removed.add(name.toString());
      } else {
        kept.put(name.toString(), value);
      }
    });
    if (removed.isEmpty()) {
      return;
    }
    environment
        .getPropertySources()
        .replace(ENVIRONMENT, new SystemEnvironmentPropertySource(ENVIRONMENT, kept));
    removed.retainAll(KnownVariables.ofClassPath().descriptions().keySet());
    if (!removed.isEmpty()) {
      log.warn(
          "Ignored, because Kubernetes sets it for a Service of that name: %s. Set enableServiceLinks: false in the pod, or rename the Service."
              .formatted(String.join(", ", removed)));
    }
  }
}
