import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Formats every Java file below the working directory ({@code write}), or fails and names those
 * that are not formatted ({@code check}).
 */
final class Format {
  public static void main(String[] arguments) throws Exception {
    boolean write = arguments.length == 1 && arguments[0].equals("write");
    List<Path> sources;
    try (var files = Files.walk(Path.of(""))) {
      sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.toString().contains("target/"))
              .sorted()
              .toList();
    }
    var formatter = new Formatter();
    var unformatted = new ArrayList<Path>();
    for (Path source : sources) {
      String text = Files.readString(source);
      String imports =
          ImportOrderer.reorderImports(
              RemoveUnusedImports.removeUnusedImports(text), JavaFormatterOptions.Style.GOOGLE);
      String formatted = formatter.formatSource(imports);
      if (!formatted.equals(text)) {
        unformatted.add(source);
        if (write) {
          Files.writeString(source, formatted);
        }
      }
    }
    if (!write && !unformatted.isEmpty()) {
      System.err.println(
          "Not formatted; `mvn -N process-test-classes -Dformat.mode=write` mends it:");
      unformatted.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }
}
