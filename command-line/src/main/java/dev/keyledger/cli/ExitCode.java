package dev.keyledger.cli;

import dev.keyledger.client.KeyledgerException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/** The exit codes: one for each kind of failure. */
enum ExitCode {
  DONE(0, "done"),
  NO(1, "the answer is no: the key is not valid, or doctor has found a problem"),
  USAGE(2, "wrong arguments or configuration; nothing was sent"),
  UNAUTHORIZED(3, "there is no credential, or it is not good"),
  FORBIDDEN(4, "the credential does not permit this"),
  NOT_FOUND(5, "there is no such key, workspace or webhook"),
  CONFLICT(6, "the state of the key or the workspace does not allow this"),
  INVALID(7, "the service refuses the request, by its limits or the policy"),
  RATE_LIMITED(8, "too many requests; nothing was done"),
  UNAVAILABLE(9, "the service cannot be reached or cannot decide; no command was done"),
  OUTCOME_UNKNOWN(10, "the command may or may not have been done"),
  UNEXPECTED(11, "the answer is none of Keyledger's, or is cut off"),
  FILE(12, "a file cannot be read or written");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  /** Returns the code of a failed call. */
  static ExitCode of(Exception failure) {
    return switch (failure) {
      case RefusedException refused -> refused.exitCode();
      case KeyledgerException failed -> of(failed);
      case UncheckedIOException _ -> UNAVAILABLE; // the connection broke amid an answer
      case IllegalArgumentException _ -> USAGE; // the client refuses to send it
      case TypeConversionException _ -> USAGE;
      default -> throw new IllegalStateException(failure);
    };
  }

  private static ExitCode of(KeyledgerException failure) {
    return switch (failure) {
      case KeyledgerException.Invalid _ -> INVALID;
      case KeyledgerException.Unauthorized _ -> UNAUTHORIZED;
      case KeyledgerException.Forbidden _ -> FORBIDDEN;
      case KeyledgerException.NotFound _ -> NOT_FOUND;
      case KeyledgerException.Conflict _ -> CONFLICT;
      case KeyledgerException.RateLimited _ -> RATE_LIMITED;
      case KeyledgerException.Unavailable _ -> UNAVAILABLE;
      case KeyledgerException.OutcomeUnknown _ -> OUTCOME_UNKNOWN;
      case KeyledgerException.Unexpected _ -> UNEXPECTED;
    };
  }

  /** Returns the meaning of each number, as the help lists them. */
  static Map<String, String> meanings() {
    var meanings = new LinkedHashMap<String, String>();
    Arrays.stream(values()).forEach(code -> meanings.put(" " + code.number, code.meaning));
    return meanings;
  }
}
