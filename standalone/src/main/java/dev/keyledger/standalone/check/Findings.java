package dev.keyledger.standalone.check;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What a check has found: a line for each, up to a number of each kind. For one thread. */
final class Findings {
  /** How many of a kind are told one by one. */
  static final int TOLD_MAX = 20;

  private final Consumer<String> out;
  private final Map<String, Long> numbers = new TreeMap<>();

  Findings(Consumer<String> out) {
    this.out = out;
  }

  /**
   * Notes one.
   *
   * @param kind a few words by which findings are counted
   * @param detail where, and what is there instead of what
   */
  void add(String kind, String detail) {
    long number = numbers.merge(kind, 1L, Long::sum);
    if (number <= TOLD_MAX) {
      out.accept(kind + ": " + detail);
    }
  }

  long number() {
    return numbers.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Says how many there are of the kinds that have more than were told. */
  void tellTheRest() {
    numbers.forEach((kind, number) -> {
      if (number > TOLD_MAX) {
        out.accept("%s: %d more".formatted(kind, number - TOLD_MAX));
      }
    });
  }
}
