package dev.keyledger.lifecycle.http;

import dev.keyledger.node.Variable;
import java.net.URI;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of reports by GitHub's secret scanning.
 *
 * @param keysUrl the URL of GitHub's public keys; blank: GitHub's own
 * @param labels whether the answer labels the reported secrets as real or false
 */
@ConfigurationProperties("keyledger.github")
record GitHubProperties(@DefaultValue("") String keysUrl, @DefaultValue("false") Boolean labels) {
  private static final URI OF_GITHUB =
      URI.create("https://api.github.com/meta/public_keys/secret_scanning");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]", Pattern.CASE_INSENSITIVE);

  /**
   * @throws IllegalArgumentException if keys cannot be fetched from the URL
   */
  GitHubProperties {
    var _ = keysUri(keysUrl);
  }

  URI keysUri() {
    return keysUri(keysUrl);
  }

  private static URI keysUri(String url) {
    return url.isBlank()
        ? OF_GITHUB
        : Variable.parse("KEYLEDGER_GITHUB_KEYS_URL", () -> checked(url.strip()));
  }

  private static URI checked(String url) {
    URI uri = URI.create(url);
    boolean safe =
        "https".equalsIgnoreCase(uri.getScheme())
            || ("http".equalsIgnoreCase(uri.getScheme())
                && LOOPBACK.matcher(String.valueOf(uri.getHost())).matches());
    if (!safe || uri.getHost() == null || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "must be an https URL without a user; http is accepted for a loopback address only");
    }
    return uri;
  }
}
