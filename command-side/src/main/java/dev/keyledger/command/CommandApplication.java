package dev.keyledger.command;

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

/** The command side alone. It executes commands and never reads a projection. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, CommandConfiguration.class})
public class CommandApplication {
  private static final CommandLine COMMAND_LINE =
      new CommandLine(
          "keyledger-command.jar",
          "a command node",
          List.of(
              LogCommands.check(DatabaseProperties::primaryOfProcess),
              LogCommands.verifyLog(),
              LogCommands.newIncarnation(DatabaseProperties::primaryOfProcess)));

  /** Starts the application, or executes the command in the arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    COMMAND_LINE.run(
        given -> new SpringApplication(CommandApplication.class).run(given), arguments);
  }
}
