package dev.keyledger.launch;

/** Main class of {@code keyledger.jar}. */
public final class StandaloneLauncher {
  private StandaloneLauncher() {}

  /** Starts the application, or says in one line on stderr why not and exits with 1. */
  public static void main(String[] arguments) throws Throwable {
    Launcher.start("dev.keyledger.standalone.StandaloneApplication", arguments);
  }
}
