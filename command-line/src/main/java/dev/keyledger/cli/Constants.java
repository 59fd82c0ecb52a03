package dev.keyledger.cli;

import static java.util.stream.Collectors.joining;

import dev.keyledger.client.Environment;
import dev.keyledger.client.Key;
import dev.keyledger.client.RevocationReason;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The names of constants in the interface, such as {@code owner-left}. */
final class Constants {
  private static final String UNKNOWN = "OTHER";

  private Constants() {}

  static void register(CommandLine line) {
    register(line, Environment.class);
    register(line, Key.Status.class);
    register(line, RevocationReason.class);
  }

  private static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    line.registerConverter(type, text -> parse(type, text));
  }

  static <E extends Enum<E>> E parse(Class<E> type, String text) {
    E found = find(type, text);
    if (found == null) {
      throw new TypeConversionException(
          "'" + text + "' is none of " + names(type).collect(joining(", ")));
    }
    return found;
  }

  static <E extends Enum<E>> @Nullable E find(Class<E> type, String text) {
    return constants(type)
        .filter(constant -> Values.nameOf(constant).equals(text))
        .findFirst()
        .orElse(null);
  }

  private static <E extends Enum<E>> Stream<E> constants(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> !constant.name().equals(UNKNOWN));
  }

  private static <E extends Enum<E>> Stream<String> names(Class<E> type) {
    return constants(type).map(Values::nameOf);
  }

  /** The completions of an environment. */
  static final class Environments implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return names(Environment.class).iterator();
    }
  }

  /** The completions of a status. */
  static final class Statuses implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return names(Key.Status.class).iterator();
    }
  }

  /** The completions of a revocation reason. */
  static final class Reasons implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return names(RevocationReason.class).iterator();
    }
  }
}
