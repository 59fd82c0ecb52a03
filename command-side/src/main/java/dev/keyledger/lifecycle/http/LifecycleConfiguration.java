package dev.keyledger.lifecycle.http;

import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.verification.KeyFormat;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.Peppers;
import dev.keyledger.verification.Permission;
import java.time.InstantSource;
import java.util.Arrays;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** Wires the REST commands. */
@Configuration(proxyBeanMethods = false)
@Import({KeyCommandController.class, HolderRevocationController.class})
public class LifecycleConfiguration {
  @Bean
  SecretMint secretMint(KeyFormat format, Peppers peppers) {
    return new SecretMint(format, peppers);
  }

  @Bean
  @ConditionalOnProperty("KEYLEDGER_SHARED_KEY")
  SharedKey sharedKey(
      Environment environment,
      KeyLedger ledger,
      SecretMint mint,
      KeyVerifier verifier,
      LogReader log,
      LogTail tail,
      InstantSource clock) {
    return new SharedKey(
        environment.getRequiredProperty("KEYLEDGER_SHARED_KEY"),
        Arrays.stream(environment.getProperty("KEYLEDGER_SHARED_KEY_PERMISSIONS", "").split(","))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .map(Permission::new)
            .toList(),
        ledger,
        mint,
        verifier,
        log,
        tail,
        clock);
  }
}
