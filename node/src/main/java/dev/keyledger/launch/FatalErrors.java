package dev.keyledger.launch;

/**
 * Ends the process after an Error that leaves it unsound, so that its supervisor starts it again: a
 * node that continues without memory or without some of its threads would only seem to work.
 */
public final class FatalErrors {
  /** The exit code after such an Error. */
  public static final int EXIT_CODE = 70;

  private FatalErrors() {}

  /** Ends the process if the JVM itself has failed. A stack overflow concerns one call only. */
  public static void endIfFatal(Throwable thrown) {
    if (thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError)) {
      System.err.println("Keyledger ends, because this node is no longer sound: " + thrown);
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  /** Makes every uncaught Error of this kind end the process. */
  static void endOnUncaught() {
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
      endIfFatal(thrown);
      System.err.print("Exception in thread \"" + thread.getName() + "\" ");
      thrown.printStackTrace();
    });
  }
}
