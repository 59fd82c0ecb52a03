package dev.keyledger.standalone.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The names in the tables of the documents. */
public final class Documented {
  private static final Path DOCS = Path.of(System.getProperty("user.dir")).resolveSibling("docs");
  private static final Pattern VARIABLE = Pattern.compile("`(KEYLEDGER_[A-Z_]+)`");
  private static final Pattern METER = Pattern.compile("`([a-z_]+_[a-z_]+)`");

  private Documented() {}

  /** Returns the variables in the tables of settings. */
  public static Set<String> settings() throws IOException {
    var settings = firstColumn("configuration.md", "KEYLEDGER_", VARIABLE);
    settings.addAll(firstColumn("operations.md", "KEYLEDGER_", VARIABLE));
    return settings;
  }

  /** Returns the names in the table of metrics. */
  public static Set<String> metrics() throws IOException {
    var metrics = firstColumn("operations.md", "keyledger_", METER);
    metrics.addAll(firstColumn("operations.md", "http_", METER));
    return metrics;
  }

  private static Set<String> firstColumn(String document, String prefix, Pattern name)
      throws IOException {
    var names = new TreeSet<String>();
    for (String line : Files.readAllLines(DOCS.resolve(document))) {
      if (line.startsWith("| `" + prefix)) {
        name.matcher(line.split("\\|", -1)[1])
            .results()
            .forEach(found -> names.add(found.group(1)));
      }
    }
    return names;
  }
}
