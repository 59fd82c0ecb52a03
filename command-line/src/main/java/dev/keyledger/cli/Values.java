package dev.keyledger.cli;

import dev.keyledger.client.Actor;
import dev.keyledger.client.Owner;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Parsers of the values in arguments. */
final class Values {
  private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})([smhdw])");
  private static final Pattern WEEKS = Pattern.compile("P(\\d{1,9})W");

  private Values() {}

  /**
   * The lifetime of a key.
   *
   * @param duration from now on; null: without end
   */
  record Lifetime(@Nullable Duration duration) {}

  /** Registers the parsers with a command line. */
  static void register(CommandLine line) {
    line.registerConverter(Duration.class, Values::duration);
    line.registerConverter(Lifetime.class, Values::lifetime);
    line.registerConverter(Instant.class, Values::time);
    line.registerConverter(Owner.class, Values::owner);
    line.registerConverter(Actor.class, Values::actor);
    Constants.register(line);
  }

  /** Parses {@code 30d}, {@code 12h} and the like, or ISO 8601 ({@code P30D}, {@code PT12H}). */
  static Duration duration(String text) {
    Matcher weeks = WEEKS.matcher(text);
    if (weeks.matches()) {
      return Duration.ofDays(7 * Long.parseLong(weeks.group(1)));
    }
    Matcher simple = SHORT_DURATION.matcher(text);
    if (simple.matches()) {
      long number = Long.parseLong(simple.group(1));
      return switch (simple.group(2)) {
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        case "d" -> Duration.ofDays(number);
        default -> Duration.ofDays(7 * number);
      };
    }
    try {
      Duration duration = Duration.parse(text);
      if (!duration.isNegative()) {
        return duration;
      }
    } catch (DateTimeException _) {
      // refused below
    }
    throw new TypeConversionException(
        "'" + text + "' is no duration, such as 30d, 12h, 90m or P1DT12H");
  }

  /**
   * Returns a duration in the form of {@link #duration}, in the largest unit that it is a multiple
   * of.
   */
  static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (!duration.equals(Duration.ofSeconds(seconds))) {
      return duration.toString();
    }
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3600 + "h";
  }

  static Lifetime lifetime(String text) {
    return new Lifetime(text.equals("never") ? null : duration(text));
  }

  static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      throw new TypeConversionException("'" + text + "' is no time, such as 2027-01-31T12:00:00Z");
    }
  }

  static Owner owner(String text) {
    String[] parts = text.split(":", 2);
    Owner.Type type = Constants.find(Owner.Type.class, parts[0]);
    if (parts.length != 2 || parts[1].isEmpty() || type == null) {
      throw new TypeConversionException(
          "'" + text + "' is no owner, such as app:billing, service:reports or user:42");
    }
    return new Owner(type, parts[1]);
  }

  static Actor actor(String text) {
    String[] parts = text.split(":", 2);
    return new Actor(parts[0], parts.length == 2 ? parts[1] : null);
  }

  /** Returns the text that names a constant. */
  static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
