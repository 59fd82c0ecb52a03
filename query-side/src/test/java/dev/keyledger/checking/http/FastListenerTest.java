package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.Node.KeySpec.USUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.checking.http.fast.FastListener;
import dev.keyledger.checking.http.fast.Transport;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.freshness.WaitHeaders;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ParameterizedClass
@EnumSource
class FastListenerTest {
  private static final int WAITING = 100;

  private final Node node = new Node();
  private final FastListener listener;
  private final HttpClient http = HttpClient.newHttpClient();

  FastListenerTest(Transport transport) {
    assumeThat(transport.isAvailable()).isTrue();
    listener =
        new FastListener(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            node.handler,
            new SimpleMeterRegistry(),
            () -> Node.START,
            transport);
  }

  @BeforeEach
  void start() {
    listener.start();
  }

  @AfterEach
  void stop() {
    listener.stop();
    http.close();
  }

  @Test
  void requestsThatWaitForAPositionKeepNobodyElseWaiting() throws Exception {
    Node.Issued key = node.issue(USUAL);
    var arrived = new AtomicInteger();
    var revoked = new CountDownLatch(1);
    node.whileWaiting =
        () -> {
          arrived.incrementAndGet();
          awaitUninterruptibly(revoked);
        };
    String next = node.tokens.issue(node.index.position() + 1);
    var waiting =
        Stream.generate(() -> sent(verify(key).header(WaitHeaders.AT_LEAST, next)))
            .limit(WAITING)
            .toList();
    await().until(() -> arrived.get() == WAITING);

    assertThat(sent(verify(key)).get().body()).contains("\"VALID\"");
    node.add(key.id(), new KeyRevoked(RevocationReason.LEAKED));
    revoked.countDown();

    for (CompletableFuture<HttpResponse<String>> answer : waiting) {
      assertThat(answer.get().body()).contains("\"REVOKED\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"explain", "expl\\u0061in"})
  void explanationsKeepNobodyElseWaiting(String field) throws Exception {
    Node.Issued key = node.issue(USUAL);
    var arrived = new AtomicInteger();
    var read = new CountDownLatch(1);
    node.whileExplaining =
        () -> {
          arrived.incrementAndGet();
          awaitUninterruptibly(read);
        };
    var waiting =
        Stream.generate(() -> sent(verify(key, ",\"" + field + "\":true")))
            .limit(QueryTurns.AT_ONCE_OF_WORKSPACE_MAX)
            .toList();
    await().until(() -> arrived.get() == QueryTurns.AT_ONCE_OF_WORKSPACE_MAX);

    assertThat(sent(verify(key)).get().body()).contains("\"VALID\"");
    read.countDown();

    for (CompletableFuture<HttpResponse<String>> answer : waiting) {
      assertThat(answer.get().body()).contains("\"conditions\"");
    }
  }

  @Test
  void batchesKeepNoEventLoopBusy() throws Exception {
    Node.Issued key = node.issue(USUAL);
    var arrived = new CountDownLatch(1);
    var decided = new CountDownLatch(1);
    node.whileDeciding =
        () -> {
          if (Thread.currentThread().isVirtual()) {
            arrived.countDown();
            awaitUninterruptibly(decided);
          }
        };
    var batch = sent(post("/v1/verify/batch", "{\"checks\":[{\"key\":\"" + key.secret() + "\"}]}"));
    arrived.await();

    assertThat(sent(verify(key)).get().body()).contains("\"VALID\"");
    decided.countDown();
    assertThat(batch.get().body()).contains("\"VALID\"");
  }

  @Test
  void aListenerOfWhichAThreadHasEndedIsNotSound() {
    assertThat(listener.isSound()).isTrue();
    Node.Issued key = node.issue(USUAL);
    node.whileDeciding =
        () -> {
          EventExecutor loop = Objects.requireNonNull(ThreadExecutorMap.currentExecutor());
          var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        };
    var _ = sent(verify(key));
    await().until(() -> !listener.isSound());

    listener.stop();
    assertThat(listener.isSound()).as("stopped").isTrue();
  }

  @Test
  void requestsThatAreBeingAnsweredAreAnsweredBeforeItEnds() throws Exception {
    Node.Issued key = node.issue(USUAL);
    var arrived = new CountDownLatch(1);
    var ending = new CountDownLatch(1);
    node.whileWaiting =
        () -> {
          arrived.countDown();
          awaitUninterruptibly(ending);
        };
    var answer =
        sent(verify(key).header(WaitHeaders.AT_LEAST, node.tokens.issue(node.index.position())));
    arrived.await();
    InetSocketAddress address = listener.address();
    var stopping = CompletableFuture.runAsync(listener::stop);
    await().until(() -> refuses(address));
    ending.countDown();

    assertThat(answer.get().statusCode()).isEqualTo(200);
    stopping.get();
  }

  @Test
  void aTakenPortIsNamed() {
    var second =
        new FastListener(
            listener.address(),
            node.handler,
            new SimpleMeterRegistry(),
            () -> Node.START,
            Transport.NIO);

    assertThatThrownBy(second::start).hasMessageContaining("KEYLEDGER_FAST_PORT");
    assertThat(second.isRunning()).isFalse();
  }

  private HttpRequest.Builder verify(Node.Issued key) {
    return verify(key, "");
  }

  private HttpRequest.Builder verify(Node.Issued key, String more) {
    return post("/v1/verify", "{\"key\":\"" + key.secret() + "\"" + more + "}");
  }

  private HttpRequest.Builder post(String path, String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + listener.address().getPort() + path))
        .header("Authorization", "Bearer " + Node.ROOT_KEY)
        .header("Content-Type", "application/json")
        .version(HttpClient.Version.HTTP_1_1)
        .POST(BodyPublishers.ofString(body));
  }

  private CompletableFuture<HttpResponse<String>> sent(HttpRequest.Builder request) {
    return http.sendAsync(request.build(), BodyHandlers.ofString());
  }

  private static boolean refuses(InetSocketAddress address) {
    try (var socket = new Socket()) {
      socket.connect(address);
      return false;
    } catch (IOException refused) {
      return true;
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
