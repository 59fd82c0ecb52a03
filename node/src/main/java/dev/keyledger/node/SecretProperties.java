package dev.keyledger.node;

import dev.keyledger.access.RootKeys;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The secrets of a node. Its text form shows none of them.
 *
 * @param rootKey comma-separated root keys
 * @param peppers comma-separated {@code version:base64} pairs, the current one first
 * @param peppersFile file that holds the peppers instead; empty: none
 */
@ConfigurationProperties("keyledger")
record SecretProperties(
    @DefaultValue("") String rootKey,
    @DefaultValue("") String peppers,
    @DefaultValue("") String peppersFile) {
  /**
   * @throws IllegalArgumentException if a secret is missing or invalid; the message shows none
   */
  SecretProperties {
    rootKeys(rootKey);
    peppers(peppers, peppersFile);
  }

  RootKeys rootKeys() {
    return rootKeys(rootKey);
  }

  /** Returns the peppers, from the file if there is one. */
  Peppers parsedPeppers() {
    return peppers(peppers, peppersFile);
  }

  private static RootKeys rootKeys(String text) {
    return Variable.parse("KEYLEDGER_ROOT_KEY", () -> new RootKeys(text));
  }

  private static Peppers peppers(String text, String file) {
    return file.isEmpty()
        ? Variable.parse("KEYLEDGER_PEPPERS", () -> Peppers.parse(text))
        : Variable.parse("KEYLEDGER_PEPPERS_FILE", () -> Peppers.parse(read(file)));
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("cannot read the file: " + unreadable, unreadable);
    }
  }

  @Override
  public String toString() {
    return "SecretProperties[redacted]";
  }
}
