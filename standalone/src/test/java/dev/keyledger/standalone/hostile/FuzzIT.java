package dev.keyledger.standalone.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.contract.Contract;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that are nearly valid, to every operation and to unknown ones: each gets an answer of
 * the contract, soon, without a fault and without a secret; afterwards the log is intact.
 */
@Timeout(1800)
class FuzzIT {
  private static final int REQUESTS_OF_SHORT_FORM = 3000;
  private static final int REQUESTS =
      Integer.getInteger("keyledger.fuzz.requests", REQUESTS_OF_SHORT_FORM);

  /** The seed: constant in the short form, random in the long one. */
  private static final long SEED =
      Long.getLong(
          "keyledger.fuzz.seed", REQUESTS > REQUESTS_OF_SHORT_FORM ? System.nanoTime() : 3000);

  private static final int CLIENTS = 4;
  private static final int KEYS_AT_ONCE = 150;
  private static final int WRONG_PRINTED_MAX = 10;

  /** The longest time for an answer, on a machine that is busy. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(15);

  private static final Duration SLOW = Duration.ofSeconds(1);

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Integer> statuses = new ConcurrentSkipListMap<>();
  private final AtomicInteger slow = new AtomicInteger();
  private final AtomicLong slowestNanos = new AtomicLong();
  private final Map<String, String> canaries = new TreeMap<>();

  @Test
  void everyRequestIsAnsweredByTheContractAndRevealsNoSecret() throws Exception {
    System.out.println("FuzzIT: seed " + SEED + ", requests " + REQUESTS);
    try (var keyledger = KeyledgerProcess.standalone()) {
      Fuzzer.Known known = prepare(keyledger);
      for (int i = 0; i < known.credentials().size(); i++) {
        canaries.put("credential " + i, known.credentials().get(i));
      }
      sendAll(keyledger, known);
      System.out.printf(
          "FuzzIT: %s, %d above %s, slowest %d ms%n",
          statuses, slow.get(), SLOW, slowestNanos.get() / 1_000_000);

      assertThat(wrong.stream().limit(WRONG_PRINTED_MAX)).as("seed " + SEED).isEmpty();
      assertThat(statuses.keySet()).as("much of it was good").contains(200, 201);
      assertThat(keyledger.client().get("/actuator/health/readiness").status()).isEqualTo(200);
      String output = keyledger.output().replaceFirst(keyledger.rootKey(), "");
      assertThat(output).doesNotContain(" ERROR ", "Exception", "X-Injected", "\u001b");
      known.secrets().forEach(secret -> assertThat(output.contains(secret)).isFalse());
      canaries.forEach((name, canary) -> assertThat(output.contains(canary)).as(name).isFalse());
      KeyledgerProcess.CommandResult check = keyledger.check();
      assertThat(check.exitCode()).as(check.output()).isZero();
    }
  }

  private Fuzzer.Known prepare(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    var keyIds = new ArrayList<String>();
    for (int i = 0; i <= REQUESTS / 20_000; i++) {
      keyIds.addAll(imported(issuer, i));
    }
    List<IssuedKey> customers =
        List.of(issuer.issued("read:users"), issuer.issued("*:*"), issuer.issued("read:users"));
    issuer.done(customers.getLast(), "revoke", "{}");
    customers.forEach(key -> keyIds.add(key.id()));
    String root = keyledger.rootKey();
    String operator =
        issuer
            .issuedFrom(
                """
                {"name": "Operator", "owner": {"type": "service", "id": "fuzzer"},
                 "permissions": ["keyledger:*", "read:*:*"]}
                """)
            .secret();
    List<String> customerSecrets = customers.stream().map(IssuedKey::secret).toList();
    return new Fuzzer.Known(
        keyIds,
        customerSecrets,
        List.of(root, root, root, operator, operator, issuer.issued("*:*").secret()),
        List.of(
            customers.getFirst().answer().header("Keyledger-Position"),
            customers.getLast().answer().header("Keyledger-Position"),
            "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB"));
  }

  private static List<String> imported(Issuer issuer, int batch) {
    String keys =
        IntStream.range(0, KEYS_AT_ONCE)
            .mapToObj(i ->
                """
                {"name": "Key %d", "owner": {"type": "user", "id": "%d"},
                 "permissions": ["read:users"], "secretSha256": "%064x"}
                """
                    .formatted(i, i, (batch + 1) * 1_000_000L + i))
            .collect(Collectors.joining(","));
    JsonNode results =
        issuer.client().post("/v1/keys/import", "{\"keys\":[" + keys + "]}").body().path("results");
    return results.valueStream().map(result -> result.path("keyId").asString()).toList();
  }

  private void sendAll(KeyledgerProcess keyledger, Fuzzer.Known known) throws Exception {
    var next = new AtomicInteger();
    try (var clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        running.add(
            clients.submit(() -> {
              for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
                send(keyledger, known, i);
              }
              return null;
            }));
      }
      for (Future<?> client : running) {
        client.get();
      }
    }
  }

  private void send(KeyledgerProcess keyledger, Fuzzer.Known known, int number) throws IOException {
    var random = new Random(new SplittableRandom(SEED + number).nextLong());
    Fuzzer.Request request = new Fuzzer(random, known).next();
    long sent = System.nanoTime();
    RawAnswer answer;
    try {
      answer = RawAnswer.to(keyledger.uri(request.port()), request.bytes());
    } catch (SocketTimeoutException hangs) {
      report(number, request, "no answer at all");
      return;
    }
    long took = System.nanoTime() - sent;
    slowestNanos.accumulateAndGet(took, Math::max);
    if (took > SLOW.toNanos()) {
      slow.incrementAndGet();
    }
    if (took > ANSWER_MAX.toNanos()) {
      report(number, request, "answered after " + Duration.ofNanos(took));
    }
    statuses.merge(answer.status(), 1, Integer::sum);
    judge(known, number, request, answer);
  }

  private void judge(Fuzzer.Known known, int number, Fuzzer.Request request, RawAnswer answer) {
    if (answer.status() == 0 && request.isHttp()) {
      report(number, request, "closed without an answer");
    }
    if (answer.status() >= 500 && !mayBe(request, answer)) {
      report(number, request, answer.toString());
    }
    String shown = answer.headers().map() + answer.body();
    canaries.forEach((name, canary) -> {
      if (shown.contains(canary)) {
        report(number, request, name + " is in the answer");
      }
    });
    if (answer.status() >= 400) {
      for (String told : known.secrets()) {
        if (shown.contains(told)) {
          report(number, request, "a refusal shows the secret that it refuses");
        }
      }
      for (String inside : List.of("<html", "Tomcat", "Exception", "dev.keyledger")) {
        if (shown.contains(inside)) {
          report(number, request, "a refusal tells of our insides: " + shown);
        }
      }
    }
    if (request.isHttp() && answer.status() > 0) {
      Contract.KEYLEDGER
          .violations(
              request.method(), request.target(), answer.status(), answer.headers(), answer.body())
          .forEach(violation -> report(number, request, violation));
    }
  }

  /**
   * Returns whether an answer refuses a request for a state that the node has not reached in time.
   */
  private static boolean mayBe(Fuzzer.Request request, RawAnswer answer) {
    if (request.method().equals("HEAD")) {
      return answer.status() == 503 && answer.headers().firstValue("Retry-After").isPresent();
    }
    try {
      String code = JsonMapper.shared().readTree(answer.body()).path("code").asString("");
      return answer.status() == 503 && (code.equals("stale") || code.equals("not-yet-applied"));
    } catch (JacksonException noJson) {
      return false;
    }
  }

  private void report(int number, Fuzzer.Request request, String what) {
    wrong.add("request %d on %s: %s%n%s%n".formatted(number, request.port(), what, request));
  }
}
