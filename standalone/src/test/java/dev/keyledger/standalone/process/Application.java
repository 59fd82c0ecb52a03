package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /** Returns the arguments of the java command that run the released jar. */
  List<String> released() {
    return List.of("-jar", jar().toString());
  }

  /**
   * Returns the arguments of the java command that run the same classes from the extracted jar with
   * an AOT cache, which starts in less than half the time.
   */
  List<String> cached() {
    List<String> extracted =
        List.of(
            "-jar",
            OncePerBuild.directory(fileName(), this::extract)
                .resolve(jar().getFileName())
                .toString());
    Path cache =
        OncePerBuild.directory(
                fileName() + "-aot",
                directory ->
                    KeyledgerProcess.train(this, extracted, directory.resolve("classes.aot")))
            .resolve("classes.aot");
    return List.of("-XX:AOTCache=" + cache, extracted.getFirst(), extracted.getLast());
  }

  /** Returns the prefix of the names of its files. */
  String fileName() {
    return property.replace(".jar", "");
  }

  private void extract(Path directory) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                KeyledgerProcess.JAVA,
                "-Djarmode=tools",
                "-jar",
                jar().toString(),
                "extract",
                "--destination",
                directory.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
  }

  /** Returns the jar that this build has packaged. */
  private Path jar() {
    Path jar =
        Path.of(
            Objects.requireNonNull(
                System.getProperty(property), property + " is set by the build: run mvn verify"));
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException("not packaged: " + jar);
    }
    return jar;
  }
}
