package dev.keyledger.pointintime.http;

import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.log.LogReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires what all questions about the past share. */
@Configuration(proxyBeanMethods = false)
public class PointInTimeConfiguration {
  @Bean
  PointsInTime pointsInTime(LogReader log, Freshness freshness) {
    return new PointsInTime(log, freshness);
  }
}
