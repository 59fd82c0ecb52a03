package dev.keyledger.node;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/**
 * Prints in one line on stderr why a node does not start and how to fix it, like a refusal before
 * Spring runs. Spring Boot's own reporter, which prints a page, is off in {@code
 * keyledger.properties}.
 */
final class OneLineReporter implements FailureAnalysisReporter {
  @Override
  public void report(FailureAnalysis analysis) {
    System.err.println(line(analysis));
  }

  static String line(FailureAnalysis analysis) {
    String action = analysis.getAction();
    String line =
        action == null
            ? analysis.getDescription()
            : withPeriod(analysis.getDescription().strip()) + " " + action;
    return line.strip().replaceAll("\\s+", " ");
  }

  private static String withPeriod(String sentence) {
    return sentence.endsWith(".") ? sentence : sentence + ".";
  }
}
