package dev.keyledger.feed.http;

import dev.keyledger.feed.Feed;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.QueryReaders;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the live feed. */
@Configuration(proxyBeanMethods = false)
@Import(FeedController.class)
public class FeedConfiguration {
  @Bean(initMethod = "start", destroyMethod = "close")
  Feed feed(LogTail tail, QueryReaders readers) {
    return new Feed(tail, readers.log());
  }

  @Bean
  FeedMeters feedMeters(MeterRegistry registry) {
    return new FeedMeters(registry);
  }

  /** Ends all streams before the web server waits for its requests: its phase is the last one. */
  @Bean
  SmartLifecycle feedLifecycle(Feed feed) {
    return new FeedLifecycle(feed);
  }

  private record FeedLifecycle(Feed feed) implements SmartLifecycle {
    @Override
    public void start() {
      // the feed runs as soon as it exists
    }

    @Override
    public void stop() {
      feed.close();
    }

    @Override
    public boolean isRunning() {
      return feed.isOpen();
    }
  }
}
