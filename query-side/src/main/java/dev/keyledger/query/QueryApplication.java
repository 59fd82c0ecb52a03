package dev.keyledger.query;

import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.node.NodeConfiguration;
import dev.keyledger.node.commands.CommandLine;
import dev.keyledger.node.commands.LogCommands;
import java.io.IOException;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The query side alone: checks keys and answers queries; handles no commands. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, QueryConfiguration.class})
public class QueryApplication {
  private static final CommandLine COMMAND_LINE =
      new CommandLine(
          "keyledger-query.jar",
          "a query node",
          List.of(
              LogCommands.check(DatabaseProperties::primaryOfProcess),
              LogCommands.newLogKey(),
              LogCommands.verifyLog(),
              RebuildCommand.in(DatabaseProperties::primaryOfProcess)));

  /** Starts the application, or executes the command in the arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    COMMAND_LINE.run(given -> new SpringApplication(QueryApplication.class).run(given), arguments);
  }
}
