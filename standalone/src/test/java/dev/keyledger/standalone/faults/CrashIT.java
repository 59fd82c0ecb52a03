package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Kills the node (kill -9), PostgreSQL, or the appending connection at any moment. Acknowledged
 * commands survive; a command with an unknown outcome was executed completely or not at all, and
 * repeating the request reveals which. More kills: {@code mvn verify -Plong}; to repeat a run:
 * {@code -Dkeyledger.crash.seed=}.
 */
@Timeout(1_800)
class CrashIT {
  private static final int ROUNDS = Integer.getInteger("keyledger.crash.rounds", 6);
  private static final long SEED = Long.getLong("keyledger.crash.seed", System.nanoTime());
  private static final int WORKERS = 8;
  private static final Duration UNDER_LOAD_MIN = Duration.ofMillis(200);
  private static final Duration UNDER_LOAD_MAX = Duration.ofMillis(1_500);
  private static final Duration RECOVERED_MAX = Duration.ofSeconds(30);

  /** The event that each command adds; issuing begins a journal. */
  private static final Map<String, String> EVENTS =
      Map.of(
          "issue", "KeyIssued",
          "renew", "KeyRenewed",
          "rotate", "KeyRotated",
          "suspend", "KeySuspended",
          "resume", "KeyResumed",
          "revoke", "KeyRevoked");

  private enum Victim {
    NODE,
    DATABASE,
    CONNECTION
  }

  /** A command that was sent, and can be sent again as the same one. */
  private record Sent(String command, String path, String body, String idempotencyKey) {}

  /** The journal of a worker about one of its keys. Only that worker writes it. */
  private static final class Journal {
    private final List<String> acknowledged = new ArrayList<>();
    private @Nullable IssuedKey key;
    private @Nullable IssuedKey newest;
    private @Nullable Sent issue;
    private @Nullable Sent unanswered;

    /** Returns a command that the key takes in the state that it is in. */
    Sent next(Random random) {
      String idempotencyKey = "crash-%016x".formatted(random.nextLong());
      IssuedKey issued = key;
      if (issued == null) {
        issue =
            new Sent(
                "issue", "/v1/keys", "{%s}".formatted(Issuer.fields("read:users")), idempotencyKey);
        return issue;
      }
      String command =
          acknowledged.getLast().equals("KeySuspended")
              ? List.of("resume", "revoke").get(random.nextInt(2))
              : List.of("renew", "renew", "rotate", "suspend", "revoke").get(random.nextInt(5));
      return new Sent(command, issued.path() + "/" + command, bodyOf(command), idempotencyKey);
    }

    void acknowledge(Sent sent, Answer answer) {
      acknowledged.add(EVENTS.get(sent.command));
      if (sent.command.equals("issue")) {
        key = IssuedKey.of(answer);
        newest = key;
      } else if (sent.command.equals("rotate")) {
        newest = IssuedKey.of(answer);
      }
    }

    boolean ended() {
      return !acknowledged.isEmpty() && acknowledged.getLast().equals("KeyRevoked");
    }
  }

  @Test
  void acknowledgedCommandsSurviveAKillAtAnyMoment() throws Exception {
    System.out.println("CrashIT: " + ROUNDS + " rounds of seed " + SEED);
    var random = new Random(SEED);
    var journals = new ArrayList<Journal>();
    int unknown = 0;
    try (var keyledger = KeyledgerProcess.standalone()) {
      IssuedKey witness = keyledger.issuer().issued("read:users");
      for (int round = 1; round <= ROUNDS; round++) {
        Victim victim = Victim.values()[round % Victim.values().length];
        List<Journal> ofRound = loadAndKill(keyledger, victim, witness, random);
        assertThat(ofRound).as("round " + round + " of seed " + SEED).isNotEmpty();
        for (Journal journal : ofRound) {
          unknown += journal.unanswered == null ? 0 : 1;
          askAgain(journal, keyledger.issuer());
        }
        journals.addAll(ofRound);
        for (Journal journal : ofRound) {
          assertShows(journal, keyledger.issuer());
        }
        assertSound(keyledger);
      }
      for (Journal journal : journals) {
        assertShows(journal, keyledger.issuer());
      }
      int commands = journals.stream().mapToInt(journal -> journal.acknowledged.size()).sum();
      System.out.printf(
          "CrashIT: %,d acknowledged commands, all of them there; %,d asked again%n",
          commands, unknown);
    }
  }

