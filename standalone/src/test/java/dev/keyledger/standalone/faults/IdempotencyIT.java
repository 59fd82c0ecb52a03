package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.TcpProxy;
import dev.keyledger.standalone.process.TcpProxy.Line;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two command nodes on one database. A request with an Idempotency-Key is executed once, whatever
 * happens to its node; a change of an operator on one node reaches the other by the log. More
 * kills: {@code mvn verify -Plong}; to repeat a run: {@code -Dkeyledger.idempotency.seed=}.
 */
@Timeout(900)
class IdempotencyIT {
  private static final long SEED = Long.getLong("keyledger.idempotency.seed", System.nanoTime());
  private static final int TWIN_ROUNDS = 25;
  private static final int KILL_ROUNDS = Integer.getInteger("keyledger.idempotency.rounds", 3);
  private static final int WORKERS = 8;
  private static final Duration UNDER_LOAD_MIN = Duration.ofMillis(200);
  private static final Duration UNDER_LOAD_MAX = Duration.ofMillis(1_500);
  private static final String ISSUE =
      "{\"name\":\"once\",\"owner\":{\"type\":\"app\",\"id\":\"once\"},\"permissions\":[]}";

  private static @TempDir Path directory;
  private static OwnDatabase database;
  private static TcpProxy line;
  private static KeyledgerProcess node;
  private static KeyledgerProcess other;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("IdempotencyIT: seed " + SEED);
    database = OwnDatabase.start(directory);
    node = KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment());
    line = database.proxy();
    other = KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment(line));
  }

  @AfterAll
  static void end() throws Exception {
    other.close();
    node.close();
    line.close();
    database.close();
  }

  @Test
  void theSecondRequestGetsTheFirstAnswerFromEitherNode() {
    Client first = keyed(node, "the same request twice");
    Answer answer = first.post("/v1/keys", ISSUE);

    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    assertFirst(answer, first.post("/v1/keys", ISSUE));
    assertFirst(answer, keyed(other, "the same request twice").post("/v1/keys", ISSUE));
    Answer reused = first.post("/v1/keys", ISSUE.replace("once", "twice"));
    assertThat(reused.status()).isEqualTo(422);
    assertThat(reused.body().path("code").asString()).isEqualTo("idempotency-key-reused");
    assertThat(node.output() + other.output())
        .doesNotContain("the same request twice")
        .doesNotContain(answer.body().path("secret").asString());
  }

  @Test
  void twinsOnTwoNodesMakeOneKey() throws Exception {
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < TWIN_ROUNDS; round++) {
        String name = "twins of round " + round;
        var start = new CyclicBarrier(2);
        long before = issued();
        Future<Answer> one = threads.submit(() -> issue(node, name, start));
        Future<Answer> two = threads.submit(() -> issue(other, name, start));

        assertThat(one.get().status()).as(one.get().text()).isEqualTo(201);
        assertFirst(one.get(), two.get());
        assertThat(issued()).isEqualTo(before + 1);
      }
    }
  }

  @Test
  void aNodeLearnsItsOperatorsFromTheLog() {
    IssuedKey operator = node.issuer().issued("keyledger:keys:issue", "keyledger:grant:read:users");
    Client elsewhere = operatorElsewhere(operator);
    new Issuer(elsewhere).issued("read:users");

    Answer revoked = node.root().post(operator.path() + "/revoke", "{}");
    assertProblem(
        elsewhere
            .header("Keyledger-At-Least", revoked.header("Keyledger-Position"))
            .post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users"))),
        401,
        "unauthorized");

    Client knownBefore = operatorElsewhere(node.issuer().issued("keyledger:keys:issue"));
    assertThat(knownBefore.post("/v1/keys", "{}").status()).isEqualTo(422);
    // Without the log, data about operators is too old after five seconds.
    line.become(Line.CUT);
    try {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> knownBefore.post("/v1/keys", "{}").status() == 503);
      assertProblem(knownBefore.post("/v1/keys", "{}"), 503, "stale");
      assertThat(other.root().post("/v1/keys", "{}").status()).isEqualTo(422);
    } finally {
      line.become(Line.GOOD);
    }
    other.awaitReady();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> other.root().post("/v1/keys", ISSUE).status() == 201);
  }

  private static Client operatorElsewhere(IssuedKey operator) {
    return other
        .client()
        .bearer(operator.secret())
        .header("Keyledger-At-Least", operator.answer().header("Keyledger-Position"));
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.body().path("code").asString()).isEqualTo(code);
  }

  private enum Victim {
    NODE,
    OTHER,
    BOTH;

    boolean is(KeyledgerProcess process) {
      return this == BOTH || process == (this == NODE ? node : other);
    }
  }

  /** A request and its answer, if it got one. Written by one worker alone. */
  private record Sent(String idempotencyKey, @Nullable Answer answer) {}

  @Test
  void aRetryAfterAKillNeverMakesASecondKey() throws Exception {
    var random = new Random(SEED);
    int commands = 0;
    int unanswered = 0;
    int unansweredButDone = 0;
    for (int round = 0; round < KILL_ROUNDS; round++) {
      long before = issued();
      Victim victim = Victim.values()[round % Victim.values().length];
      List<Sent> sent = loadUntilKilled(round, victim, random);
      // From here on, only statements that PostgreSQL had begun still run for a killed node.
      for (KeyledgerProcess process : List.of(node, other)) {
        if (victim.is(process)) {
          process.restart();
        }
      }
      long done = issued() - before;
      var keyIds = new HashSet<String>();
      for (Sent request : sent) {
        boolean here = random.nextBoolean();
        Answer again = issue(here ? node : other, request.idempotencyKey);
        assertThat(again.status()).as(again.text()).isEqualTo(201);
        assertThat(again.body().path("secret").asString()).startsWith("kl_live_");
        if (request.answer == null) {
          unanswered++;
          assertFirst(again, issue(here ? other : node, request.idempotencyKey));
        } else {
          assertFirst(request.answer, again);
        }
        assertThat(keyIds.add(again.body().path("keyId").asString())).isTrue();
      }
      commands += sent.size();
      long answered = sent.stream().filter(request -> request.answer != null).count();
      unansweredButDone += (int) (done - answered);
      assertThat(issued() - before).as("seed " + SEED).isEqualTo(sent.size());
    }
    System.out.printf(
        "IdempotencyIT: %,d requests, %d of them unanswered, %d of those carried out before the kill%n",
        commands, unanswered, unansweredButDone);
  }

  private static List<Sent> loadUntilKilled(int round, Victim victim, Random random)
      throws Exception {
    var killed = new AtomicBoolean();
    var begun = new CountDownLatch(WORKERS);
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      var workers = new ArrayList<Future<List<Sent>>>();
      for (int i = 0; i < WORKERS; i++) {
        String prefix = "round " + round + " worker " + i + " request ";
        KeyledgerProcess where = i % 2 == 0 ? node : other;
        workers.add(threads.submit(() -> work(where, prefix, begun, killed)));
      }
      assertThat(begun.await(30, TimeUnit.SECONDS)).as("all workers issue keys").isTrue();
      long underLoad = random.nextLong(UNDER_LOAD_MIN.toMillis(), UNDER_LOAD_MAX.toMillis());
      // Not a wait for an event: it is the random moment itself.
      assertThat(new CountDownLatch(1).await(underLoad, TimeUnit.MILLISECONDS)).isFalse();
      killed.set(true);
      for (KeyledgerProcess process : List.of(node, other)) {
        if (victim.is(process)) {
          process.kill9();
        }
      }
      var all = new ArrayList<Sent>();
      for (Future<List<Sent>> worker : workers) {
        all.addAll(worker.get());
      }
      return all;
    }
  }

  /** Issues one key after the other on a node, until it or the other node is killed. */
  private static List<Sent> work(
      KeyledgerProcess where, String prefix, CountDownLatch begun, AtomicBoolean killed) {
    var sent = new ArrayList<Sent>();
    while (true) {
      boolean last = killed.get();
      String idempotencyKey = prefix + sent.size();
      try {
        Answer answer = issue(where, idempotencyKey);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        sent.add(new Sent(idempotencyKey, answer));
        begun.countDown();
        if (last) {
          return sent;
        }
      } catch (UncheckedIOException unanswered) {
        if (!killed.get()) {
          throw unanswered;
        }
        sent.add(new Sent(idempotencyKey, null));
        return sent;
      }
    }
  }

  private static Answer issue(KeyledgerProcess where, String idempotencyKey, CyclicBarrier start)
      throws Exception {
    start.await(10, TimeUnit.SECONDS);
    return issue(where, idempotencyKey);
  }

  private static Answer issue(KeyledgerProcess where, String idempotencyKey) {
    return keyed(where, idempotencyKey).post("/v1/keys", ISSUE);
  }

  private static Client keyed(KeyledgerProcess where, String idempotencyKey) {
    return where.root().header("Idempotency-Key", idempotencyKey);
  }

  private static void assertFirst(Answer first, Answer again) {
    assertThat(again.status()).as(again.text()).isEqualTo(first.status());
    assertThat(again.text()).isEqualTo(first.text());
    for (String header : List.of("Location", "ETag", "Keyledger-Position", "Cache-Control")) {
      assertThat(again.header(header)).as(header).isEqualTo(first.header(header)).isNotEmpty();
    }
  }

  private static long issued() throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT count(*) FROM log.event WHERE type = 'KeyIssued'")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }
}
