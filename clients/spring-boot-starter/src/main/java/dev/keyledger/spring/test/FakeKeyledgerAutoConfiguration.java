package dev.keyledger.spring.test;

import dev.keyledger.spring.KeyledgerAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/** The fake, in tests with {@link AutoConfigureKeyledgerTest} only. */
@AutoConfiguration(before = KeyledgerAutoConfiguration.class)
public final class FakeKeyledgerAutoConfiguration {
  @Bean
  FakeKeyledger fakeKeyledger() {
    return new FakeKeyledger();
  }
}
