package dev.keyledger.log;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL to use and the role to use it as. No text produced here contains the password.
 *
 * @param jdbcUrl begins with {@code jdbc:postgresql:} and holds no credentials
 * @param username the role
 * @param password its password; empty if the server requires none
 * @param owner another role, which owns the schemas and migrates them; null: this role does
 */
public record DatabaseSettings(
    String jdbcUrl, String username, String password, @Nullable Login owner) {
  /** A role and its password. */
  public record Login(String username, String password) {
    @Override
    public String toString() {
      return username;
    }
  }

  private static final String JDBC = "jdbc:postgresql:";
  private static final Pattern CREDENTIALS =
      Pattern.compile("//[^/?]*@|[?&](user|password)=", Pattern.CASE_INSENSITIVE);

  /** Creates the settings of a role that migrates the schemas itself. */
  public DatabaseSettings(String jdbcUrl, String username, String password) {
    this(jdbcUrl, username, password, null);
  }

  /** Returns the same settings with another role that owns the schemas; null: none. */
  public DatabaseSettings ownedBy(@Nullable Login other) {
    return new DatabaseSettings(jdbcUrl, username, password, other);
  }

  /** Returns the settings to log in as the role that owns the schemas. */
  public DatabaseSettings asOwner() {
    return owner == null
        ? this
        : new DatabaseSettings(jdbcUrl, owner.username, owner.password, null);
  }

  /**
   * @throws IllegalArgumentException if the URL is not a JDBC URL of PostgreSQL, or holds
   *     credentials
   */
  public DatabaseSettings {
    if (!jdbcUrl.startsWith(JDBC)) {
      throw new IllegalArgumentException("the database URL must begin with " + JDBC);
    }
    if (CREDENTIALS.matcher(jdbcUrl).find()) {
      throw new IllegalArgumentException("a JDBC URL must not contain a user or a password");
    }
  }

  /**
   * Parses user settings: a JDBC URL, or the form that most platforms provide, {@code
   * postgres://user:password@host:port/database?option=value}.
   *
   * @param username takes precedence over the one in the URL; null or empty if not given
   * @param password likewise
   * @throws IllegalArgumentException if the URL is malformed, or no user is given
   */
  public static DatabaseSettings parse(
      String url, @Nullable String username, @Nullable String password) {
    String user = username == null ? "" : username;
    String secret = password == null ? "" : password;
    String jdbcUrl = url;
    if (url.startsWith("postgres://") || url.startsWith("postgresql://")) {
      URI uri = uriOf(url);
      String userInfo = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
      int colon = userInfo.indexOf(':');
      user = user.isEmpty() ? decode(colon < 0 ? userInfo : userInfo.substring(0, colon)) : user;
      secret = secret.isEmpty() && colon >= 0 ? decode(userInfo.substring(colon + 1)) : secret;
      jdbcUrl = jdbcUrlOf(uri);
    }
    if (user.isEmpty()) {
      throw new IllegalArgumentException("the database URL needs a user name beside it");
    }
    return new DatabaseSettings(jdbcUrl, user, secret);
  }

  private static String jdbcUrlOf(URI uri) {
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return JDBC + "//" + uri.getHost() + port + uri.getRawPath() + query;
  }

  private static URI uriOf(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // The exception's message would quote the URL with its password, so drop it.
      uri = null;
    }
    if (uri == null || uri.getHost() == null || uri.getRawPath().length() < 2) {
      throw new IllegalArgumentException(
          "the database URL must have the form postgres://user:password@host:port/database, with"
              + " special characters percent-encoded");
    }
    return uri;
  }

  private static String decode(String text) {
    try {
      // In a URL '+' is not a space, unlike in a form.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("the credentials in the database URL are badly encoded");
    }
  }

  @Override
  public String toString() {
    return jdbcUrl + " as " + username;
  }
}
