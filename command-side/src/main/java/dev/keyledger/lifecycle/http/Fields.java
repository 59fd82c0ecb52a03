package dev.keyledger.lifecycle.http;

import dev.keyledger.http.FieldError;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one body and reports all errors at once. */
final class Fields {
  private final List<FieldError> errors = new ArrayList<>();

  /**
   * Returns the value of a required field; null, with an error added, if it is absent or invalid.
   */
  <S, T> @Nullable T required(String field, @Nullable S raw, Function<S, T> parse) {
    if (raw == null) {
      errors.add(new FieldError(field, "is required"));
      return null;
    }
    return optional(field, raw, parse);
  }

  /**
   * Returns the value of a field; null if it is absent, or if it is invalid and an error was added.
   */
  <S, T> @Nullable T optional(String field, @Nullable S raw, Function<S, T> parse) {
    if (raw == null) {
      return null;
    }
    try {
      return parse.apply(raw);
    } catch (IllegalArgumentException wrong) {
      errors.add(new FieldError(field, String.valueOf(wrong.getMessage())));
      return null;
    }
  }

  /**
   * Returns the value of a field that the reading cannot continue without.
   *
   * @throws ProblemException with {@code invalid-field} if this or an earlier field is invalid
   */
  <S, T> T demand(String field, @Nullable S raw, Function<S, T> parse) {
    T value = required(field, raw, parse);
    requireValid();
    return validated(value);
  }

  /** Adds an error if a {@code PATCH} sets a field to null that must have a value. */
  void refuseClearing(String field, Set<String> cleared) {
    if (cleared.contains(field)) {
      wrong(field, "must not be null: it cannot be cleared");
    }
  }

  void wrong(String field, String message) {
    errors.add(new FieldError(field, message));
  }

  /**
   * Ends the reading.
   *
   * @throws ProblemException with {@code invalid-field} if any field is invalid
   */
  void requireValid() {
    if (!errors.isEmpty()) {
      throw new ProblemException(
          ProblemCode.INVALID_FIELD,
          errors.getFirst().field() + " " + errors.getFirst().message() + ".",
          errors);
    }
  }

  /** Returns the value of a field that {@link #requireValid} has validated. */
  static <T> T validated(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("a field was read before all fields were validated");
    }
    return value;
  }
}
