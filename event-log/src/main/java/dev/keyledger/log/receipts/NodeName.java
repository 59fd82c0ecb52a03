package dev.keyledger.log.receipts;

import java.util.regex.Pattern;

/**
 * The operator's name for a node. Names need not be unique; instance ids are.
 *
 * @param value 1 to 128 characters of {@code A-Z a-z 0-9 . _ : -}, the first a letter or digit
 */
public record NodeName(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");
  private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^A-Za-z0-9._-]");

  /**
   * @throws IllegalArgumentException if it has another form
   */
  public NodeName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "KEYLEDGER_NODE_NAME must be 1 to 128 characters of A-Z a-z 0-9 . _ : -, the first a"
              + " letter or digit");
    }
  }

  /** Returns the name of a node that was given none. */
  public static NodeName of(String host, int port) {
    String text = OTHER_CHARACTERS.matcher(host).replaceAll("-");
    String suffix = ":" + port;
    String start = text.isEmpty() || !Character.isLetterOrDigit(text.charAt(0)) ? "node" : "";
    String name = start + text;
    return new NodeName(name.substring(0, Math.min(name.length(), 128 - suffix.length())) + suffix);
  }

  @Override
  public String toString() {
    return value;
  }
}
