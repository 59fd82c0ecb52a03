package dev.keyledger.projection.http;

import dev.keyledger.http.list.Cursors;
import dev.keyledger.log.PositionTokens;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the parts that all lists share. */
@Configuration(proxyBeanMethods = false)
@Import(DigestEndpoint.class)
public class ListConfiguration {
  @Bean
  ListAnswers listAnswers(Cursors cursors, PositionTokens tokens) {
    return new ListAnswers(cursors, tokens);
  }
}
