package dev.keyledger.pointintime.http;

import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.log.LogReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the beans for questions about the past. */
@Configuration(proxyBeanMethods = false)
public class PointInTimeConfiguration {
  @Bean
  PointsInTime pointsInTime(LogReader log, Freshness freshness) {
    return new PointsInTime(log, freshness);
  }
}
