package dev.keyledger.http.request;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request, each of which may be given once. Not thread-safe. */
public final class QueryParameters {
  /** The maximum number of values of a parameter that may be repeated. */
  static final int VALUES_MAX = 20;

  private final ApiRequest request;
  private @Nullable Map<String, List<String>> values;

  QueryParameters(ApiRequest request) {
    this.request = request;
  }

  /**
   * Refuses parameters that are unknown, repeated or empty. Refuses path parameters too: Spring
   * would ignore everything after the semicolon and find the key before it.
   */
  void allow(Set<String> known) {
    allow(known, Set.of());
  }

  /**
   * Refuses parameters as {@link #allow(Set)} does, except that some may be repeated.
   *
   * @param repeatable may have up to {@value #VALUES_MAX} values
   */
  void allow(Set<String> known, Set<String> repeatable) {
    if (request.path().indexOf(';') >= 0) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "A path holds no semicolon here.");
    }
    values()
        .forEach((name, given) -> {
          if (!known.contains(name)) {
            throw unknown();
          }
          if (repeatable.contains(name)) {
            requireValues(name, given);
          } else {
            var _ = single(name, given);
          }
        });
  }

  private static void requireValues(String name, List<String> values) {
    if (values.size() > VALUES_MAX) {
      throw ProblemException.unreadable(name, "must be given at most " + VALUES_MAX + " times");
    }
    values.forEach(value -> single(name, List.of(value)));
  }

  /** Returns the values of a parameter that may be repeated; empty if it is absent. */
  List<String> values(String name) {
    return values().getOrDefault(name, List.of());
  }

  /** Returns the value of a parameter, or null if it is absent. */
  @Nullable String value(String name) {
    List<String> given = values().get(name);
    return given == null ? null : given.getFirst();
  }

  /**
   * Returns the parsed value of a parameter, or null if it is absent.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  <T> @Nullable T value(String name, Function<String, T> parse) {
    String text = value(name);
    return text == null ? null : parsed(name, text, parse);
  }

  /**
   * Returns the parsed values of a parameter that may be repeated.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  <T> List<T> values(String name, Function<String, T> parse) {
    return values(name).stream().map(text -> parsed(name, text, parse)).distinct().toList();
  }

  private static <T> T parsed(String name, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable(name, String.valueOf(wrong.getMessage()));
    }
  }

  /** Returns all parameters except some, as {@code name=value}, in a fixed order. */
  String without(Set<String> names) {
    return values().entrySet().stream()
        .filter(parameter -> !names.contains(parameter.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .map(parameter -> parameter.getKey() + "=" + String.join(",", parameter.getValue()))
        .collect(Collectors.joining("&"));
  }

  /**
   * Returns the only value of a parameter.
   *
   * @throws ProblemException with {@code bad-request} if there are more, or it is empty
   */
  public static String single(String name, List<String> values) {
    if (values.size() > 1) {
      throw ProblemException.unreadable(name, "must be given once");
    }
    if (values.getFirst().isEmpty()) {
      throw ProblemException.unreadable(name, "must not be empty");
    }
    return values.getFirst();
  }

  /** Returns the refusal of a parameter that an operation does not know. */
  public static ProblemException unknown() {
    return new ProblemException(
        ProblemCode.BAD_REQUEST, "The query has a parameter that is not known here.");
  }

  private Map<String, List<String>> values() {
    if (values == null) {
      values = QueryString.parse(request.query());
    }
    return values;
  }
}
