package dev.keyledger.query;

import dev.keyledger.access.http.NodeConfiguration;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The query side alone: checks keys and answers questions; never sees a command. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, QueryConfiguration.class})
public class QueryApplication {

  /** Starts it, or carries out the command that the arguments spell. */
  public static void main(String[] arguments) {
    if (RebuildCommand.isAskedFor(arguments)) {
      RebuildCommand.parse(arguments).run(databaseSettings(), System.out::println);
      return;
    }
    new SpringApplication(QueryApplication.class).run(arguments);
  }

  private static DatabaseSettings databaseSettings() {
    String url = System.getenv("KEYLEDGER_DATABASE_URL");
    if (url == null || url.isEmpty()) {
      throw new StartupRefusedException("KEYLEDGER_DATABASE_URL must name the PostgreSQL to use.");
    }
    try {
      return DatabaseSettings.parse(
          url,
          System.getenv("KEYLEDGER_DATABASE_USERNAME"),
          System.getenv("KEYLEDGER_DATABASE_PASSWORD"));
    } catch (IllegalArgumentException wrong) {
      throw new StartupRefusedException(String.valueOf(wrong.getMessage()), wrong);
    }
  }
}
