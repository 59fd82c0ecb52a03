package dev.keyledger.benchmarks.revocations;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Revokes keys on a command node while others are checked on several query nodes. Measures the time
 * from the acknowledgement until the last node has rejected the key. Then it presents each
 * revocation's position in checks that follow at once, and counts the answers that are valid.
 */
public final class Revocations {
  private static final int BATCH = 1000;
  private static final int REVOKERS = 2;
  private static final int LOAD_KEYS = 1000;
  private static final int LOAD_CONNECTIONS = 2;
  private static final int CHECKS_WITH_A_TOKEN = 100;
  private static final Pattern KEY_ID = Pattern.compile("key_[0-9a-z]{26}");
  private static final String VALID = "\"valid\":true";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI command;
  private final List<URI> nodes;
  private final String rootKey;
  private final List<KeySecret> secrets = new ArrayList<>();
  private final List<String> keyIds = new ArrayList<>();
  private final AtomicLong loadChecks = new AtomicLong();
  private volatile boolean done;

  private Revocations(URI command, List<URI> nodes, String rootKey) {
    this.command = command;
    this.nodes = nodes;
    this.rootKey = rootKey;
  }

  /**
   * Runs the benchmark with {@code KEYLEDGER_ROOT_KEY}.
   *
   * @param arguments the number of revocations, the number of checks with a token, the command
   *     node's address, the query nodes' addresses
   */
  public static void main(String[] arguments) throws Exception {
    int revocations = Integer.parseInt(arguments[0]);
    int checks = Integer.parseInt(arguments[1]);
    List<URI> nodes =
        List.of(arguments).subList(3, arguments.length).stream().map(URI::create).toList();
    var benchmark =
        new Revocations(URI.create(arguments[2]), nodes, System.getenv("KEYLEDGER_ROOT_KEY"));
    int presented = checks / (nodes.size() * CHECKS_WITH_A_TOKEN);
    benchmark.importKeys(LOAD_KEYS + revocations + presented);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      benchmark.load(threads);
      benchmark.revoke(threads, LOAD_KEYS / 2, LOAD_KEYS / 2, new ConcurrentHistogram(3)); // warm
      var latencies = new ConcurrentHistogram(3);
      long start = System.nanoTime();
      long before = benchmark.loadChecks.get();
      benchmark.revoke(threads, LOAD_KEYS, revocations, latencies);
      double seconds = (System.nanoTime() - start) / 1e9;
      print(nodes.size(), latencies, (benchmark.loadChecks.get() - before) / seconds, seconds);
      long valid = benchmark.present(threads, LOAD_KEYS + revocations, presented);
      benchmark.done = true;
      System.out.printf(
          "%,d checks with the revocation's token on %d nodes: %,d VALID%n",
          (long) presented * nodes.size() * CHECKS_WITH_A_TOKEN, nodes.size(), valid);
    }
  }

  private static void print(int nodes, Histogram latencies, double load, double seconds) {
    System.out.printf(
        "%,d revocations, %.0f/s, next to %,.0f other checks/s; from the acknowledgement to the"
            + " refusal on the last of %d nodes, ms: p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f%n",
        latencies.getTotalCount(),
        latencies.getTotalCount() / seconds,
        load,
        nodes,
        millis(latencies, 50),
        millis(latencies, 99),
        millis(latencies, 99.9),
        latencies.getMaxValue() / 1e6);
  }

  private static double millis(Histogram latencies, double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  private void importKeys(int count) throws IOException, InterruptedException {
    var keys =
        new SeededKeys(
            Peppers.parse("1:" + "A".repeat(43) + "="), count, InstantSource.system().instant());
    for (int from = 0; from < count; from += BATCH) {
      var entries = new ArrayList<String>();
      for (int number = from; number < Math.min(count, from + BATCH); number++) {
        KeySecret secret = keys.secret(number, 1);
        secrets.add(secret);
        entries.add(
            "{\"name\":\"Key\",\"owner\":{\"type\":\"app\",\"id\":\"load\"},\"permissions\":[],"
                + "\"secretSha256\":\"%s\"}".formatted(HexFormat.of().formatHex(secret.sha256())));
      }
      String answer =
          post(command, "/v1/keys/import", "{\"keys\":[" + String.join(",", entries) + "]}", null)
              .body();
      Matcher ids = KEY_ID.matcher(answer);
      while (ids.find()) {
        keyIds.add(ids.group());
      }
    }
    if (keyIds.size() != count) {
      throw new IllegalStateException("keys were rejected");
    }
  }

  /** Checks keys that stay valid, on all nodes, until the end. */
  private void load(ExecutorService threads) {
    for (URI node : nodes) {
      for (int i = 0; i < LOAD_CONNECTIONS; i++) {
        var _ =
            threads.submit(() -> {
              while (!done) {
                check(node, ThreadLocalRandom.current().nextInt(LOAD_KEYS / 2), null);
                loadChecks.incrementAndGet();
              }
              return null;
            });
      }
    }
  }

  private void revoke(ExecutorService threads, int from, int count, Histogram latencies)
      throws ExecutionException, InterruptedException {
    var next = new AtomicLong(from);
    var revokers = new ArrayList<Future<?>>();
    for (int i = 0; i < REVOKERS; i++) {
      revokers.add(
          threads.submit(() -> {
            for (int key; (key = (int) next.getAndIncrement()) < from + count; ) {
              int revoked = key;
              revokeOne(revoked);
              long acknowledged = System.nanoTime();
              all(
                  threads,
                  node -> {
                    while (check(node, revoked, null).contains(VALID)) {
                      // repeat at once
                    }
                    return 0L;
                  });
              latencies.recordValue(System.nanoTime() - acknowledged);
            }
            return null;
          }));
    }
    for (Future<?> revoker : revokers) {
      revoker.get();
    }
  }

  /** Returns the number of checks with the token that find the key valid. */
  private long present(ExecutorService threads, int from, int count) throws Exception {
    long valid = 0;
    for (int key = from; key < from + count; key++) {
      int revoked = key;
      String token = revokeOne(revoked);
      valid +=
          all(
              threads,
              node -> {
                long wrong = 0;
                for (int i = 0; i < CHECKS_WITH_A_TOKEN; i++) {
                  wrong += check(node, revoked, token).contains(VALID) ? 1 : 0;
                }
                return wrong;
              });
    }
    return valid;
  }

  private interface OnNode {
    long run(URI node) throws Exception;
  }

  /** Calls all nodes at once; returns the sum. */
  private long all(ExecutorService threads, OnNode work)
      throws ExecutionException, InterruptedException {
    var results = new ArrayList<Future<Long>>();
    for (URI node : nodes) {
      results.add(threads.submit(() -> work.run(node)));
    }
    long sum = 0;
    for (Future<Long> result : results) {
      sum += result.get();
    }
    return sum;
  }

  /** Returns the token of the revocation. */
  private String revokeOne(int key) throws IOException, InterruptedException {
    return post(command, "/v1/keys/" + keyIds.get(key) + "/revoke", "{}", null)
        .headers()
        .firstValue("Keyledger-Position")
        .orElseThrow();
  }

  private String check(URI node, int key, @Nullable String token)
      throws IOException, InterruptedException {
    return post(
            node, "/v1/verify", "{\"key\":\"" + secrets.get(key).revealToItsCaller() + "\"}", token)
        .body();
  }

  private HttpResponse<String> post(URI server, String path, String body, @Nullable String token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path))
            .header("Authorization", "Bearer " + rootKey)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Keyledger-At-Least", token);
    }
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new UncheckedIOException(
          new IOException(path + " answered " + answer.statusCode() + ": " + answer.body()));
    }
    return answer;
  }
}
