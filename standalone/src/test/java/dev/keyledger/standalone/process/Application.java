package dev.keyledger.standalone.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The three jars that are released. */
public enum Application {
  STANDALONE("keyledger.jar"),
  COMMAND_SIDE("keyledger-command.jar"),
  QUERY_SIDE("keyledger-query.jar");

  private final String property;

  Application(String property) {
    this.property = property;
  }

  /** The jar that this build has packaged. */
  Path jar() {
    Path jar =
        Path.of(
            Objects.requireNonNull(
                System.getProperty(property), property + " is set by the build: run mvn verify"));
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException("not packaged: " + jar);
    }
    return jar;
  }

  /** What the names of its files begin with. */
  String fileName() {
    return property.replace(".jar", "");
  }
}
