package dev.keyledger.node.commands;

import static java.util.Comparator.comparingInt;
import static java.util.stream.Collectors.joining;

import dev.keyledger.launch.StartupRefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The environment variables that configure Keyledger, as the configuration metadata on the class
 * path lists them. The metadata of this module adds variables that only the other side reads, so
 * that both sides can share an environment.
 *
 * @param descriptions the description of each variable, by its name
 */
record KnownVariables(TreeMap<String, String> descriptions) {
  private static final String METADATA = "META-INF/spring-configuration-metadata.json";
  private static final String PROPERTIES = "keyledger.";
  private static final String PREFIX = "KEYLEDGER_";

  /** Enough for the first name in a file. Those of Spring Boot have megabytes. */
  private static final int FIRST_BYTES = 1024;

  /** The variables that the requests of the command line read, and a node does not. */
  private static final Set<String> OF_REQUESTS =
      Set.of(
          "KEYLEDGER_URL",
          "KEYLEDGER_KEY",
          "KEYLEDGER_WORKSPACE",
          "KEYLEDGER_PROFILE",
          "KEYLEDGER_CONFIG");

  /**
   * The variables that Kubernetes sets in a pod for a Service called keyledger, or keyledger- and a
   * name.
   */
  private static final Pattern OF_KUBERNETES =
      Pattern.compile(
          "KEYLEDGER_(SERVICE_.*|PORT(_.*)?|.+_SERVICE_(HOST|PORT(_.+)?)"
              + "|.+_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  /** The value of a variable {@code ..._PORT} that Kubernetes sets. */
  private static final Pattern PORT_OF_KUBERNETES = Pattern.compile("(tcp|udp|sctp)://.*");

  /** Returns the variables that the metadata on the class path describes. */
  static KnownVariables ofClassPath() {
    var descriptions = new TreeMap<String, String>();
    try {
      ClassLoader loader = KnownVariables.class.getClassLoader();
      for (URL metadata : Collections.list(loader.getResources(METADATA))) {
        addVariables(metadata, descriptions);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KnownVariables(descriptions);
  }

  /** Adds the variables of a file of this project, whose first names show that it is one. */
  private static void addVariables(URL metadata, Map<String, String> descriptions)
      throws IOException {
    try (InputStream json = metadata.openStream()) {
      byte[] first = json.readNBytes(FIRST_BYTES);
      if (new String(first, StandardCharsets.UTF_8).contains("\"keyledger")) {
        addVariables(
            JsonMapper.shared()
                .readTree(new SequenceInputStream(new ByteArrayInputStream(first), json)),
            descriptions);
      }
    }
  }

  /** Returns a text without Javadoc's inline tags, for terminals. */
  private static String withoutTags(String javadoc) {
    return javadoc.replaceAll("\\{@\\w+ ([^}]*)}", "$1");
  }

  private static void addVariables(JsonNode metadata, Map<String, String> descriptions) {
    for (JsonNode property : metadata.path("properties")) {
      String name = property.path("name").asString();
      if (name.startsWith(PROPERTIES)) {
        descriptions.put(
            name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'),
            withoutTags(property.path("description").asString()));
      }
    }
  }

  /**
   * Refuses an environment with a variable that nothing would read: a misspelt one would silently
   * leave a setting at its default.
   *
   * @throws StartupRefusedException with one line for each unknown variable; it shows no value
   */
  void requireKnown(Map<String, String> environment) {
    String unknown =
        environment.entrySet().stream()
            .filter(variable -> isUnknown(variable.getKey(), variable.getValue()))
            .map(Map.Entry::getKey)
            .sorted()
            .map(name ->
                "%s is not a variable of Keyledger. The nearest one is %s: correct the name, or remove the variable."
                    .formatted(name, nearest(name)))
            .collect(joining(System.lineSeparator()));
    if (!unknown.isEmpty()) {
      throw new StartupRefusedException(unknown);
    }
  }

  private boolean isUnknown(String name, String value) {
    return name.startsWith(PREFIX)
        && !descriptions.containsKey(name)
        && !OF_REQUESTS.contains(name)
        && !OF_KUBERNETES.matcher(name).matches()
        && !isServiceLink(name, value);
  }

  /** Returns whether Kubernetes sets the variable for a Service, whether or not it is a setting. */
  static boolean isServiceLink(String name, String value) {
    return name.startsWith(PREFIX)
        && name.endsWith("_PORT")
        && PORT_OF_KUBERNETES.matcher(value).matches();
  }

  private String nearest(String name) {
    return Collections.min(descriptions.keySet(), comparingInt(known -> distance(known, name)));
  }

  /**
   * Returns the edit distance of two texts: the number of characters to insert, delete or replace.
   */
  private static int distance(String one, String other) {
    int[] above = IntStream.rangeClosed(0, other.length()).toArray();
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }
}
