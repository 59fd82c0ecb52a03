package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the live feed on its own thread, and updates the clock and the cache. A lost feed is
 * resumed where it ended. After {@link #RESUME_MAX}, or if it cannot be resumed, a new feed begins
 * with an empty cache.
 */
final class FeedReader implements AutoCloseable {
  /** The time without a feed after which a new one begins. */
  static final Duration RESUME_MAX = Duration.ofMinutes(1);

  /** A feed that says nothing for that long is lost. */
  static final Duration SILENCE_MAX = Duration.ofSeconds(3);

  /** The time after which a feed that is connected, but older than allowed, is given up. */
  static final Duration LAG_MAX = Duration.ofSeconds(10);

  private static final long PAUSE_MIN_MILLIS = 50;
  private static final long PAUSE_MAX_MILLIS = 5_000;
  private static final int LINES_MAX = 512;

  /** The codes of a feed that this client may not follow any more. */
  private static final Set<String> OVER = Set.of("unauthorized", "forbidden", "workspace-closed");

  private final Transport transport;
  private final FeedClock clock;
  private final DecisionCache cache;
  private final Duration maxStaleness;
  private final LongSupplier nanos;
  private final Thread thread = new Thread(this::run, "keyledger-feed");

  private volatile boolean closed;

  // Confined to the thread.
  private @Nullable String lastId;
  private long lostNanos;
  private long pauseMillis = PAUSE_MIN_MILLIS;

  FeedReader(
      Transport transport,
      FeedClock clock,
      DecisionCache cache,
      Duration maxStaleness,
      LongSupplier nanos) {
    this.transport = transport;
    this.clock = clock;
    this.cache = cache;
    this.maxStaleness = maxStaleness;
    this.nanos = nanos;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    try {
      while (!closed) {
        try {
          follow();
        } catch (RuntimeException unexpected) {
          lastId = null; // an answer that is not Keyledger's
        } finally {
          clock.lost();
        }
        Thread.sleep(pauseMillis + ThreadLocalRandom.current().nextLong(pauseMillis));
        pauseMillis = Math.min(2 * pauseMillis, PAUSE_MAX_MILLIS);
      }
    } catch (InterruptedException interrupted) {
      // closed
    }
  }

  /** Follows one connection until it ends. */
  private void follow() throws InterruptedException {
    boolean resumes = lastId != null && nanos.getAsLong() - lostNanos < RESUME_MAX.toNanos();
    HttpRequest.Builder request =
        transport
            .request(Transport.Side.QUERIES, "/v1/feed")
            .header("Accept", "text/event-stream, application/problem+json");
    if (resumes) {
      request.header("Last-Event-ID", lastId);
    }
    var lines = new Lines();
    CompletableFuture<HttpResponse<Void>> answer =
        transport.sendOnce(request.build(), lines::subscriber);
    CompletableFuture<?> ended = answer.whenComplete((end, lost) -> lines.end());
    try {
      String status = lines.next();
      if (status == null) {
        return;
      }
      if (!status.equals("200")) {
        if (status.equals("401") || status.equals("403")) {
          forget();
        }
        lastId = status.equals("400") ? null : lastId;
        return;
      }
      if (!resumes) {
        clock.reset();
        cache.clear();
        lastId = null;
      }
      read(lines);
    } finally {
      answer.cancel(true);
      ended.cancel(true);
      lines.cancel();
      lostNanos = nanos.getAsLong();
    }
  }

  private void read(Lines lines) throws InterruptedException {
    var parser = new FeedMessage.Parser();
    long freshNanos = nanos.getAsLong();
    String line;
    while (!closed && (line = lines.next()) != null) {
      FeedMessage message = parser.read(line);
      if (message == null) {
        continue;
      }
      if (message.event().equals("end")) {
        if (OVER.contains(Fields.read(message.data()).text("code"))) {
          forget();
        }
        return;
      }
      apply(message);
      long now = nanos.getAsLong();
      if (clock.reading().isFresh(now, maxStaleness)) {
        freshNanos = now;
        pauseMillis = PAUSE_MIN_MILLIS;
      } else if (now - freshNanos > LAG_MAX.toNanos()) {
        lastId = null;
        return;
      }
    }
  }

  /** Clears the cache, because this client may no longer have access to its content. */
  private void forget() {
    cache.clear();
    lastId = null;
    pauseMillis = PAUSE_MAX_MILLIS;
  }

  private void apply(FeedMessage message) {
    Fields data = Fields.read(message.data());
    long position = data.number("position");
    if (message.event().equals("heartbeat")) {
      clock.heartbeat(position, data.time("asOf"), nanos.getAsLong());
    } else {
      clock.event(position); // before the cache, so that older answers are not stored
      String keyId = data.optionalText("keyId");
      if (keyId == null) {
        cache.clear();
      } else {
        cache.changed(keyId);
      }
    }
    if (message.id() != null) {
      lastId = message.id();
    }
  }

  /** The status of an answer, and then its lines; handed from the connection to the reader. */
  private static final class Lines implements Flow.Subscriber<String> {
    private final BlockingQueue<Optional<String>> queue = new LinkedBlockingQueue<>();
    private volatile Flow.@Nullable Subscription subscription;

    HttpResponse.BodySubscriber<Void> subscriber(HttpResponse.ResponseInfo head) {
      queue.add(Optional.of(String.valueOf(head.statusCode())));
      return HttpResponse.BodySubscribers.fromLineSubscriber(this, self -> null, UTF_8, null);
    }

    /** Returns the next line; null if the answer ends, or no line arrives for too long. */
    @Nullable String next() throws InterruptedException {
      Optional<String> line = queue.poll(SILENCE_MAX.toMillis(), TimeUnit.MILLISECONDS);
      Flow.Subscription from = subscription;
      if (from != null) {
        from.request(1);
      }
      return line == null ? null : line.orElse(null);
    }

    void end() {
      queue.add(Optional.empty());
    }

    void cancel() {
      Flow.Subscription from = subscription;
      if (from != null) {
        from.cancel();
      }
    }

    @Override
    public void onSubscribe(Flow.Subscription from) {
      subscription = from;
      from.request(LINES_MAX);
    }

    @Override
    public void onNext(String line) {
      queue.add(Optional.of(line));
    }

    @Override
    public void onError(Throwable lost) {
      // the answer is done
    }

    @Override
    public void onComplete() {
      // the answer is done
    }
  }
}
