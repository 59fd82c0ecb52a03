package dev.keyledger.standalone.linearizability;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.linearizability.KeyModel.Request;
import dev.keyledger.standalone.linearizability.KeyModel.Response;
import dev.keyledger.standalone.linearizability.Linearizability.Operation;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two command nodes with commands on the same few keys: each caches keys that the other changes,
 * and one of them freezes sometimes. All answers, including rejections and commands without effect,
 * fit into one order for each key. {@code -Dkeyledger.linearizability.seconds=} sets the duration,
 * {@code -Dkeyledger.linearizability.seed=} repeats the choices.
 */
@Timeout(1_200)
class LinearizabilityIT {
  private static final int SECONDS = Integer.getInteger("keyledger.linearizability.seconds", 10);
  private static final long SEED =
      Long.getLong("keyledger.linearizability.seed", System.nanoTime());
  private static final int KEYS = 4;
  private static final int WORKERS_OF_A_NODE = 4;
  private static final int OPERATIONS_OF_A_KEY = 150;
  private static final Duration FREEZE = Duration.ofSeconds(1);
  private static final Duration FREEZE_EVERY = Duration.ofSeconds(10);

  private static final List<String> READ = List.of("read:users");
  private static final List<String> BOTH = List.of("read:users", "write:users");

  private final AtomicLong renewedUntilMillis =
      new AtomicLong(Instant.now().plus(Duration.ofDays(200)).toEpochMilli());

  /** The requests about a key and their answers. */
  private static final class Journal {
    private final IssuedKey key;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicLong version = new AtomicLong(1);
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();

    Journal(IssuedKey key) {
      this.key = key;
    }
  }

