package dev.keyledger.client;

import dev.keyledger.client.Transport.Side;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The client of a Keyledger service.
 *
 * <p>Thread-safe: create one and share it; it keeps connections open. Calls block until they are
 * answered or their deadline has passed. They are retried once if the first attempt may have
 * failed; a command is executed only once even then. Reads and checks take the client's own
 * commands into account. Every call throws a {@link KeyledgerException} if it does not succeed.
 */
public final class Keyledger implements AutoCloseable {
  private final Transport transport;
  private final Call.Maker calls;
  final @Nullable LocalChecks local;

  private Keyledger(Transport transport, CallOptions options, @Nullable LocalChecks local) {
    this.transport = transport;
    this.calls = new Call.Maker(transport, options);
    this.local = local;
  }

  /**
   * Begins a client.
   *
   * @param url of the service, such as {@code http://127.0.0.1:8080}
   * @param credential the root key, or the secret of an operator key; for {@link #self}, of any key
   * @throws IllegalArgumentException if the URL is not an HTTP URL, or the credential is not 1 to
   *     4,096 visible ASCII characters
   */
  public static Builder builder(String url, String credential) {
    return new Builder(url, credential);
  }

  /** Builds a client. */
  public static final class Builder {
    private static final int CREDENTIAL_MAX = 4096;

    private final Secret credential;
    private URI commands;
    private URI queries;
    private @Nullable URI checks;
    private @Nullable String workspace;
    private Duration deadline = Duration.ofSeconds(10);
    private Duration connectTimeout = Duration.ofSeconds(2);
    private @Nullable LocalDecisions local;
    private LongSupplier nanos = System::nanoTime;

    private Builder(String url, String credential) {
      boolean visible = credential.chars().allMatch(c -> c > ' ' && c <= '~');
      if (credential.isEmpty() || credential.length() > CREDENTIAL_MAX || !visible) {
        throw new IllegalArgumentException(
            "a credential must be 1 to 4096 visible ASCII characters");
      }
      this.credential = Secret.of(credential);
      this.commands = parsed(url);
      this.queries = commands;
    }

    /** Sets where queries and checks go if the query side runs alone. */
    public Builder queryUrl(String url) {
      queries = parsed(url);
      return this;
    }

    /** Sets where checks go, such as the fast port of the service. */
    public Builder checkUrl(String url) {
      checks = parsed(url);
      return this;
    }

    /** Sets the workspace that the root key acts in; {@code default} unless set. */
    public Builder workspace(String name) {
      workspace = name;
      return this;
    }

    /** Sets how long each call may take, with its retry; 10 s unless set. */
    public Builder deadline(Duration time) {
      deadline = positive(time);
      return this;
    }

    /** Sets how long opening a connection may take; 2 s unless set. */
    public Builder connectTimeout(Duration time) {
      connectTimeout = positive(time);
      return this;
    }

    /**
     * Lets the client decide checks itself while that is safe; needs {@code keyledger:feed:read}
     * too.
     */
    public Builder localDecisions(LocalDecisions settings) {
      local = settings;
      return this;
    }

    /** Sets the clock of local decisions; its differences are nanoseconds. */
    Builder nanos(LongSupplier time) {
      nanos = time;
      return this;
    }

    /** Returns the client. */
    public Keyledger build() {
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(connectTimeout)
              .build();
      var urls =
          Map.of(
              Side.COMMANDS, commands,
              Side.QUERIES, queries,
              Side.CHECKS, checks == null ? queries : checks);
      var transport = new Transport(http, urls, credential, workspace, deadline);
      return new Keyledger(
          transport,
          CallOptions.NONE,
          local == null ? null : LocalChecks.start(local, transport, nanos));
    }

    private static URI parsed(String url) {
      URI uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!http || uri.getHost() == null || uri.getRawQuery() != null) {
        throw new IllegalArgumentException(
            "a URL of the service must be http or https, and no more");
      }
      return uri;
    }

    private static Duration positive(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("a time must be more than zero");
      }
      return time;
    }
  }

  /** Returns a view of this client with other options. Closing either closes both. */
  public Keyledger with(CallOptions options) {
    return new Keyledger(transport, options, local);
  }

  /** Returns the life of keys. */
  public Keys keys() {
    return new Keys(calls, changes());
  }

  /** Returns the checks of keys. */
  public Checks checks() {
    return new Checks(calls, local == null ? Checks.Local.NONE : local);
  }

  /** Returns the audit. */
  public Audit audit() {
    return new Audit(calls);
  }

  /** Returns the operations of the key's holder. */
  public Self self() {
    return new Self(calls);
  }

  /** Returns the tenants of the service. */
  public Workspaces workspaces() {
    return new Workspaces(calls, changes());
  }

  /** Returns the webhooks. */
  public Webhooks webhooks() {
    return new Webhooks(calls);
  }

  /** Returns the live feed. */
  public Feed feed() {
    return new Feed(calls);
  }

  /** Returns the log of the service. */
  public Log log() {
    return new Log(calls);
  }

  /** Returns the position token that this thread's reads take into account, for use elsewhere. */
  public Optional<String> position() {
    return Optional.ofNullable(transport.position());
  }

  /** Returns the counts of local decisions; empty unless the client was built with them. */
  public Optional<LocalDecisions.Stats> localDecisions() {
    return Optional.ofNullable(local).map(LocalChecks::stats);
  }

  /** Ends the feed of local decisions. Idle connections close by themselves. */
  @Override
  public void close() {
    if (local != null) {
      local.close();
    }
  }

  /** Names the service, without the credential. */
  @Override
  public String toString() {
    return "Keyledger[" + transport + "]";
  }

  private Changes changes() {
    return local == null ? Changes.IGNORED : local;
  }
}
