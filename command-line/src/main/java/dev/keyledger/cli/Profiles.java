package dev.keyledger.cli;

import dev.keyledger.client.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The services and credentials in the user's file. Its format is that of INI files: a section for
 * each profile with {@code url}, {@code workspace} and {@code key}, and before the first one the
 * name of the {@code profile} in use. Not thread-safe; if two processes write at once, one change
 * is lost.
 */
final class Profiles {
  /** The name of the profile unless another one is chosen. */
  static final String DEFAULT = "default";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern SECTION = Pattern.compile("\\[(" + NAME + ")]");

  private final Path file;
  private final Map<String, Profile> profiles = new TreeMap<>();
  private String current = DEFAULT;

  private Profiles(Path file) {
    this.file = file;
  }

  /**
   * A profile.
   *
   * @param workspace null: that of the key, or {@code default} of the root key
   * @param key the credential; null if it comes from elsewhere
   */
  record Profile(String url, @Nullable String workspace, @Nullable Secret key) {}

  /** Returns the file that holds the profiles. */
  static Path fileOf(CliEnvironment surroundings) {
    String named = surroundings.variable("KEYLEDGER_CONFIG");
    if (named != null) {
      return surroundings.directory().resolve(named);
    }
    String base = surroundings.variable("XDG_CONFIG_HOME");
    Path directory = base == null ? surroundings.home().resolve(".config") : Path.of(base);
    return directory.resolve("keyledger").resolve("config");
  }

  /**
   * Reads a file, which need not exist.
   *
   * @throws RefusedException if it is malformed, or other users can read the keys in it
   */
  static Profiles read(Path file) {
    var profiles = new Profiles(file);
    if (Files.exists(file)) {
      profiles.parse(PrivateFile.read(file));
      if (profiles.haveKeys() && PrivateFile.isOpen(file)) {
        throw new RefusedException(
            ExitCode.FILE, "Others can read the keys in %1$s. Run: chmod 600 %1$s".formatted(file));
      }
    }
    return profiles;
  }

  private void parse(String text) {
    String section = "";
    int number = 0;
    for (String each : text.lines().toList()) {
      number++;
      String line = each.strip();
      var named = SECTION.matcher(line);
      if (named.matches()) {
        section = named.group(1);
        profiles.put(section, new Profile("", null, null));
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        int equals = line.indexOf('=');
        if (equals < 0 || !set(section, line.substring(0, equals).strip(), line, equals)) {
          throw new RefusedException(
              ExitCode.FILE, "%s, line %d: not understood.".formatted(file, number));
        }
      }
    }
  }

  private boolean set(String section, String name, String line, int equals) {
    String value = line.substring(equals + 1).strip();
    Profile profile = profiles.get(section);
    if (profile == null) {
      current = value;
      return name.equals("profile");
    }
    profiles.put(
        section,
        switch (name) {
          case "url" -> new Profile(value, profile.workspace, profile.key);
          case "workspace" -> new Profile(profile.url, value, profile.key);
          case "key" -> new Profile(profile.url, profile.workspace, Secret.of(value));
          default -> profile;
        });
    return name.equals("url") || name.equals("workspace") || name.equals("key");
  }

  private boolean haveKeys() {
    return profiles.values().stream().anyMatch(profile -> profile.key != null);
  }

  Path file() {
    return file;
  }

  Collection<String> names() {
    return profiles.keySet();
  }

  String current() {
    return current;
  }

  Optional<Profile> find(String name) {
    return Optional.ofNullable(profiles.get(name));
  }

  /**
   * Returns a profile.
   *
   * @throws RefusedException if there is none of that name
   */
  Profile get(String name) {
    return find(name)
        .orElseThrow(() ->
            new RefusedException(
                ExitCode.USAGE,
                "There is no profile %s in %s; keyledger config list shows those that there are."
                    .formatted(name, file)));
  }

  /** Adds or replaces a profile. */
  void put(String name, Profile profile) {
    requireName(name);
    profiles.put(name, profile);
  }

  /**
   * Refuses an invalid name of a profile.
   *
   * @throws RefusedException if it is invalid
   */
  static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new RefusedException(
          ExitCode.USAGE,
          "A profile is named by 1 to 63 characters of a-z, 0-9 and -, the first no -.");
    }
  }

  void remove(String name) {
    profiles.remove(name);
  }

  /** Chooses the profile in use. */
  void use(String name) {
    current = name;
  }

  /** Writes the file. */
  void write() {
    var text = new StringBuilder("profile = ").append(current).append('\n');
    profiles.forEach((name, profile) -> {
      text.append("\n[").append(name).append("]\nurl = ").append(profile.url).append('\n');
      if (profile.workspace != null) {
        text.append("workspace = ").append(profile.workspace).append('\n');
      }
      if (profile.key != null) {
        text.append("key = ").append(profile.key.reveal()).append('\n');
      }
    });
    PrivateFile.replace(file, text.toString());
  }
}
