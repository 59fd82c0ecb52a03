package dev.keyledger.cli;

import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.client.CallOptions;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The context that all commands share: the service, the credential, and the output. */
@Command(name = "keyledger")
final class Session {
  /** The longest secret that is read, with the end of its line. */
  static final int SECRET_BYTES_MAX = 4098;

  private static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(10);
  private static final String STANDARD_INPUT = "-";

  private final CliEnvironment surroundings;
  private final boolean asksForJson;

  @Option(
      names = "--url",
      scope = ScopeType.INHERIT,
      paramLabel = "URL",
      description = "The service; default: KEYLEDGER_URL, the profile, " + Target.URL_DEFAULT)
  private @Nullable String url;

  @Option(
      names = "--profile",
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description = "Profile to use; default: KEYLEDGER_PROFILE, or as 'config use' has chosen")
  private @Nullable String profile;

  @Option(
      names = "--key-file",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description =
          "File with the credential, - for standard input; default: KEYLEDGER_KEY, the profile")
  private @Nullable String keyFile;

  @Option(
      names = "--workspace",
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description =
          "Workspace that the root key acts in; default: KEYLEDGER_WORKSPACE, the profile")
  private @Nullable String workspace;

  @Option(
      names = "--timeout",
      scope = ScopeType.INHERIT,
      paramLabel = "DURATION",
      description = "How long a request may take; default: 10s")
  private @Nullable Duration timeout;

  @Option(names = Cli.JSON, scope = ScopeType.INHERIT, description = "Print JSON, not tables")
  boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Print this")
  boolean help;

  private boolean inputIsRead;

  /**
   * @param asksForJson whether the arguments ask for JSON; known even if they are invalid
   */
  Session(CliEnvironment surroundings, boolean asksForJson) {
    this.surroundings = surroundings;
    this.asksForJson = asksForJson;
  }

  CliEnvironment surroundings() {
    return surroundings;
  }

  Output output() {
    return new Output(surroundings.out(), surroundings.err(), asksForJson);
  }

  Profiles profiles() {
    return Profiles.read(Profiles.fileOf(surroundings));
  }

  /** Returns the name of the profile in the arguments; null if there is none. */
  @Nullable String profile() {
    return profile;
  }

  /** Returns the target in the arguments. */
  Target.Given given() {
    return new Target.Given(
        url, keyFile == null ? null : secretIn(keyFile, "Credential: "), workspace);
  }

  Target target() {
    Profiles profiles = profiles();
    String inEnvironment = surroundings.variable("KEYLEDGER_PROFILE");
    Profile chosen =
        profile != null
            ? profiles.get(profile)
            : inEnvironment != null
                ? profiles.get(inEnvironment)
                : profiles.find(profiles.current()).orElse(null);
    return Target.of(given(), surroundings, chosen, profile != null);
  }

  Duration timeout() {
    return timeout == null ? TIMEOUT_DEFAULT : timeout;
  }

  Keyledger keyledger() {
    return keyledger(target());
  }

  Keyledger keyledger(CallOptions options) {
    return keyledger().with(options);
  }

  /**
   * Returns a client.
   *
   * @throws RefusedException if there is no credential
   */
  Keyledger keyledger(Target target) {
    if (target.credential() == null) {
      throw new RefusedException(
          ExitCode.UNAUTHORIZED,
          "There is no credential for %s. Run keyledger init, or set KEYLEDGER_KEY or --key-file."
              .formatted(target.url()));
    }
    Keyledger.Builder builder =
        Keyledger.builder(target.url(), target.credential().reveal()).deadline(timeout());
    if (target.workspace() != null) {
      builder.workspace(target.workspace());
    }
    return builder.build();
  }

  /**
   * Reads a secret from a file, or from standard input. On a terminal, prompts for it without echo.
   *
   * @param file {@code -} for standard input
   * @throws RefusedException if there is none
   */
  Secret secretIn(String file, String prompt) {
    String text = file.equals(STANDARD_INPUT) ? input(prompt) : contents(file);
    if (text.isBlank() || text.length() > SECRET_BYTES_MAX) {
      throw new RefusedException(
          ExitCode.USAGE,
          "There is no secret in %s: it must be 1 to 4096 visible ASCII characters."
              .formatted(file.equals(STANDARD_INPUT) ? "standard input" : file));
    }
    return Secret.of(text.strip());
  }

  private String contents(String file) {
    return PrivateFile.read(surroundings.directory().resolve(file));
  }

  private String input(String prompt) {
    if (inputIsRead) {
      throw new RefusedException(
          ExitCode.USAGE, "Standard input holds one secret only; give the other one in a file.");
    }
    inputIsRead = true;
    if (surroundings.console() != null) {
      char[] typed = surroundings.console().readPassword("%s", prompt);
      return typed == null ? "" : new String(typed);
    }
    try {
      return new String(surroundings.in().readNBytes(SECRET_BYTES_MAX + 1), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw PrivateFile.refused(Path.of("standard input"), "cannot be read", e);
    }
  }
}
