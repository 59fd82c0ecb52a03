package dev.keyledger.pointintime.http;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.QueryReaders;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the readers of the log for queries, and the beans for queries about the past. */
@Configuration(proxyBeanMethods = false)
public class PointInTimeConfiguration {
  @Bean
  QueryReaders queryReaders(LedgerDatabase database, EventCodec codec) {
    return QueryReaders.open(database, codec);
  }

  @Bean
  PointsInTime pointsInTime(QueryReaders readers, Freshness freshness, QueryTurns turns) {
    return new PointsInTime(readers.log(), freshness, turns);
  }
}
