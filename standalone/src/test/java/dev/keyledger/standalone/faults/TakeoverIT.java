package dev.keyledger.standalone.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.Pages;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two query nodes share the projections: when the one that moves them dies, the other does. */
@Timeout(180)
class TakeoverIT {
  private static final Duration TAKEN_OVER_MAX = Duration.ofSeconds(60);
  private static final int KEYS_AROUND_THE_KILL = 5;

  @Test
  void theOtherNodeTakesOverAndMissesNothing(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        KeyledgerProcess command =
            KeyledgerProcess.start(Application.COMMAND_SIDE, database.environment());
        KeyledgerProcess mover = query(database, "mover");
        KeyledgerProcess standby = standby(database)) {
      var issued = new ArrayList<IssuedKey>();
      var enough = new AtomicBoolean();
      try (var threads = Executors.newSingleThreadExecutor()) {
        Future<List<IssuedKey>> writer = threads.submit(() -> writeUntil(enough, command));
        try {
          awaitListed(mover, KEYS_AROUND_THE_KILL);
          assertThat(owners(database)).hasSize(2).allMatch(owner -> owner.startsWith("mover "));
          mover.kill9();
          awaitMoved(database);
          awaitListed(standby, KEYS_AROUND_THE_KILL);
        } finally {
          enough.set(true);
        }
        issued.addAll(writer.get());
      }
      assertNothingMissed(standby, issued);
    }
  }

  private static KeyledgerProcess standby(OwnDatabase database) throws SQLException {
    await()
        .atMost(TAKEN_OVER_MAX)
        .until(() -> owners(database).stream().filter(o -> o.startsWith("mover ")).count() == 2);
    return query(database, "standby");
  }

  private static KeyledgerProcess query(OwnDatabase database, String name) {
    Map<String, String> environment = new LinkedHashMap<>(database.environment());
    environment.put("KEYLEDGER_NODE_NAME", name);
    return KeyledgerProcess.start(Application.QUERY_SIDE, environment);
  }

  private static List<IssuedKey> writeUntil(AtomicBoolean enough, KeyledgerProcess command) {
    var issued = new ArrayList<IssuedKey>();
    while (!enough.get()) {
      issued.add(command.issuer().issued("read:users"));
    }
    return issued;
  }

  private static void awaitListed(KeyledgerProcess node, int more) {
    int before = listed(node);
    await().atMost(TAKEN_OVER_MAX).until(() -> listed(node) >= before + more);
  }

  private static int listed(KeyledgerProcess node) {
    return Pages.ids(node.root(), "/v1/keys?limit=200", "keyId").size();
  }

  private static void awaitMoved(OwnDatabase database) {
    await()
        .atMost(TAKEN_OVER_MAX)
        .until(() -> owners(database).stream().filter(o -> o.startsWith("standby ")).count() == 2);
  }

  private static void assertNothingMissed(KeyledgerProcess node, List<IssuedKey> issued) {
    String last = issued.getLast().answer().header("Keyledger-Position");
    Client client = node.root().header("Keyledger-At-Least", last);
    String[] ids = issued.reversed().stream().map(IssuedKey::id).toArray(String[]::new);
    assertThat(Pages.ids(client, "/v1/keys?limit=200", "keyId")).containsExactly(ids);
    assertThat(Pages.ids(client, "/v1/audit?limit=200", "keyId")).containsExactly(ids);
  }

  private static List<String> owners(OwnDatabase database) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery("SELECT owner FROM read.projection WHERE owner IS NOT NULL")) {
      var owners = new ArrayList<String>();
      while (row.next()) {
        owners.add(row.getString(1));
      }
      return owners;
    }
  }
}
