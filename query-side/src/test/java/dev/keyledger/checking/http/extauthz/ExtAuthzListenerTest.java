package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.checking.http.Node;
import dev.keyledger.checking.http.extauthz.FrameClient.Call;
import dev.keyledger.checking.http.extauthz.FrameClient.Reply;
import dev.keyledger.checking.http.fast.Transport;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A listener with low limits for gateways, tested by its frames. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT) // it waits most of the time
class ExtAuthzListenerTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration GOODBYE = Duration.ofSeconds(2);
  private static final byte[] NOBODY = Messages.check(Map.of(), Map.of(), null);
  private static final int CALL_BYTES = ExtAuthzLimits.UNFINISHED_CALL_BYTES;

  private final Node node = new Node();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<FrameClient> clients = new ArrayList<>();
  private @Nullable ExtAuthzListener listener;

  @AfterEach
  void stop() {
    clients.forEach(FrameClient::close);
    if (listener != null) {
      listener.stop();
    }
  }

  private static ExtAuthzLimits limits(
      Duration arrival, Duration unread, Duration idle, Duration age) {
    return new ExtAuthzLimits(4, 2, 3, arrival, unread, idle, age, GOODBYE);
  }

  private ExtAuthzListener listening(ExtAuthzLimits limits) {
    return listening(limits, ArrivalLimits.DEFAULT);
  }

  private ExtAuthzListener listening(ExtAuthzLimits limits, ArrivalLimits arrival) {
    var started =
        new ExtAuthzListener(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            node.handler,
            registry,
            null,
            Transport.best(),
            limits,
            new UnfinishedBodies(arrival));
    started.start();
    listener = started;
    return started;
  }

  private ExtAuthzListener listening() {
    return listening(limits(LONG, LONG, LONG, LONG));
  }

  private FrameClient client(ExtAuthzListener to, String from) {
    var client = new FrameClient(to.address(), from, FrameClient.WINDOW);
    clients.add(client);
    return client;
  }

  private FrameClient client(ExtAuthzListener to) {
    return client(to, "127.0.0.1");
  }

  @Test
  void aCallIsAnsweredAndCounted() throws Exception {
    FrameClient client = client(listening());
    Node.Issued key = node.issue(Node.KeySpec.USUAL);
    Map<String, String> headers = Map.of("authorization", "Bearer " + key.secret());

    Reply passed =
        client.call(Messages.check(Map.of("permission", "read:users"), headers, null)).reply();
    Reply lacking =
        client.call(Messages.check(Map.of("permission", "write:users"), headers, null)).reply();

    assertThat(passed.grpc()).isZero();
    assertThat(passed.denies()).isEqualTo(200);
    assertThat(lacking.denies()).isEqualTo(403);
    assertThat(client.call(NOBODY).reply().denies()).isEqualTo(401);
    for (String status : List.of("200", "401", "403")) {
      assertThat(
              registry
                  .get("http.server.requests")
                  .tags("uri", GrpcCall.PATH, "status", status)
                  .timer()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void aFailureOfTheNodeLetsNobodyPass() throws Exception {
    FrameClient client = client(listening());
    Node.Issued key = node.issue(Node.KeySpec.USUAL);
    byte[] check = Messages.check(Map.of(), Map.of("x-api-key", key.secret()), null);
    assertThat(client.call(check).reply().denies()).isEqualTo(200);

    node.whileDeciding =
        () -> {
          throw new IllegalStateException("broken");
        };
    assertThat(client.call(check).reply().denies()).isEqualTo(503);
    node.whileDeciding =
        () -> {
          throw new AssertionError("broken");
        };
    assertThat(client.call(check).reply().denies()).isEqualTo(503);
    assertThat(client.call(check).reply().message()).doesNotContain("broken");
  }

  @Test
  void aCallThatIsNoCheckFails() {
    FrameClient client = client(listening());
    byte[] whole = FrameClient.framed(NOBODY);
    byte[] compressed = whole.clone();
    compressed[0] = 1;
    byte[] twice = Arrays.copyOf(whole, whole.length * 2);
    System.arraycopy(whole, 0, twice, whole.length, whole.length);

    assertThat(client.call(FrameClient.head().path("/grpc.health.v1.Health/Check")).reply().grpc())
        .isEqualTo(GrpcCall.UNIMPLEMENTED);
    assertThat(client.call(FrameClient.head().method("GET")).reply().grpc())
        .isEqualTo(GrpcCall.UNIMPLEMENTED);
    assertThat(
            client.call(FrameClient.head().set("content-type", "application/json")).reply().http())
        .isEqualTo(415);
    assertThat(client.call(FrameClient.head()).data(compressed, true).reply().grpc())
        .isEqualTo(GrpcCall.UNIMPLEMENTED);
    for (byte[] bytes : List.of(new byte[0], new byte[4], twice, Arrays.copyOf(whole, 6))) {
      assertThat(client.call(FrameClient.head()).data(bytes, true).reply().grpc())
          .isEqualTo(GrpcCall.INVALID_ARGUMENT);
    }
    assertThat(client.call(new byte[] {0}).reply().grpc()).isEqualTo(GrpcCall.INVALID_ARGUMENT);
    assertThat(client.isOpen()).isTrue();
  }

  @Test
  void aMessageMayBeSoLong() throws Exception {
    FrameClient client = client(listening());
    int room = ExtAuthzLimits.MESSAGE_BYTES_MAX - NOBODY.length;

    assertThat(client.call(padded(room)).reply().denies()).isEqualTo(401);
    assertThat(client.call(padded(room + 1)).reply().grpc()).isEqualTo(GrpcCall.RESOURCE_EXHAUSTED);
    assertThat(client.call(NOBODY).reply().denies()).isEqualTo(401);
  }

  /** Returns a message with an additional, unknown field. */
  private static byte[] padded(int bytes) {
    byte[] field = new ProtobufWriter().bytes(15, new byte[bytes - 4]).toByteArray();
    byte[] message = Arrays.copyOf(NOBODY, NOBODY.length + field.length);
    System.arraycopy(field, 0, message, NOBODY.length, field.length);
    assertThat(message).hasSize(NOBODY.length + bytes);
    return message;
  }

  /** Checks the limits; Netty enforces those beyond them. */
  @Test
  void callsOfAConnectionAndTheirHeadersAreLimited() {
    Http2Settings told = client(listening()).settings.join();

    assertThat(told.maxConcurrentStreams()).isEqualTo(3);
    assertThat(told.maxHeaderListSize()).isEqualTo(ExtAuthzLimits.METADATA_BYTES_MAX);
  }

  @Test
  void callsThatDoNotArriveAreLimitedForEachSource() throws Exception {
    var little = new ArrivalLimits(4L * CALL_BYTES, 2L * CALL_BYTES, LONG, LONG);
    ExtAuthzListener to = listening(limits(LONG, LONG, LONG, LONG), little);
    FrameClient first = client(to);
    Call one = first.call(FrameClient.head());
    Call two = first.call(FrameClient.head());
    FrameClient second = client(to, "127.0.0.2");
    assertThat(first.call(FrameClient.head()).reply().grpc())
        .isEqualTo(GrpcCall.RESOURCE_EXHAUSTED);
    Call three = second.call(FrameClient.head());
    assertThat(second.call(NOBODY).reply().denies()).isEqualTo(401);
    assertThat(one.isAnswered() || two.isAnswered() || three.isAnswered()).isFalse();

    Call more = second.call(FrameClient.head()).data(new byte[CALL_BYTES], false);
    assertThat(more.reply().grpc()).isEqualTo(GrpcCall.RESOURCE_EXHAUSTED);
    one.data(FrameClient.framed(NOBODY), true);
    assertThat(one.reply().denies()).isEqualTo(401);
    Call again = first.call(FrameClient.head());
    assertThat(first.call(FrameClient.head()).reply().grpc())
        .isEqualTo(GrpcCall.RESOURCE_EXHAUSTED);
    assertThat(again.isAnswered()).isFalse();
  }

  @Test
  void aCallThatArrivesTooSlowlyFails() throws Exception {
    FrameClient client = client(listening(limits(SHORT, LONG, LONG, LONG)));
    Call slow = client.call(FrameClient.head()).data(new byte[1], false);

    assertThat(slow.reply().grpc()).isEqualTo(GrpcCall.DEADLINE_EXCEEDED);
    assertThat(client.call(NOBODY).reply().denies()).isEqualTo(401);
  }

  @Test
  void aNewConnectionReplacesTheOneThatWasIdleLongest() throws Exception {
    ExtAuthzListener to = listening();
    FrameClient busy = client(to);
    FrameClient idle = client(to);
    idle.call(NOBODY).reply();
    busy.call(NOBODY).reply();
    FrameClient third = client(to);

    await().until(() -> !idle.isOpen());
    assertThat(busy.call(NOBODY).reply().denies()).isEqualTo(401);
    assertThat(third.call(NOBODY).reply().denies()).isEqualTo(401);
    FrameClient other = client(to, "127.0.0.2");
    assertThat(other.call(NOBODY).reply().denies()).isEqualTo(401);
    assertThat(busy.isOpen()).isTrue();
  }

  @Test
  void anIdleConnectionEndsAndLosesNoCall() throws Exception {
    assertEndsWithoutLoss(limits(LONG, LONG, SHORT, LONG));
  }

  @Test
  void anOldConnectionEndsAndLosesNoCall() throws Exception {
    assertEndsWithoutLoss(limits(LONG, LONG, LONG, SHORT));
  }

  @Test
  void aConnectionWithACallInProgressIsNotIdle() throws Exception {
    var arrived = new CountDownLatch(1);
    var applied = new CountDownLatch(1);
    node.whileWaiting =
        () -> {
          arrived.countDown();
          awaitUninterruptibly(applied);
        };
    ExtAuthzListener to = listening(limits(LONG, LONG, SHORT, LONG));
    FrameClient waiting = client(to);
    Call call =
        waiting.call(Messages.check(Map.of("atLeast", node.tokens.issue(1)), Map.of(), null));
    arrived.await();

    client(to).goodbye.join(); // it was opened later

    assertThat(waiting.goodbye).isNotDone();
    applied.countDown();
    assertThat(call.reply().denies()).isEqualTo(503);
    waiting.goodbye.join();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void assertEndsWithoutLoss(ExtAuthzLimits limits) throws Exception {
    FrameClient client = client(listening(limits));
    client.settings.join();
    client.goodbye.join();

    assertThat(client.call(NOBODY).reply().denies()).isEqualTo(401);
    await().until(() -> !client.isOpen());
  }

  @Test
  void aGatewayThatDoesNotReadLosesTheConnection() {
    ExtAuthzListener to = listening(limits(LONG, SHORT, LONG, LONG));
    var client = new FrameClient(to.address(), "127.0.0.1", 0);
    clients.add(client);
    client.settings.join();

    Call call = client.call(NOBODY);
    assertThatThrownBy(call::reply).isNotNull();
    await().until(() -> !client.isOpen());
  }

  @Test
  void callsThatWaitForAPositionKeepNobodyElseWaiting() throws Exception {
    var applied = new CountDownLatch(1);
    node.whileWaiting = () -> awaitUninterruptibly(applied);
    FrameClient client = client(listening());
    String next = node.tokens.issue(1);
    List<Call> waiting =
        Stream.generate(() -> client.call(Messages.check(Map.of("atLeast", next), Map.of(), null)))
            .limit(2)
            .toList();

    assertThat(client.call(NOBODY).reply().denies()).isEqualTo(401);
    assertThat(waiting).noneMatch(Call::isAnswered);
    applied.countDown();
    for (Call call : waiting) {
      assertThat(call.reply().denies()).isEqualTo(503);
    }
  }

  @Test
  void aStoppedListenerAnswersWhatItHasBegun() throws Exception {
    var arrived = new CountDownLatch(1);
    var applied = new CountDownLatch(1);
    node.whileWaiting =
        () -> {
          arrived.countDown();
          awaitUninterruptibly(applied);
        };
    ExtAuthzListener to = listening();
    FrameClient client = client(to);
    Call call =
        client.call(Messages.check(Map.of("atLeast", node.tokens.issue(1)), Map.of(), null));
    arrived.await();
    Thread stopping = Thread.ofVirtual().start(to::stop);
    client.goodbye.join();
    applied.countDown();

    assertThat(call.reply().denies()).isEqualTo(503);
    stopping.join();
    await().until(() -> !client.isOpen());
    assertThat(to.isRunning()).isFalse();
    assertThatThrownBy(() -> client(to)).isNotNull();
  }

  @Test
  void aConnectionWithoutHttp2IsClosedAndCounted() {
    ExtAuthzListener to = listening();

    String answer =
        new String(FrameClient.raw(to.address(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), ISO_8859_1);

    assertThat(answer).doesNotContain("HTTP/1.1 200", "io.netty", "dev.keyledger");
    await().until(() -> registry.get("keyledger.ext.authz.failures").counter().count() > 0);
  }
}
