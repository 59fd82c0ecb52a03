package dev.keyledger.cli;

import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.client.Secret;
import java.net.URI;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The service that a command is sent to, and the credential and workspace that it uses.
 *
 * @param credential null if there is none
 * @param workspace null: that of the key, or {@code default} of the root key
 */
record Target(String url, @Nullable Secret credential, @Nullable String workspace) {
  /** The default address: a local standalone Keyledger. */
  static final String URL_DEFAULT = "http://127.0.0.1:8080";

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]+){3}|\\[(::1|0:0:0:0:0:0:0:1)]");

  /**
   * The values from the arguments; null where there is no argument.
   *
   * @param credential the content of the named file
   */
  record Given(@Nullable String url, @Nullable Secret credential, @Nullable String workspace) {}

  /**
   * Returns the target. Arguments have precedence over the environment, which has precedence over
   * the profile unless the arguments name the profile. The key of a profile is sent to its own URL
   * only: any other one would learn it.
   *
   * @param profile null if there is none
   * @param named whether the arguments name the profile
   */
  static Target of(
      Given given, CliEnvironment surroundings, @Nullable Profile profile, boolean named) {
    String profileUrl = profile == null ? null : plain(profile.url());
    String inEnvironment = surroundings.variable("KEYLEDGER_URL");
    String url =
        plain(
            Objects.requireNonNullElse(
                first(
                    given.url,
                    named ? profileUrl : inEnvironment,
                    named ? inEnvironment : profileUrl),
                URL_DEFAULT));
    Profile own = url.equals(profileUrl) ? profile : null;
    Secret ownKey = own == null ? null : own.key();
    String ownWorkspace = own == null ? null : own.workspace();
    String key = surroundings.variable("KEYLEDGER_KEY");
    Secret otherKey = key == null ? null : Secret.of(key.strip());
    String otherWorkspace = surroundings.variable("KEYLEDGER_WORKSPACE");
    return new Target(
        url,
        first(given.credential, named ? ownKey : otherKey, named ? otherKey : ownKey),
        first(
            given.workspace,
            named ? ownWorkspace : otherWorkspace,
            named ? otherWorkspace : ownWorkspace));
  }

  /** Returns whether the service is on this machine, so that no network carries the credential. */
  boolean isLocal() {
    String host = URI.create(url).getHost();
    return host != null && LOOPBACK.matcher(host).matches();
  }

  /** Returns a URL without a slash at its end. */
  static String plain(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static <T> @Nullable T first(@Nullable T a, @Nullable T b, @Nullable T c) {
    return a != null ? a : b != null ? b : c;
  }
}
