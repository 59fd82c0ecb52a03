package dev.keyledger.standalone.everyday;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The feed of a busy node with many clients. Some are cut off and resume: none misses an event. One
 * that does not read is closed. Reports the speed of concurrent commands.
 */
@Tag("long")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class FeedSoakIT {
  private static final int CLIENTS = 500;
  private static final int CALLERS = 8;
  private static final int ROUNDS = Integer.getInteger("keyledger.feed.rounds", 5);
  private static final Duration ROUND = Duration.ofSeconds(10);

  /** The maximum number of commands that each caller sends in a second. */
  private static final int RATE = Integer.getInteger("keyledger.feed.rate", 10);

  private static final int UNREAD_BYTES = 4 * 1024;

  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  void clientsMissNothing() throws Exception {
    try (KeyledgerProcess keyledger = KeyledgerProcess.standalone();
        var unreading = new Socket()) {
      unreading.setReceiveBufferSize(UNREAD_BYTES);
      new Follower(keyledger).ask(unreading);
      List<IssuedKey> keys =
          IntStream.range(0, CALLERS)
              .mapToObj(_ -> keyledger.issuer().issued("read:users"))
              .toList();
      var _ = commanded(keyledger, keys); // while the compilers are at work
      var ratios = new ArrayList<Double>();
      for (int round = 0; round < ROUNDS; round++) {
        double alone = commanded(keyledger, keys);
        over.set(false);
        List<Follower> followers =
            IntStream.range(0, CLIENTS).mapToObj(_ -> new Follower(keyledger)).toList();
        List<Thread> threads =
            followers.stream()
                .map(follower -> Thread.startVirtualThread(follower::follow))
                .toList();
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> followers.stream().allMatch(follower -> follower.lastId != null));
        double beside = commanded(keyledger, keys);
        long head = keyledger.root().get("/v1/nodes").body().path("position").asLong();
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> followers.stream().allMatch(follower -> follower.position >= head));
        over.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(followers).allSatisfy(follower -> assertThat(follower.fault).isNull());
        ratios.add(beside / alone);
        System.out.printf(
            "Feed: commands beside %d clients %.3f times as fast as without, %d resumed%n",
            CLIENTS,
            ratios.getLast(),
            followers.stream().mapToInt(follower -> follower.connected.get() - 1).sum());
      }
      assertThat(Metrics.of(keyledger).sum("keyledger_feed_ended_total", "code=\"too-slow\""))
          .isEqualTo(1);
      System.out.printf(
          "Feed: median %.3f%n",
          ratios.stream().sorted().skip(ROUNDS / 2).findFirst().orElseThrow());
    }
  }

  /** Sends commands for a while; returns the number of commands per second of waiting for them. */
  private double commanded(KeyledgerProcess keyledger, List<IssuedKey> keys) throws Exception {
    var done = new AtomicLong();
    var nanos = new AtomicLong();
    long end = System.nanoTime() + ROUND.toNanos();
    List<Thread> callers =
        keys.stream()
            .map(key ->
                Thread.startVirtualThread(() -> {
                  Issuer issuer = keyledger.issuer();
                  while (System.nanoTime() < end) {
                    long begun = System.nanoTime();
                    issuer.done(key, "renew", "{\"lifetime\": \"P100D\"}");
                    long took = System.nanoTime() - begun;
                    nanos.addAndGet(took);
                    done.incrementAndGet();
                    pause(Duration.ofSeconds(1).toNanos() / RATE - took);
                  }
                }))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    return done.get() / (nanos.get() / 1e9);
  }

  private static void pause(long nanos) {
    if (nanos > 0) {
      await().pollDelay(Duration.ofNanos(nanos)).until(() -> true);
    }
  }

  /** A client that follows the feed, and resumes where it was whenever its connection ends. */
  private final class Follower {
    private final KeyledgerProcess keyledger;
    private volatile @Nullable String lastId;
    private volatile long position;
    private volatile @Nullable String fault;
    private final AtomicInteger connected = new AtomicInteger();

    Follower(KeyledgerProcess keyledger) {
      this.keyledger = keyledger;
    }

    void follow() {
      while (!over.get() && fault == null) {
        try (var socket = new Socket()) {
          ask(socket);
          connected.incrementAndGet();
          read(new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)));
        } catch (IOException _) {
          // cut off: it resumes
        }
      }
    }

    void ask(Socket socket) throws IOException {
      socket.connect(new InetSocketAddress(keyledger.uri().getHost(), keyledger.uri().getPort()));
      socket.getOutputStream().write(request().getBytes(US_ASCII));
    }

    private String request() {
      String resume = lastId == null ? "" : "Last-Event-ID: " + lastId + "\r\n";
      return "GET /v1/feed HTTP/1.0\r\nAuthorization: Bearer %s\r\n%s\r\n"
          .formatted(keyledger.rootKey(), resume);
    }

    /** Reads until the end, or until it is cut off by chance. */
    private void read(BufferedReader lines) throws IOException {
      String id = null;
      String event = "";
      for (String line = lines.readLine(); line != null && !over.get(); line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          event = line.substring(7);
        } else if (line.startsWith("data: ")) {
          take(event, line);
          lastId = id == null ? lastId : id;
          if (ThreadLocalRandom.current().nextInt(2_000) == 0) {
            return;
          }
        }
      }
    }

    private void take(String event, String data) {
      if (!event.equals("end")) {
        long told = Long.parseLong(data.replaceAll(".*\"position\":(\\d+).*", "$1"));
        boolean heartbeat = event.equals("heartbeat");
        if (position > 0 && (heartbeat ? told != position : told != position + 1)) {
          fault = "%s %d after %d".formatted(event, told, position);
        }
        position = told;
      }
    }
  }
}
