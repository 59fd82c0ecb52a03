package dev.keyledger.console.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * The files of the console: our own, and those of the libraries from their WebJars, at paths
 * without versions. A file is read once, at the first request. Thread-safe.
 */
final class ConsoleFiles {
  private static final String LIBRARIES = "console/lib/";

  /**
   * The pattern of names, which begin with a letter or digit, so that no path leads out of the
   * directory.
   */
  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+");

  private static final Map<String, MediaType> TYPES =
      Map.of(
          "html", MediaType.valueOf("text/html;charset=UTF-8"),
          "js", MediaType.valueOf("text/javascript;charset=UTF-8"),
          "css", MediaType.valueOf("text/css;charset=UTF-8"),
          "svg", MediaType.valueOf("image/svg+xml"));

  /**
   * A library.
   *
   * @param artifact of the WebJar
   * @param directory of its files in it; ends with a slash unless it is empty
   */
  private record Library(String artifact, String directory) {}

  /** The libraries, by their directories under {@code lib}. */
  private static final Map<String, Library> BY_DIRECTORY =
      Map.of(
          "lit", new Library("lit", ""),
          "lit-element", new Library("lit-element", ""),
          "lit-html", new Library("lit-html", ""),
          "reactive-element", new Library("lit__reactive-element", ""),
          "pico", new Library("picocss__pico", "css/"));

  private final Map<String, ConsoleFile> read = new ConcurrentHashMap<>();

  /**
   * Returns the file at a path, or null if there is none.
   *
   * @param path without a leading slash, such as {@code console/index.html}
   */
  @Nullable ConsoleFile find(String path) {
    ConsoleFile known = read.get(path);
    if (known != null) {
      return known;
    }
    MediaType type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (type == null || !PATH.matcher(path).matches()) {
      return null;
    }
    byte[] content = content(path);
    if (content == null) {
      return null;
    }
    return read.computeIfAbsent(path, _ -> ConsoleFile.of(type, content));
  }

  private static byte @Nullable [] content(String path) {
    if (!path.startsWith(LIBRARIES)) {
      return bytes("/dev/keyledger/console/http/web/" + path);
    }
    String inLibraries = path.substring(LIBRARIES.length());
    int slash = inLibraries.indexOf('/');
    Library library = slash < 0 ? null : BY_DIRECTORY.get(inLibraries.substring(0, slash));
    return library == null
        ? null
        : bytes(
            "/META-INF/resources/webjars/%s/%s/%s%s"
                .formatted(
                    library.artifact,
                    version(library.artifact),
                    library.directory,
                    inLibraries.substring(slash + 1)));
  }

  /** Returns the version of a WebJar, which is part of the paths in it. */
  private static String version(String artifact) {
    byte[] content = bytes("/META-INF/maven/org.webjars.npm/%s/pom.properties".formatted(artifact));
    if (content == null) {
      throw new IllegalStateException("the WebJar " + artifact + " is not on the class path");
    }
    var properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }

  private static byte @Nullable [] bytes(String resource) {
    try (InputStream stream = ConsoleFiles.class.getResourceAsStream(resource)) {
      return stream == null ? null : stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
