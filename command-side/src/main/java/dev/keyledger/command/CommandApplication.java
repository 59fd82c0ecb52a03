package dev.keyledger.command;

import dev.keyledger.node.NodeConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The command side alone. It executes commands and never reads a projection. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, CommandConfiguration.class})
public class CommandApplication {
  public static void main(String[] arguments) {
    new SpringApplication(CommandApplication.class).run(arguments);
  }
}
