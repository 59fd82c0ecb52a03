package dev.keyledger.delivery.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The two forms of a mail, as plain text and as HTML, with placeholders in braces. A line with a
 * placeholder for an absent value is omitted. Immutable.
 */
final class MailTemplate {
  private static final Pattern NAME = Pattern.compile("\\{([a-zA-Z]+)}");

  private final String plain;
  private final String html;

  /**
   * @param name the name of the files without their extensions
   */
  MailTemplate(String name) {
    plain = read(name + ".txt");
    html = read(name + ".html");
  }

  private static String read(String file) {
    try (InputStream bytes = MailTemplate.class.getResourceAsStream(file)) {
      return new String(requireNonNull(bytes, file).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the mail with these values. Only {@code details} may have several lines. */
  MailText fill(String subject, Map<String, String> values) {
    return new MailText(
        oneLine(subject),
        filled(plain, values, value -> value),
        filled(html, values, MailTemplate::escaped));
  }

  private static String filled(
      String template, Map<String, String> values, UnaryOperator<String> escape) {
    return template
        .lines()
        .flatMap(line -> filledLine(line, values, escape))
        .collect(Collectors.joining("\r\n", "", "\r\n"));
  }

  private static Stream<String> filledLine(
      String line, Map<String, String> values, UnaryOperator<String> escape) {
    boolean complete =
        NAME.matcher(line).results().allMatch(name -> values.containsKey(name.group(1)));
    return complete
        ? Stream.of(
            NAME.matcher(line)
                .replaceAll(name ->
                    Matcher.quoteReplacement(
                        escape.apply(
                            value(name.group(1), requireNonNull(values.get(name.group(1))))))))
        : Stream.empty();
  }

  private static String value(String name, String value) {
    return name.equals("details") ? value.replace("\n", "\r\n") : oneLine(value);
  }

  /** Returns a text without control characters, which could break a line or a header. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
