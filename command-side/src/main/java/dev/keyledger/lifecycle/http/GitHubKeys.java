package dev.keyledger.lifecycle.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The public keys with which GitHub signs its reports of leaked secrets. They are fetched on demand
 * by a conditional request, and cached.
 *
 * <p>Any sender of a report can cause a fetch, so that its time, its size, its rate and the number
 * of waiting requests are limited. Redirects are not followed.
 *
 * <p>Thread-safe. The holder of the lock writes the known keys; all threads read them.
 *
 * @see <a
 *     href="https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partner-program">GitHub's
 *     secret scanning partner program</a>
 */
final class GitHubKeys {
  /** The age after which known keys are fetched again before use. */
  static final Duration FRESH_MAX = Duration.ofHours(1);

  /** The age after which keys that cannot be fetched again are no longer used. */
  static final Duration AGE_MAX = Duration.ofHours(24);

  /** The minimum time between two fetches; GitHub allows an address without a token 60 an hour. */
  static final Duration PAUSE = Duration.ofMinutes(2);

  /** The maximum length of the list of keys. */
  static final int BYTES_MAX = 64 * 1024;

  /** The maximum number of requests that wait for a fetch. */
  static final int WAITING_MAX = 10;

  private static final Duration CONNECT_MAX = Duration.ofSeconds(3);
  private static final Duration FETCH_MAX = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(GitHubKeys.class);
  private static final ECParameterSpec P_256 = p256();

  private final URI uri;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Known known = new Known(Map.of(), null, 0);

  @GuardedBy("lock")
  private @Nullable Long attemptedNanos;

  GitHubKeys(URI uri) {
    this(uri, System::nanoTime);
  }

  GitHubKeys(URI uri, LongSupplier nanoTime) {
    this.uri = uri;
    this.nanoTime = nanoTime;
  }

  /**
   * The result of a fetch.
   *
   * @param keys by their identifiers; empty before the first fetch
   * @param etag the version of the list, if the server sent it
   * @param fetchedNanos the time of the server's last confirmation of the list
   */
  private record Known(Map<String, PublicKey> keys, @Nullable String etag, long fetchedNanos) {}

  /**
   * Returns whether GitHub signed a text.
   *
   * @param identifier the identifier of the signing key
   * @param signature base64 of a DER-encoded ECDSA signature over the SHA-256 of the text
   * @throws ProblemException with {@code store-unavailable} if the keys are unknown
   */
  boolean signed(String identifier, String signature, byte[] text) {
    try {
      byte[] der = Base64.getDecoder().decode(signature);
      PublicKey key = find(identifier);
      if (key == null) {
        return false;
      }
      var verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(key);
      verifier.update(text);
      return verifier.verify(der);
    } catch (IllegalArgumentException | SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable PublicKey find(String identifier) {
    Known current = known;
    if (!isYounger(current, FRESH_MAX) || !current.keys.containsKey(identifier)) {
      current = refreshed(identifier);
    }
    if (!isYounger(current, AGE_MAX)) {
      throw unavailable();
    }
    return current.keys.get(identifier);
  }

  private Known refreshed(String identifier) {
    if (lock.getQueueLength() >= WAITING_MAX) {
      throw unavailable();
    }
    lock.lock();
    try {
      boolean isKnown = isYounger(known, FRESH_MAX) && known.keys.containsKey(identifier);
      Long attempted = attemptedNanos;
      long now = nanoTime.getAsLong();
      if (!isKnown && (attempted == null || now - attempted >= PAUSE.toNanos())) {
        attemptedNanos = now;
        known = fetched(known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private boolean isYounger(Known list, Duration max) {
    return !list.keys.isEmpty() && nanoTime.getAsLong() - list.fetchedNanos < max.toNanos();
  }

  private static ProblemException unavailable() {
    return new ProblemException(
        ProblemCode.STORE_UNAVAILABLE,
        "GitHub's public keys are not known at the moment. Nothing was done; try again later.");
  }

  /** Returns the server's present list, or the known one if the server cannot be reached. */
  private Known fetched(Known before) {
    try {
      HttpResponse<byte[]> response = send(before.etag);
      if (response.statusCode() == 304) {
        return new Known(before.keys, before.etag, nanoTime.getAsLong());
      }
      if (response.statusCode() != 200) {
        throw new IOException("the status is " + response.statusCode());
      }
      Map<String, PublicKey> keys = parse(response.body());
      String etag = response.headers().firstValue("ETag").orElse(null);
      return new Known(keys, etag, nanoTime.getAsLong());
    } catch (IOException e) {
      LOG.warn("GitHub's public keys cannot be fetched from {}: {}", uri, e.getMessage());
      return before;
    }
  }

  private HttpResponse<byte[]> send(@Nullable String etag) throws IOException {
    var request =
        HttpRequest.newBuilder(uri)
            .header("Accept", "application/json")
            .header("User-Agent", "Keyledger");
    if (etag != null) {
      request.header("If-None-Match", etag);
    }
    // A client for each request: fetches are minutes apart, and nothing stays in memory.
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_MAX)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      var body = BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX);
      // The timeout of a request would end with the response's head.
      return client
          .sendAsync(request.build(), body)
          .get(FETCH_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      boolean refused = e.getCause() instanceof ConnectException;
      throw new IOException(refused ? "cannot connect" : String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("it takes longer than " + FETCH_MAX, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the node is stopping", e);
    } finally {
      client.shutdownNow();
    }
  }

  private static Map<String, PublicKey> parse(byte[] json) throws IOException {
    var keys = new HashMap<String, PublicKey>();
    try {
      for (JsonNode entry : JsonMapper.shared().readTree(json).path("public_keys")) {
        String identifier = entry.path("key_identifier").asString("");
        PublicKey key = p256Key(entry.path("key").asString(""));
        if (key != null && !identifier.isEmpty()) {
          keys.put(identifier, key);
        }
      }
    } catch (JacksonException e) {
      throw new IOException("it is not JSON", e);
    }
    if (keys.isEmpty()) {
      throw new IOException("it holds no public_keys for ECDSA with P-256");
    }
    return Map.copyOf(keys);
  }

  /** Returns the key in a PEM text; null if it is none of ECDSA with P-256. */
  private static @Nullable PublicKey p256Key(String pem) {
    try {
      String base64 = pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----|\\s", "");
      PublicKey key =
          KeyFactory.getInstance("EC")
              .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
      return key instanceof ECPublicKey curve && isP256(curve.getParams()) ? key : null;
    } catch (IllegalArgumentException | GeneralSecurityException other) {
      return null;
    }
  }

  private static boolean isP256(ECParameterSpec parameters) {
    return parameters.getCurve().equals(P_256.getCurve())
        && parameters.getGenerator().equals(P_256.getGenerator())
        && parameters.getOrder().equals(P_256.getOrder())
        && parameters.getCofactor() == P_256.getCofactor();
  }

  private static ECParameterSpec p256() {
    try {
      var parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