  @Test
  void theAnswersOfTwoNodesFitIntoOneOrder(@TempDir Path directory) throws Exception {
    System.out.println("LinearizabilityIT: " + SECONDS + " s, seed " + SEED);
    var random = new Random(SEED);
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      Map<String, String> environment = database.environment();
      try (var one = KeyledgerProcess.start(Application.COMMAND_SIDE, environment);
          var other = KeyledgerProcess.start(Application.COMMAND_SIDE, environment);
          var query = KeyledgerProcess.start(Application.QUERY_SIDE, environment);
          var threads = Executors.newCachedThreadPool()) {
        var all = new ConcurrentLinkedQueue<Journal>();
        var current = new AtomicReferenceArray<Journal>(KEYS);
        for (int i = 0; i < KEYS; i++) {
          current.set(i, begin(one.issuer(), all));
        }
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        var workers = new ArrayList<Future<?>>();
        for (int i = 0; i < 2 * WORKERS_OF_A_NODE; i++) {
          KeyledgerProcess node = i % 2 == 0 ? one : other;
          var own = new Random(random.nextLong());
          workers.add(
              threads.submit(() -> work(node.issuer(), query.root(), current, all, own, end)));
        }
        while (System.nanoTime() + FREEZE_EVERY.toNanos() / 2 < end) {
          LockSupport.parkNanos(FREEZE_EVERY.toNanos() / 2);
          signal(other, "STOP");
          LockSupport.parkNanos(FREEZE.toNanos());
          signal(other, "CONT");
          LockSupport.parkNanos(FREEZE_EVERY.toNanos() / 2);
        }
        for (Future<?> worker : workers) {
          worker.get();
        }
        judge(all);
      }
    }
  }

  private static void judge(Queue<Journal> journals) {
    int operations = 0;
    int withoutEvent = 0;
    for (Journal journal : journals) {
      List<Operation> answered =
          journal.operations.stream()
              .sorted(Comparator.comparingLong(Operation::calledNanos))
              .toList();
      assertThat(Linearizability.misfit(KeyModel.issued(READ), answered))
          .as(() ->
              "%s, seed %d, of these:%n%s"
                  .formatted(
                      journal.key,
                      SEED,
                      answered.stream().map(Operation::toString).collect(joining("\n"))))
          .isEmpty();
      operations += answered.size();
      withoutEvent +=
          (int) answered.stream().filter(op -> op.response() instanceof Response.Problem).count();
    }
    assertThat(withoutEvent).isPositive();
    System.out.printf(
        "LinearizabilityIT: %,d operations on %d keys, %,d of them refused%n",
        operations, journals.size(), withoutEvent);
  }

  private static Journal begin(Issuer issuer, Queue<Journal> all) {
    var journal = new Journal(issuer.issued("read:users"));
    all.add(journal);
    return journal;
  }

  private boolean work(
      Issuer issuer,
      Client query,
      AtomicReferenceArray<Journal> current,
      Queue<Journal> all,
      Random random,
      long end) {
    while (System.nanoTime() < end) {
      int slot = random.nextInt(KEYS);
      Journal journal = current.get(slot);
      int number = journal.begun.incrementAndGet();
      if (number == OPERATIONS_OF_A_KEY) {
        current.set(slot, begin(issuer, all));
      }
      Request request =
          number == OPERATIONS_OF_A_KEY - 20 ? new Request.Revoke() : choose(journal, random);
      long called = System.nanoTime();
      Answer answer = send(issuer.client(), query, journal.key, request);
      long returned = System.nanoTime();
      if (isNothingDone(answer)) {
        continue;
      }
      @Nullable Response response = responseOf(answer);
      journal.operations.add(new Operation(called, returned, request, response));
      if (response instanceof Response.Key key) {
        journal.version.accumulateAndGet(key.version(), Math::max);
      }
      if (request instanceof Request.Revoke && answer.status() == 200) {
        assertRefused(query, journal.key, answer.header("Keyledger-Position"));
      }
    }
    return true;
  }

  private static Request choose(Journal journal, Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> new Request.Renew();
      case 1, 2 -> new Request.Suspend();
      case 3, 4 -> new Request.Resume();
      case 5 -> new Request.Rotate(false);
      case 6 -> new Request.Rotate(true);
      case 7 -> new Request.RetireSecret();
      case 8 -> new Request.ChangePermissions(random.nextBoolean() ? READ : BOTH);
      case 9 -> new Request.RenewIf(journal.version.get());
      default -> new Request.Read();
    };
  }

  private Answer send(Client commands, Client query, IssuedKey key, Request request) {
    return switch (request) {
      case Request.Renew _ -> commands.post(key.path() + "/renew", renewal());
      case Request.RenewIf(long version) ->
          commands.header("If-Match", "\"" + version + "\"").post(key.path() + "/renew", renewal());
      case Request.Suspend _ -> commands.post(key.path() + "/suspend", "{}");
      case Request.Resume _ -> commands.post(key.path() + "/resume", "{}");
      case Request.Rotate(boolean closeOverlap) ->
          commands.post(key.path() + "/rotate", "{\"closeOverlap\": %s}".formatted(closeOverlap));
      case Request.RetireSecret _ -> commands.post(key.path() + "/retire-secret", "{}");
      case Request.Revoke _ -> commands.post(key.path() + "/revoke", "{}");
      case Request.ChangePermissions(List<String> permissions) ->
          commands.put(
              key.path() + "/permissions",
              "{\"permissions\": %s}"
                  .formatted(Issuer.strings(permissions.toArray(String[]::new))));
      case Request.Read _ -> query.get(key.path());
    };
  }

  /** Returns a renewal to a new time, because one to the same time would have no effect. */
  private String renewal() {
    return "{\"expiresAt\": \"%s\", \"allowShorter\": true}"
        .formatted(Instant.ofEpochMilli(renewedUntilMillis.incrementAndGet()));
  }

  /**
   * Returns whether nothing was done: too many commands changed the key at once, or a node that
   * woke up had lost its database.
   */
  private static boolean isNothingDone(Answer answer) {
    String code = answer.body().path("code").asString();
    return code.equals("conflict") || code.equals("store-unavailable");
  }

  private static @Nullable Response responseOf(Answer answer) {
    JsonNode body = answer.body();
    return switch (answer.status()) {
      case 200 ->
          new Response.Key(
              body.path("status").asString(),
              body.path("generation").asInt(),
              body.path("permissions").valueStream().map(JsonNode::asString).toList(),
              body.path("version").asLong());
      case 409, 412 -> new Response.Problem(body.path("code").asString());
      case 503 -> {
        assertThat(body.path("code").asString()).isEqualTo("outcome-unknown");
        yield null;
      }
      default -> throw new AssertionError(answer.text());
    };
  }

  private static void assertRefused(Client query, IssuedKey key, String position) {
    Answer answer =
        query
            .header("Keyledger-At-Least", position)
            .post("/v1/verify", "{\"key\": \"%s\"}".formatted(key.secret()));
    assertThat(answer.status()).as(answer.text()).isIn(200, 503);
    assertThat(answer.body().path("code").asString()).isIn("REVOKED", "not-yet-applied");
  }

  private static void signal(KeyledgerProcess process, String signal) throws Exception {
    int exit =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
            .start()
            .waitFor();
    assertThat(exit).isZero();
  }
}
