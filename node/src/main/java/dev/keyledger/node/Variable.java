package dev.keyledger.node;

import java.util.function.Supplier;

/** Parses settings, and names the environment variable in the message if one is invalid. */
public final class Variable {
  private Variable() {}

  /**
   * Returns the result of the parser.
   *
   * @param name name of the environment variable
   * @throws IllegalArgumentException if the parser throws one; without its cause, which may quote a
   *     secret
   */
  public static <T> T parse(String name, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(name + ": " + invalid.getMessage());
    }
  }
}
