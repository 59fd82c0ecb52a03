package dev.keyledger.launch;

/** Main class of {@code keyledger-query.jar}. */
public final class QueryLauncher {
  private QueryLauncher() {}

  /** Starts the application, or prints in one line on stderr why it cannot, and exits with 1. */
  public static void main(String[] arguments) throws Throwable {
    Launcher.start("dev.keyledger.query.QueryApplication", arguments);
  }
}
