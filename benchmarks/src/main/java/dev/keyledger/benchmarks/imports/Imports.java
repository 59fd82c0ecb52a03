package dev.keyledger.benchmarks.imports;

import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Imports keys into a running Keyledger, prints the rate, and writes the secrets that load tests
 * present: in random order, five per cent each unknown, revoked and expired.
 */
public final class Imports {
  private static final int BATCH = 1000;
  private static final int CONNECTIONS = 4;
  private static final int HUNDRED = 100;
  private static final int SHARE_PERCENT = 5;
  private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;
  private final String rootKey;
  private final SeededKeys keys;

  private Imports(URI server, String rootKey, int presented) {
    this.server = server;
    this.rootKey = rootKey;
    Peppers unused = Peppers.parse("1:" + "A".repeat(43) + "=");
    this.keys = new SeededKeys(unused, presented, InstantSource.system().instant());
  }

  /**
   * Runs the import with {@code KEYLEDGER_ROOT_KEY}.
   *
   * @param arguments the server's address, the number of secrets, the file to write them to
   */
  public static void main(String[] arguments) throws Exception {
    int presented = Integer.parseInt(arguments[1]);
    var imports =
        new Imports(URI.create(arguments[0]), System.getenv("KEYLEDGER_ROOT_KEY"), presented);
    Files.write(Path.of(arguments[2]), imports.run(presented));
  }

  private enum Kind {
    UNKNOWN,
    REVOKED,
    EXPIRED,
    GOOD;

    static Kind of(int number) {
      int share = number % HUNDRED / SHARE_PERCENT;
      return share < 3 ? values()[share] : GOOD;
    }
  }

  private List<String> run(int presented) throws Exception {
    var secrets = new ArrayList<String>(presented);
    var entries = new ArrayList<String>(presented);
    for (int number = 0; number < presented; number++) {
      KeySecret secret = keys.secret(number, 1);
      secrets.add(secret.revealToItsCaller());
      if (Kind.of(number) != Kind.UNKNOWN) {
        entries.add(entry(number, secret));
      }
    }
    var batches = new ArrayList<Callable<String>>();
    for (int from = 0; from < entries.size(); from += BATCH) {
      String batch =
          String.join(",", entries.subList(from, Math.min(entries.size(), from + BATCH)));
      batches.add(() -> post("/v1/keys/import", "{\"keys\":[" + batch + "]}"));
    }
    long start = System.nanoTime();
    sendAll(batches);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "imported %,d keys over %d connections: %,.0f keys/s%n%n",
        entries.size(), CONNECTIONS, entries.size() / seconds);
    while (post("/v1/owners/service/revoked/revoke-keys", "{}").contains("\"more\"")) {
      // Each call revokes a thousand.
    }
    Thread.sleep(SHORT_LIFE);
    Collections.shuffle(secrets, new Random(1));
    return secrets;
  }

  private static String entry(int number, KeySecret secret) {
    Kind kind = Kind.of(number);
    return """
    {"name":"Key %d","owner":{"type":"service","id":"%s"},"permissions":["read:orders",\
    "write:orders"],"lifetime":"%s","secretSha256":"%s"}\
    """
        .formatted(
            number,
            kind == Kind.REVOKED ? "revoked" : "load",
            kind == Kind.EXPIRED ? SHORT_LIFE : "P30D",
            HexFormat.of().formatHex(secret.sha256()));
  }

  private void sendAll(List<Callable<String>> batches) throws Exception {
    try (ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS)) {
      for (Future<String> answer : connections.invokeAll(batches)) {
        if (answer.get().contains("\"problem\"")) {
          throw new IllegalStateException("a key was rejected: " + answer.get());
        }
      }
    }
  }

  private String post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(path))
            .header("Authorization", "Bearer " + rootKey)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }
}
