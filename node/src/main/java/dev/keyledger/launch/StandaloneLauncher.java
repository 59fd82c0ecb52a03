package dev.keyledger.launch;

import java.util.Arrays;
import java.util.Set;

/** Main class of {@code keyledger.jar}. */
public final class StandaloneLauncher {
  /**
   * The first arguments that denote a request to a running service, which needs neither Spring nor
   * a database.
   */
  public static final Set<String> REQUESTS =
      Set.of(
          "keys",
          "expiring",
          "audit",
          "export",
          "workspaces",
          "operators",
          "webhooks",
          "feed",
          "log",
          "doctor",
          "init",
          "config",
          "completion");

  static final String APPLICATION = "dev.keyledger.standalone.StandaloneApplication";
  static final String REQUEST = "dev.keyledger.cli.Cli";

  private StandaloneLauncher() {}

  /**
   * Starts the application or sends a request, or prints in one line on stderr why it cannot, and
   * exits with 1.
   */
  public static void main(String[] arguments) throws Throwable {
    String[] canonical = canonical(arguments);
    Launcher.start(mainClass(canonical), canonical);
  }

  /** Returns the arguments, with {@code log verify} replaced by the command that it denotes. */
  static String[] canonical(String... arguments) {
    if (arguments.length < 2 || !arguments[0].equals("log") || !arguments[1].equals("verify")) {
      return arguments;
    }
    String[] canonical = Arrays.copyOfRange(arguments, 1, arguments.length);
    canonical[0] = "verify-log";
    return canonical;
  }

  static String mainClass(String... arguments) {
    return arguments.length > 0 && REQUESTS.contains(arguments[0]) ? REQUEST : APPLICATION;
  }
}
