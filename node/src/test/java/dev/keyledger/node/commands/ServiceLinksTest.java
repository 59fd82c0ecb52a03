package dev.keyledger.node.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What Kubernetes sets for Services whose names make settings of Keyledger. */
@ExtendWith(OutputCaptureExtension.class)
class ServiceLinksTest {
  @ParameterizedTest
  @ValueSource(strings = {"tcp://10.0.0.7:9191", "udp://10.0.0.7:9191", "tcp://[fd00::7]:9191"})
  void anAddressIsNoPort(String address, CapturedOutput output) {
    Map<String, Object> variables =
        Map.of(
            "KEYLEDGER_FAST_PORT", address,
            "KEYLEDGER_EXT_AUTHZ_PORT", address,
            "KEYLEDGER_QUERY_PORT", address,
            "KEYLEDGER_BIND", "10.1.2.3");

    Binder settings = Binder.get(started(variables));

    assertThat(settings.bind("keyledger.fast-port", String.class).isBound()).isFalse();
    assertThat(settings.bind("keyledger.ext-authz-port", String.class).isBound()).isFalse();
    assertThat(settings.bind("keyledger.bind", String.class).get()).isEqualTo("10.1.2.3");
    assertThat(output.getOut().lines().filter(line -> line.contains("enableServiceLinks")))
        .singleElement()
        .asString()
        .contains(": KEYLEDGER_EXT_AUTHZ_PORT, KEYLEDGER_FAST_PORT. ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9191", "tcp:9191", "http://10.0.0.7:9191", "x tcp://10.0.0.7:9191"})
  void whatElseIsSetIsLeftToWhoeverReadsIt(String value, CapturedOutput output) {
    Binder settings = Binder.get(started(Map.of("KEYLEDGER_FAST_PORT", value)));

    assertThat(settings.bind("keyledger.fast-port", String.class).get()).isEqualTo(value);
    assertThat(output.getOut()).doesNotContain("enableServiceLinks");
  }

  @Test
  void anAddressInAnotherVariableIsLeft() {
    Map<String, Object> variables = Map.of("KEYLEDGER_PUBLIC_URL", "tcp://10.0.0.7:9191");

    assertThat(Binder.get(started(variables)).bind("keyledger.public-url", String.class).get())
        .isEqualTo("tcp://10.0.0.7:9191");
  }

  /** Returns the environment of an application that was started with these variables. */
  private static ConfigurableEnvironment started(Map<String, Object> variables) {
    var environment = new StandardEnvironment();
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    environment
        .getPropertySources()
        .replace(name, new SystemEnvironmentPropertySource(name, variables));
    var application = new SpringApplication(Started.class);
    application.setEnvironment(environment);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (var context = application.run()) {
      return context.getEnvironment();
    }
  }

  private static final class Started {}
}
