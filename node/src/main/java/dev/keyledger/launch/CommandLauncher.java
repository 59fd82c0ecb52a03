package dev.keyledger.launch;

/** Main class of {@code keyledger-command.jar}. */
public final class CommandLauncher {
  private CommandLauncher() {}

  /** Starts the application, or prints in one line on stderr why it cannot, and exits with 1. */
  public static void main(String[] arguments) throws Throwable {
    Launcher.start("dev.keyledger.command.CommandApplication", arguments);
  }
}
