package dev.keyledger.verifylog;

import java.util.function.Consumer;

/** Prints what is proven and what is not, one statement a line. Not thread-safe. */
final class Verdict {
  /** The maximum number of lines that say what is wrong. */
  static final int PRINTED_MAX = 20;

  private final Consumer<String> out;
  private long wrong;
  private boolean unchecked;

  Verdict(Consumer<String> out) {
    this.out = out;
  }

  /** Names events by their positions, as the subject of a sentence. */
  static String events(long from, long to) {
    return from == to
        ? "event %,d is".formatted(from)
        : "events %,d to %,d are".formatted(from, to);
  }

  void proven(String what) {
    out.accept("proven: " + what);
  }

  /** States a limit: something that nobody must take for proven. */
  void notShown(String what) {
    out.accept("not shown: " + what);
  }

  /** States that something that was asked for could not be checked. */
  void notChecked(String what) {
    unchecked = true;
    out.accept("not checked: " + what);
  }

  void wrong(String what) {
    wrong++;
    if (wrong <= PRINTED_MAX) {
      out.accept("wrong: " + what);
    }
  }

  /** Prints the last line, and returns the exit code. */
  int conclude() {
    if (wrong > PRINTED_MAX) {
      out.accept("wrong: %,d more".formatted(wrong - PRINTED_MAX));
    }
    if (wrong > 0) {
      out.accept("verify-log: NOT PROVEN");
      return VerifyLog.NOT_PROVEN;
    }
    if (unchecked) {
      out.accept("verify-log: NOT CHECKED");
      return VerifyLog.NOT_CHECKED;
    }
    out.accept("verify-log: proven");
    return VerifyLog.PROVEN;
  }
}
