package dev.keyledger.delivery.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Result;
import dev.keyledger.delivery.Attempt.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends deliveries as signed requests (Standard Webhooks 1.0). It follows no redirect, uses no
 * proxy, stores no cookie and decodes nothing; of a response it reads the head and {@link
 * #BODY_BYTES_MAX} bytes. Each attempt has its own connection, so that one receiver's data cannot
 * be mistaken for the answer of another. Thread-safe.
 */
public final class WebhookSender implements Transport, AutoCloseable {
  /** The maximum length of a response body that is read and kept. */
  public static final int BODY_BYTES_MAX = 1024;

  private static final ContentType CLOUD_EVENT =
      ContentType.create("application/cloudevents+json", UTF_8);
  private static final Timeout CONNECT_MAX = Timeout.ofSeconds(5);
  private static final Timeout SILENCE_MAX = Timeout.of(Attempt.TIME_MAX);
  private static final int LINE_BYTES_MAX = 8 * 1024;
  private static final int HEADERS_MAX = 100;
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);

  private final CloseableHttpClient withTls;
  private final CloseableHttpClient plain;
  private final InstantSource clock;

  /**
   * @param connectionsMax the maximum number of concurrent requests
   */
  public WebhookSender(ReachableNetworks networks, int connectionsMax, InstantSource clock) {
    this(networks, SystemDefaultDnsResolver.INSTANCE, connectionsMax, clock);
  }

  /**
   * @param names resolves names
   */
  WebhookSender(
      ReachableNetworks networks, DnsResolver names, int connectionsMax, InstantSource clock) {
    withTls = client(new CheckedResolver(names, networks, true), connectionsMax);
    plain = client(new CheckedResolver(names, networks, false), connectionsMax);
    this.clock = clock;
  }

  private static CloseableHttpClient client(DnsResolver resolver, int connectionsMax) {
    var head =
        Http1Config.custom()
            .setMaxLineLength(LINE_BYTES_MAX)
            .setMaxHeaderCount(HEADERS_MAX)
            .build();
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setDnsResolver(resolver)
            .setMaxConnTotal(connectionsMax)
            .setMaxConnPerRoute(connectionsMax)
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder().http1Config(head).build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(CONNECT_MAX)
                    .setSocketTimeout(SILENCE_MAX)
                    .build())
            .build();
    return HttpClients.custom()
        .setConnectionManager(connections)
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(CONNECT_MAX)
                .setResponseTimeout(SILENCE_MAX)
                .setProtocolUpgradeEnabled(false)
                .build())
        .setRoutePlanner(new DefaultRoutePlanner(null))
        .setUserAgent("Keyledger")
        .setConnectionReuseStrategy((_, _, _) -> false)
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableContentCompression()
        .disableCookieManagement()
        .disableAuthCaching()
        .build();
  }

  @Override
  public Outcome send(Attempt attempt) {
    URI uri = URI.create(attempt.address());
    HttpPost request = request(uri, attempt);
    attempt.onCancel(request::cancel);
    CloseableHttpClient client = "https".equalsIgnoreCase(uri.getScheme()) ? withTls : plain;
    try {
      ClassicHttpResponse response = client.executeOpen(null, request, null);
      int status = response.getCode();
      String body = new String(beginning(response.getEntity()), UTF_8);
      return new Outcome(
          result(status), status, body, RetryAfter.parse(retryAfter(response), clock.instant()));
    } catch (IOException | RuntimeException e) {
      LOG.debug("Delivery {} got no response: {}", attempt.deliveryId(), e.toString());
      return Outcome.NO_RESPONSE;
    } finally {
      request.cancel(); // closing the response instead would read it to its end
    }
  }

  private HttpPost request(URI uri, Attempt attempt) {
    byte[] body = attempt.body();
    Instant now = clock.instant();
    String timestamp = Long.toString(now.getEpochSecond());
    String signatures =
        attempt.secrets().stream()
            .map(SigningSecret::parse)
            .map(secret -> secret.sign(attempt.deliveryId(), timestamp, body))
            .collect(Collectors.joining(" "));
    var request = new HttpPost(uri);
    request.setEntity(new ByteArrayEntity(body, CLOUD_EVENT));
    request.setHeader("webhook-id", attempt.deliveryId());
    request.setHeader("webhook-timestamp", timestamp);
    request.setHeader("webhook-signature", signatures);
    return request;
  }

  private static Result result(int status) {
    if (status >= HttpStatus.SC_OK && status < HttpStatus.SC_REDIRECTION) {
      return Result.ACCEPTED;
    }
    return status == HttpStatus.SC_GONE ? Result.GONE : Result.FAILED;
  }

  private static @Nullable String retryAfter(ClassicHttpResponse response) {
    Header header = response.getFirstHeader("Retry-After");
    return header == null ? null : header.getValue();
  }

  /** Returns the beginning of a body, or as much of it as arrives in time. */
  private static byte[] beginning(@Nullable HttpEntity entity) {
    byte[] read = new byte[BODY_BYTES_MAX];
    int length = 0;
    if (entity == null) {
      return new byte[0];
    }
    try {
      InputStream body = entity.getContent();
      for (int more = 0; more >= 0 && length < read.length; ) {
        more = body.read(read, length, read.length - length);
        length += Math.max(0, more);
      }
    } catch (IOException e) {
      LOG.debug("A response was cut off: {}", e.toString());
    }
    return Arrays.copyOf(read, length);
  }

  @Override
  public void close() {
    withTls.close(CloseMode.IMMEDIATE);
    plain.close(CloseMode.IMMEDIATE);
  }
}
