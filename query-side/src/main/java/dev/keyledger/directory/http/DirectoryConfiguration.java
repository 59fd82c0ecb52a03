package dev.keyledger.directory.http;

import dev.keyledger.directory.Directory;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.projection.ProjectionDatabase;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the directory. */
@Configuration(proxyBeanMethods = false)
@Import({DirectoryController.class, ExpiringCsvController.class})
public class DirectoryConfiguration {
  @Bean
  DirectoryProjection directoryProjection() {
    return new DirectoryProjection();
  }

  @Bean
  Directory directory(ProjectionDatabase database, DirectoryProjection projection) {
    return new Directory(database, projection);
  }
}
