package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** What {@code /actuator/prometheus} showed at one moment. */
public record Metrics(List<String> lines) {
  public Metrics {
    lines = List.copyOf(lines);
  }

  /** What a node shows now. */
  public static Metrics of(KeyledgerProcess node) {
    Answer answer = node.root().get("/actuator/prometheus");
    assertThat(answer.status()).isEqualTo(200);
    return new Metrics(answer.text().lines().toList());
  }

  /**
   * The sum of all series of a metric that have these labels; 0 if there is none.
   *
   * @param labels as in {@code outcome="done"}
   */
  public double sum(String name, String... labels) {
    return series(name)
        .filter(line -> Stream.of(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Whether there is such a metric. */
  public boolean has(String name) {
    return series(name).findAny().isPresent();
  }

  private Stream<String> series(String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "));
  }
}
