package dev.keyledger.cli;

import static java.util.stream.Collectors.joining;

import dev.keyledger.client.DecisionCode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The output of a command: tables for people, or JSON.
 *
 * @param json whether to print JSON
 */
record Output(PrintWriter out, PrintWriter err, boolean json) {
  /** The number of table rows that are aligned with each other. */
  static final int BLOCK = 1000;

  /** Characters that move the cursor or disguise text; they are not printed. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  /**
   * A column of a table.
   *
   * @param value the value of the cell; null if it is empty
   */
  record Column<T>(String title, Function<T, @Nullable Object> value) {}

  /**
   * The printed forms of one kind of value.
   *
   * @param row the cells of a row in a list
   * @param details the lines of a value that is shown alone
   * @param json the fields of its JSON object
   */
  record View<T>(
      List<Column<T>> row, List<Column<T>> details, Function<T, Map<String, Object>> json) {}

  /** Prints values as rows, as they arrive; as JSON, an array. */
  <T> void list(Stream<T> values, View<T> view) {
    Iterator<T> rest = values.iterator();
    if (json) {
      String before = "[";
      while (rest.hasNext()) {
        out.print(before + Json.write(view.json.apply(rest.next())));
        before = ",\n ";
      }
      out.println(before.equals("[") ? "[]" : "]");
      return;
    }
    List<String> titles = view.row.stream().map(Column::title).toList();
    do {
      var rows = new ArrayList<List<String>>();
      rows.add(titles);
      while (rest.hasNext() && rows.size() <= BLOCK) {
        T value = rest.next();
        rows.add(view.row.stream().map(column -> text(column.value.apply(value))).toList());
      }
      align(rows, out);
    } while (rest.hasNext());
  }

  /** Prints a value, with a line for each detail; as JSON, an object. */
  <T> void one(T value, View<T> view) {
    if (json) {
      out.println(Json.write(view.json.apply(value)));
    } else {
      align(rows(value, view.details), out);
    }
  }

  /** Prints the subject of the standard output, for people. */
  <T> void beside(T value, View<T> view) {
    align(rows(value, view.details), err);
  }

  private static <T> List<List<String>> rows(T value, List<Column<T>> columns) {
    var rows = new ArrayList<List<String>>();
    for (Column<T> column : columns) {
      Object field = column.value.apply(value);
      if (field != null && !(field instanceof Collection<?> some && some.isEmpty())) {
        rows.add(List.of(column.title, text(field)));
      }
    }
    return rows;
  }

  /** Prints a line to standard output. */
  void line(String line) {
    out.println(line);
  }

  /** Prints a line for people, to standard error. */
  void note(String line) {
    err.println(line);
  }

  private static void align(List<List<String>> rows, PrintWriter to) {
    int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      to.println(line.toString().stripTrailing());
    }
  }

  /**
   * Returns a value for people: times to the second, durations as arguments, a dash for nothing.
   */
  static String text(@Nullable Object value) {
    String text =
        switch (value) {
          case null -> "-";
          case Instant time -> time.truncatedTo(ChronoUnit.SECONDS).toString();
          case Duration duration -> Values.text(duration);
          case DecisionCode code -> code.name();
          case Enum<?> constant -> Values.nameOf(constant);
          case Map<?, ?> fields ->
              fields.entrySet().stream()
                  .map(field -> field.getKey() + "=" + field.getValue())
                  .collect(joining(" "));
          case Collection<?> values -> values.stream().map(Output::text).collect(joining(" "));
          default -> value.toString();
        };
    String printable = UNPRINTABLE.matcher(text).replaceAll("\uFFFD");
    return printable.isEmpty() ? "-" : printable;
  }
}
