package dev.keyledger.verifylog;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints what is proven and what is not, one statement a line, or at the end as one JSON object.
 * Not thread-safe.
 */
final class VerificationReport {
  /** The maximum number of statements that say what is wrong. */
  static final int PRINTED_MAX = 20;

  private final Consumer<String> out;
  private final boolean json;
  private final Statements statements = new Statements();
  private long wrong;
  private boolean unchecked;

  VerificationReport(Consumer<String> out, boolean json) {
    this.out = out;
    this.json = json;
  }

  private record Statements(
      List<String> proven, List<String> notShown, List<String> notChecked, List<String> wrong) {
    Statements() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  private record Concluded(int exitCode, Statements statements) {}

  private record Failed(int exitCode, String message) {}

  /** Names events by their positions, as the subject of a sentence. */
  static String events(long from, long to) {
    return from == to
        ? "event %,d is".formatted(from)
        : "events %,d to %,d are".formatted(from, to);
  }

  /** Returns the object that says why nothing could be checked. */
  static String failure(String message) {
    return JsonMapper.shared().writeValueAsString(new Failed(VerifyLog.NOT_CHECKED, message));
  }

  void proven(String what) {
    state("proven", what, statements.proven);
  }

  /** States a limit: something that nobody must take for proven. */
  void notShown(String what) {
    state("not shown", what, statements.notShown);
  }

  /** States that something that was asked for could not be checked. */
  void notChecked(String what) {
    unchecked = true;
    state("not checked", what, statements.notChecked);
  }

  void wrong(String what) {
    wrong++;
    if (wrong <= PRINTED_MAX) {
      state("wrong", what, statements.wrong);
    }
  }

  private void state(String kind, String what, List<String> same) {
    if (json) {
      same.add(what);
    } else {
      out.accept(kind + ": " + what);
    }
  }

  /** Prints the conclusion, and returns the exit code. */
  int conclude() {
    if (wrong > PRINTED_MAX) {
      state("wrong", "%,d more".formatted(wrong - PRINTED_MAX), statements.wrong);
    }
    if (wrong > 0) {
      return conclude("NOT PROVEN", VerifyLog.NOT_PROVEN);
    }
    return unchecked
        ? conclude("NOT CHECKED", VerifyLog.NOT_CHECKED)
        : conclude("proven", VerifyLog.PROVEN);
  }

  private int conclude(String verdict, int exitCode) {
    if (json) {
      out.accept(JsonMapper.shared().writeValueAsString(new Concluded(exitCode, statements)));
    } else {
      out.accept("verify-log: " + verdict);
    }
    return exitCode;
  }
}
