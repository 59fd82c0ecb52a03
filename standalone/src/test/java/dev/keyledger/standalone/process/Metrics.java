package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

/** The content of {@code /actuator/prometheus} at one moment. */
public record Metrics(List<String> lines) {
  public Metrics {
    lines = List.copyOf(lines);
  }

  /** Reads the current metrics of a node. */
  public static Metrics of(KeyledgerProcess node) {
    Answer answer = node.root().get("/actuator/prometheus");
    assertThat(answer.status()).isEqualTo(200);
    return new Metrics(answer.text().lines().toList());
  }

  /**
   * Returns the sum of all series of a metric with these labels; 0 if there is none.
   *
   * @param labels in the form {@code outcome="done"}
   */
  public double sum(String name, String... labels) {
    return series(name)
        .filter(line -> Stream.of(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Returns whether there is a metric with a name. */
  public boolean has(String name) {
    return series(name).findAny().isPresent();
  }

  private Stream<String> series(String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "));
  }
}
