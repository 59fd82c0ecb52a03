package dev.keyledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a command.
 *
 * @param home the directory of profiles, unless an environment variable names another
 * @param directory the directory that relative paths start from
 * @param console asks for secrets without showing them; null if the process has no terminal
 */
public record CliEnvironment(
    Map<String, String> environment,
    Path home,
    Path directory,
    InputStream in,
    PrintWriter out,
    PrintWriter err,
    @Nullable Console console,
    InstantSource clock) {

  @SuppressWarnings("SystemConsoleNull") // its specification still allows null
  static CliEnvironment ofProcess() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return new CliEnvironment(
        System.getenv(),
        Path.of(System.getProperty("user.home", ".")),
        Path.of(""),
        System.in,
        // Notes and exports are bytes that are signed, whatever the locale.
        new PrintWriter(System.out, true, terminal ? System.out.charset() : UTF_8),
        new PrintWriter(System.err, true, System.err.charset()),
        terminal ? console : null,
        InstantSource.system());
  }

  /** Returns a variable of the environment; null if it is not set, or empty. */
  @Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
