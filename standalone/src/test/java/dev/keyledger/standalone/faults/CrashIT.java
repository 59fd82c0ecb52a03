package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Whatever was acknowledged survives a kill -9 at any moment, and history, key and verification
 * tell the same story afterwards. More rounds: {@code mvn verify -Plong}; the same ones again:
 * {@code -Dkeyledger.crash.seed=}.
 */
@Timeout(900)
class CrashIT {
  private static final int ROUNDS = Integer.getInteger("keyledger.crash.rounds", 3);
  private static final long SEED = Long.getLong("keyledger.crash.seed", System.nanoTime());
  private static final int WORKERS = 8;
  private static final Duration UNDER_LOAD_MIN = Duration.ofMillis(200);
  private static final Duration UNDER_LOAD_MAX = Duration.ofMillis(2_500);

  /** The event that each command adds; issuing is how a story begins. */
  private static final Map<String, String> EVENTS =
      Map.of(
          "renew", "KeyRenewed",
          "rotate", "KeyRotated",
          "suspend", "KeySuspended",
          "resume", "KeyResumed",
          "revoke", "KeyRevoked");

  /** What one worker knows of one of its keys. Written by that worker alone. */
  private static final class Story {
    private final IssuedKey key;
    private final List<String> acknowledged = new ArrayList<>(List.of("KeyIssued"));
    private IssuedKey newest;
    private @Nullable String underWay;

    Story(IssuedKey key) {
      this.key = key;
      this.newest = key;
    }

    /** A command that the key takes in the state that it is in. */
    String next(Random random) {
      if (acknowledged.getLast().equals("KeySuspended")) {
        return random.nextBoolean() ? "resume" : "revoke";
      }
      return List.of("renew", "renew", "rotate", "suspend", "revoke").get(random.nextInt(5));
    }

    boolean ended() {
      return acknowledged.getLast().equals("KeyRevoked");
    }
  }

  @Test
  void whatWasAcknowledgedSurvivesAKillAtAnyMoment() throws Exception {
    System.out.println("CrashIT: " + ROUNDS + " rounds of seed " + SEED);
    var random = new Random(SEED);
    var stories = new ArrayList<Story>();
    try (var keyledger = KeyledgerProcess.standalone()) {
      for (int round = 1; round <= ROUNDS; round++) {
        List<Story> told = loadUntilKilled(keyledger, random);
        keyledger.restart();
        assertThat(told).as("round " + round + " of seed " + SEED).isNotEmpty();
        stories.addAll(told);
        for (Story story : told) {
          assertTold(story, keyledger.issuer());
        }
        assertDense(keyledger);
      }
      for (Story story : stories) {
        assertTold(story, keyledger.issuer());
      }
      int commands = stories.stream().mapToInt(story -> story.acknowledged.size()).sum();
      System.out.println("CrashIT: " + commands + " acknowledged commands, all of them there");
    }
  }

  private static List<Story> loadUntilKilled(KeyledgerProcess keyledger, Random random)
      throws Exception {
    var killed = new AtomicBoolean();
    var begun = new CountDownLatch(WORKERS);
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      var workers = new ArrayList<Future<List<Story>>>();
      for (int i = 0; i < WORKERS; i++) {
        var own = new Random(random.nextLong());
        workers.add(threads.submit(() -> work(keyledger.issuer(), own, begun, killed)));
      }
      assertThat(begun.await(30, TimeUnit.SECONDS)).as("all workers issue keys").isTrue();
      long underLoad = random.nextLong(UNDER_LOAD_MIN.toMillis(), UNDER_LOAD_MAX.toMillis());
      // Not a wait for something to happen: it is the random moment itself.
      assertThat(new CountDownLatch(1).await(underLoad, TimeUnit.MILLISECONDS)).isFalse();
      killed.set(true);
      keyledger.kill9();
      var stories = new ArrayList<Story>();
      for (Future<List<Story>> worker : workers) {
        stories.addAll(worker.get());
      }
      return stories;
    }
  }

  /** Lives the lives of keys, one after the other, until there is no answer any more. */
  private static List<Story> work(
      Issuer issuer, Random random, CountDownLatch begun, AtomicBoolean killed) {
    var stories = new ArrayList<Story>();
    try {
      while (true) {
        var story = new Story(issuer.issued("read:users"));
        stories.add(story);
        begun.countDown();
        while (!story.ended()) {
          String command = story.next(random);
          story.underWay = command;
          Answer answer = issuer.command(story.key, command, bodyOf(command));
          assertThat(answer.status()).as(answer.text()).isEqualTo(200);
          story.acknowledged.add(EVENTS.get(command));
          story.underWay = null;
          if (command.equals("rotate")) {
            story.newest =
                new IssuedKey(story.key.id(), answer.body().path("secret").asString(), answer);
          }
        }
      }
    } catch (UncheckedIOException unanswered) {
      if (!killed.get()) {
        throw unanswered;
      }
      return stories;
    }
  }

  private static String bodyOf(String command) {
    return switch (command) {
      case "renew" -> "{\"lifetime\": \"P200D\"}";
      case "rotate" -> "{\"closeOverlap\": true}";
      default -> "{}";
    };
  }

  private static void assertTold(Story story, Issuer issuer) {
    List<String> history =
        issuer
            .history(story.key)
            .valueStream()
            .map(entry -> entry.path("type").asString())
            // Closing an overlap belongs to the rotation that asked for it.
            .filter(type -> !type.equals("SecretRetired"))
            .toList();
    var withTheUnanswered = new ArrayList<>(story.acknowledged);
    if (story.underWay != null) {
      withTheUnanswered.add(EVENTS.get(story.underWay));
    }
    assertThat(history)
        .as("history of " + story.key.id() + ", seed " + SEED)
        .isIn(story.acknowledged, withTheUnanswered);

    String status =
        switch (history.getLast()) {
          case "KeySuspended" -> "suspended";
          case "KeyRevoked" -> "revoked";
          default -> "active";
        };
    JsonNode key = issuer.read(story.key);
    assertThat(key.path("status").asString()).as(story.key.id()).isEqualTo(status);
    assertThat(key.path("version").asInt()).isEqualTo(issuer.history(story.key).size());
    assertThat(issuer.codeOf(story.newest.secret()))
        .as(story.key.id())
        .isEqualTo(status.equals("active") ? "VALID" : status.toUpperCase(Locale.ROOT));
  }

  private static void assertDense(KeyledgerProcess keyledger) throws SQLException {
    try (Connection connection = keyledger.database();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                SELECT count(*), min(position), max(position), (SELECT position FROM log.log_head)
                FROM log.event
                """)) {
      assertThat(row.next()).isTrue();
      long count = row.getLong(1);
      assertThat(List.of(row.getLong(2), row.getLong(3), row.getLong(4)))
          .as("first, last position and head of %d events, seed %d", count, SEED)
          .containsExactly(1L, count, count);
    }
  }
}
