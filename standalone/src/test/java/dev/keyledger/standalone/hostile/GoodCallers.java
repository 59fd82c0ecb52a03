package dev.keyledger.standalone.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Callers that use a node as intended until {@link #close}: mostly checks on both ports, and
 * sometimes the life of a key, lists and audit. Every check succeeds; any other request may get a
 * documented 503, which is counted. Thread-safe.
 */
final class GoodCallers implements AutoCloseable {
  private static final int CALLERS = 2;
  private static final int CHECKS_PER_ROUND = 40;
  private static final int SIGNIFICANT_DIGITS = 3;
  private static final Set<String> DOCUMENTED =
      Set.of("not-yet-applied", "stale", "store-unavailable", "outcome-unknown");

  private final KeyledgerProcess keyledger;
  private final IssuedKey key;
  private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
  private final List<Future<?>> calling = new ArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong unavailable = new AtomicLong();
  private final AtomicLong lives = new AtomicLong();
  private volatile ConcurrentHistogram checkNanos = new ConcurrentHistogram(SIGNIFICANT_DIGITS);

  GoodCallers(KeyledgerProcess keyledger) {
    this.keyledger = keyledger;
    this.key = keyledger.issuer().issued("read:users");
    for (int i = 0; i < CALLERS; i++) {
      calling.add(threads.submit(this::call));
    }
  }

  /** Returns the durations of the checks since the last call, in nanoseconds. */
  Histogram takeCheckNanos() {
    ConcurrentHistogram taken = checkNanos;
    checkNanos = new ConcurrentHistogram(SIGNIFICANT_DIGITS);
    return taken;
  }

  /** Returns the number of requests that got a documented 503. */
  long unavailable() {
    return unavailable.get();
  }

  /** Returns the number of keys that were issued, changed and revoked. */
  long lives() {
    return lives.get();
  }

  /** Fails if a caller did not get the expected answer. */
  void assertServed() {
    assertThat(calling).noneMatch(Future::isDone);
  }

  private void call() {
    while (!over.get()) {
      for (int i = 0; i < CHECKS_PER_ROUND; i++) {
        check(i % 2 == 0 ? Port.MAIN : Port.FAST);
      }
      live();
      for (String list : List.of("/v1/keys?limit=50", "/v1/audit?limit=50")) {
        served(keyledger.root().get(list), 200);
      }
      served(keyledger.root().get(key.path() + "/history"), 200);
    }
  }

  private void check(Port port) {
    long start = System.nanoTime();
    assertThat(keyledger.issuer(port).codeOf(key.secret())).isEqualTo("VALID");
    long between = System.nanoTime();
    assertThat(keyledger.client(port).bearer(key.secret()).get("/v1/forward-auth").status())
        .isEqualTo(200);
    checkNanos.recordValue(between - start);
    checkNanos.recordValue(System.nanoTime() - between);
  }

  private void live() {
    Answer issued =
        keyledger.root().post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users")));
    if (!served(issued, 201)) {
      return;
    }
    IssuedKey lived = IssuedKey.of(issued);
    boolean all = true;
    for (String command : List.of("suspend", "resume", "renew", "rotate", "revoke")) {
      all &= served(keyledger.issuer().command(lived, command, "{}"), 200);
    }
    if (all) {
      assertThat(keyledger.issuer().codeOf(lived.secret())).isEqualTo("REVOKED");
    }
    lives.incrementAndGet();
  }

  private boolean served(Answer answer, int status) {
    if (answer.status() == 503) {
      assertThat(DOCUMENTED).contains(answer.body().path("code").asString());
      unavailable.incrementAndGet();
      return false;
    }
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    return true;
  }

  /**
   * Ends the calls.
   *
   * @throws AssertionError if one did not get the expected answer
   */
  @Override
  public void close() {
    over.set(true);
    threads.close();
    for (Future<?> one : calling) {
      try {
        one.get();
      } catch (ExecutionException failed) {
        throw new AssertionError("a good caller was not served", failed.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }
}
