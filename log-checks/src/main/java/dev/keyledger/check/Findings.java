package dev.keyledger.check;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The findings of a check: one line each, up to a maximum per kind. Not thread-safe. */
final class Findings {
  /** The most findings of a kind that are printed one by one. */
  static final int PRINTED_MAX = 20;

  private final Consumer<String> out;
  private final Map<String, Long> numbers = new TreeMap<>();

  Findings(Consumer<String> out) {
    this.out = out;
  }

  /**
   * Adds a finding.
   *
   * @param kind a few words by which findings are counted
   * @param detail where, and what is there instead of what
   */
  void add(String kind, String detail) {
    long number = numbers.merge(kind, 1L, Long::sum);
    if (number <= PRINTED_MAX) {
      out.accept(kind + ": " + detail);
    }
  }

  long number() {
    return numbers.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Prints the number of findings of each kind that has more than the maximum. */
  void reportTheRest() {
    numbers.forEach((kind, number) -> {
      if (number > PRINTED_MAX) {
        out.accept("%s: %d more".formatted(kind, number - PRINTED_MAX));
      }
    });
  }
}
