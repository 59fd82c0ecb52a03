package dev.keyledger.projection.http;

import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.verification.secret.Peppers;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires what all lists share. */
@Configuration(proxyBeanMethods = false)
@Import(DigestEndpoint.class)
public class ListConfiguration {
  private static final String CURSORS = "cursors";
  private static final int MAC_KEY_BYTES = 32;

  @Bean
  ListAnswers listAnswers(LedgerDatabase database, Peppers peppers, PositionTokens tokens) {
    var cursors =
        new Cursors(
            database.storeId() + "/" + database.incarnation(),
            peppers.versions().stream()
                .map(version -> peppers.derive(version, CURSORS, MAC_KEY_BYTES))
                .toList());
    return new ListAnswers(cursors, tokens);
  }
}