  private static List<Journal> loadAndKill(
      KeyledgerProcess keyledger, Victim victim, IssuedKey witness, Random random)
      throws Exception {
    var over = new AtomicBoolean();
    var begun = new CountDownLatch(WORKERS);
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      var workers = new ArrayList<Future<List<Journal>>>();
      for (int i = 0; i < WORKERS; i++) {
        var own = new Random(random.nextLong());
        workers.add(threads.submit(() -> work(keyledger.issuer(), own, begun, over)));
      }
      assertThat(begun.await(30, TimeUnit.SECONDS)).as("all workers issue keys").isTrue();
      stayUnderLoad(random);
      switch (victim) {
        case NODE -> {
          over.set(true);
          keyledger.kill9();
        }
        case DATABASE -> {
          killDatabase(keyledger);
          assertThat(keyledger.issuer().codeOf(witness.secret())).isEqualTo("VALID");
          stayUnderLoad(random);
        }
        case CONNECTION -> {
          for (int i = 0; i < 3; i++) {
            cutAppender(keyledger);
            stayUnderLoad(random);
          }
        }
      }
      over.set(true);
      var journals = new ArrayList<Journal>();
      for (Future<List<Journal>> worker : workers) {
        journals.addAll(worker.get());
      }
      if (victim == Victim.NODE) {
        keyledger.restart();
      }
      return journals;
    }
  }

  /** Stays under load until a random moment, which is not a wait for an event. */
  private static void stayUnderLoad(Random random) {
    LockSupport.parkNanos(random.nextLong(UNDER_LOAD_MIN.toNanos(), UNDER_LOAD_MAX.toNanos()));
  }

  private static void killDatabase(KeyledgerProcess keyledger) throws IOException {
    String pid =
        Files.readAllLines(keyledger.dataDirectory().resolve("postgres/data/postmaster.pid"))
            .getFirst()
            .strip();
    assertThat(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly()).isTrue();
  }

  private static void cutAppender(KeyledgerProcess keyledger) throws SQLException {
    try (Connection connection = keyledger.database();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE application_name = 'keyledger appender'");
    }
  }

  /**
   * Takes keys through their lives, one after the other, until it is told to stop or the node no
   * longer answers.
   */
  private static List<Journal> work(
      Issuer issuer, Random random, CountDownLatch begun, AtomicBoolean over) {
    var journals = new ArrayList<Journal>();
    while (!over.get()) {
      var journal = new Journal();
      journals.add(journal);
      while (!over.get() && !journal.ended() && journal.unanswered == null) {
        Sent sent = journal.next(random);
        journal.unanswered = sent;
        try {
          Answer answer = send(issuer, sent);
          switch (answer.status()) {
            case 200, 201 -> {
              journal.acknowledge(sent, answer);
              journal.unanswered = null;
            }
            case 503 -> {
              if (answer.body().path("code").asString().equals("store-unavailable")) {
                journal.unanswered = null; // nothing was done
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
              }
            }
            default -> throw new AssertionError(answer.text());
          }
        } catch (UncheckedIOException unanswered) {
          if (!over.get()) {
            throw unanswered;
          }
        }
        begun.countDown();
      }
    }
    return journals;
  }

  private static Answer send(Issuer issuer, Sent sent) {
    return issuer
        .client()
        .header("Idempotency-Key", sent.idempotencyKey)
        .post(sent.path, sent.body);
  }

  private static String bodyOf(String command) {
    return switch (command) {
      case "renew" -> "{\"lifetime\": \"P200D\"}";
      case "rotate" -> "{\"closeOverlap\": true}";
      default -> "{}";
    };
  }

  /**
   * Repeats the request without an answer. It is answered now, whether it had been executed or not,
   * and each repetition has the same answer.
   */
  private static void askAgain(Journal journal, Issuer issuer) {
    Sent sent = journal.unanswered;
    if (sent != null) {
      Answer answer =
          await()
              .atMost(RECOVERED_MAX)
              .until(() -> send(issuer, sent), again -> again.status() / 100 == 2);
      journal.acknowledge(sent, answer);
      assertThat(send(issuer, sent).text()).isEqualTo(answer.text());
    }
    IssuedKey key = journal.key;
    Sent issue = journal.issue;
    if (key != null && issue != null && key.equals(journal.newest) && !journal.ended()) {
      assertThat(
              await()
                  .atMost(RECOVERED_MAX)
                  .until(() -> send(issuer, issue), again -> again.status() == 201)
                  .text())
          .as("the same secret again")
          .isEqualTo(key.answer().text());
    }
  }

  private static void assertShows(Journal journal, Issuer issuer) {
    IssuedKey issued = journal.key;
    IssuedKey newest = journal.newest;
    if (issued == null || newest == null) {
      return; // not even issued: nothing was done
    }
    List<String> ofCommands =
        issuer
            .history(issued)
            .valueStream()
            .map(entry -> entry.path("type").asString())
            .filter(type -> !type.equals("RotationCompleted")) // a note
            .toList();
    // The closing of an overlap belongs to the rotation that requested it.
    List<String> history =
        ofCommands.stream().filter(type -> !type.equals("SecretRetired")).toList();
    assertThat(history)
        .as("history of " + issued.id() + ", seed " + SEED)
        .isEqualTo(journal.acknowledged);

    String status =
        switch (history.getLast()) {
          case "KeySuspended" -> "suspended";
          case "KeyRevoked" -> "revoked";
          default -> "active";
        };
    JsonNode key = issuer.read(issued);
    assertThat(key.path("status").asString()).as(issued.id()).isEqualTo(status);
    assertThat(key.path("version").asInt()).isEqualTo(ofCommands.size());
    assertThat(issuer.codeOf(newest.secret()))
        .as(issued.id())
        .isEqualTo(status.equals("active") ? "VALID" : status.toUpperCase(Locale.ROOT));
  }

  /** Asserts that positions are dense and that lists and side rows agree with the log. */
  private static void assertSound(KeyledgerProcess keyledger) {
    CommandResult check = keyledger.check();
    assertThat(check.exitCode()).as(check.output()).isZero();
  }
}
