package dev.keyledger.proofs.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.log.proofs.LastSigned;
import dev.keyledger.log.proofs.LogKeys;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.TreeIntegrator;
import dev.keyledger.projection.TestLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckpointPublisherTest {
  private final TestLog log = TestLog.empty();
  private final LogProofs proofs = LogProofs.open(log.database);
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger status = new AtomicInteger(500);
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @TempDir private Path directory;

  /** Signs the empty log, as a node does. */
  private String signed() throws SQLException {
    try (Connection connection = log.database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      var node =
          new TreeIntegrator(
              log.database,
              LogKeys.generate(),
              new LastSigned(directory.resolve("own")),
              InstantSource.system());
      assertThat(node.move(connection, 0)).isZero();
      connection.commit();
    }
    return proofs.checkpoint().orElseThrow().note();
  }

  private HttpServer receiver() throws IOException {
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange) {
            received.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            exchange.sendResponseHeaders(status.get(), -1);
          }
        });
    receiver.start();
    return receiver;
  }

  @Test
  void aCheckpointReachesEveryPlaceAndReplacesNoOther() throws Exception {
    String note = signed();
    Path latest = CheckpointPublisher.latestIn(directory, LogProofs.originOf(log.database));
    Path ofSize = latest.resolveSibling("0".repeat(19));
    Files.createDirectories(latest.getParent());
    Files.writeString(ofSize, "another\n\nsignature");
    HttpServer receiver = receiver();
    var properties =
        new ProofProperties(
            "",
            false,
            directory.toString(),
            true,
            "http://127.0.0.1:" + receiver.getAddress().getPort());
    try (var publisher =
        new CheckpointPublisher(proofs, properties, new PrintStream(printed, true, UTF_8))) {
      publisher.start();
      await().until(() -> received.size() >= 2); // what fails is tried again
      assertThat(ofSize).hasContent("another\n\nsignature");
      assertThat(latest).doesNotExist();

      status.set(204);
      Files.delete(ofSize);
      await().until(() -> Files.exists(latest));
      assertThat(Files.readString(latest)).isEqualTo(note).isEqualTo(Files.readString(ofSize));
    } finally {
      receiver.stop(0);
      log.close();
    }
    assertThat(received).containsOnly(note);
    assertThat(printed.toString(UTF_8)).isEqualTo(note);
  }
}
