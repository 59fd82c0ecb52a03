package dev.keyledger.query;

import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.node.NodeConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The query side alone: checks keys and answers questions; handles no commands. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, QueryConfiguration.class})
public class QueryApplication {

  /** Starts the application, or runs the command in the arguments. */
  public static void main(String[] arguments) {
    if (RebuildCommand.isAskedFor(arguments)) {
      RebuildCommand.parse(arguments)
          .run(DatabaseProperties.primaryOfProcess(), System.out::println);
      return;
    }
    new SpringApplication(QueryApplication.class).run(arguments);
  }
}
