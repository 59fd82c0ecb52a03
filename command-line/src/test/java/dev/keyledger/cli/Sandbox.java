package dev.keyledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** An environment that a test sets, and the output of commands. */
final class Sandbox {
  static final Instant NOW = Instant.parse("2027-02-01T12:00:00Z");

  final Map<String, String> environment = new HashMap<>();
  final Path directory;
  String input = "";
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  Sandbox(Path directory) {
    this.directory = directory;
  }

  /** Runs a command; drops the output of earlier ones. */
  int run(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    return Cli.run(surroundings(), arguments);
  }

  CliEnvironment surroundings() {
    return new CliEnvironment(
        environment,
        directory.resolve("home"),
        directory,
        new ByteArrayInputStream(input.getBytes(UTF_8)),
        new PrintWriter(out),
        new PrintWriter(err),
        null,
        InstantSource.fixed(NOW));
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }
}
