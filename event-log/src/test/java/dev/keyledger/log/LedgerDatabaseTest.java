package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import java.sql.Connection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LedgerDatabaseTest {
  @Test
  void theStoreKeepsItsIdAndEachNewIncarnationIsCounted() {
    DatabaseSettings settings = TestDatabases.withoutTables();
    try (var first = LedgerDatabase.open(settings)) {
      assertThat(first.incarnation()).isEqualTo(1);
      assertThat(first.newIncarnation()).isEqualTo(2);
      try (var again = LedgerDatabase.open(settings)) {
        assertThat(again.storeId()).isEqualTo(first.storeId());
        assertThat(again.incarnation()).isEqualTo(2);
      }
    }
  }

  @Test
  void manyNodesMayCreateTheTablesConcurrently() throws Exception {
    DatabaseSettings settings = TestDatabases.withoutTables();
    Callable<UUID> start =
        () -> {
          try (var database = LedgerDatabase.open(settings)) {
            return database.storeId();
          }
        };
    try (var nodes = Executors.newFixedThreadPool(4)) {
      List<Future<UUID>> ids = nodes.invokeAll(List.of(start, start, start, start));
      for (Future<UUID> id : ids) {
        assertThat(id.get()).isEqualTo(ids.getFirst().get());
      }
    }
  }

  @Test
  void poolsShowTheirUse() throws Exception {
    try (var database = LedgerDatabase.open(TestDatabases.empty());
        Connection _ = database.openPool("another", 2).getConnection()) {
      assertThat(database.pools())
          .extracting(ConnectionPool::name, ConnectionPool::connectionsMax, ConnectionPool::used)
          .containsExactly(
              tuple("pool", LedgerDatabase.POOL_CONNECTIONS_MAX, 0), tuple("another", 2, 1));
      assertThat(database.pools()).extracting(ConnectionPool::waiting).containsOnly(0);
    }
  }

  @Test
  void noConnectionCompilesItsPlans() throws Exception {
    try (var database = LedgerDatabase.open(TestDatabases.empty());
        Connection pooled = database.openPool("another", 1).getConnection();
        Connection dedicated = database.openListeningToPrimary("test")) {
      for (Connection connection : List.of(pooled, dedicated)) {
        try (var row = connection.createStatement().executeQuery("SHOW jit")) {
          row.next();
          assertThat(row.getString(1)).isEqualTo("off");
        }
      }
    }
  }

  @Test
  void theErrorForAnUnreachableDatabaseDoesNotShowThePassword() {
    var settings = new DatabaseSettings("jdbc:postgresql://localhost:1/x", "kl", "hunter2");

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> LedgerDatabase.open(settings))
        .withMessageContaining("localhost:1")
        .withMessageNotContaining("hunter2");
  }

  @Test
  void aTooOldPostgresIsRejected() {
    LedgerDatabase.requireKnownVersion(15);
    assertThatIllegalStateException()
        .isThrownBy(() -> LedgerDatabase.requireKnownVersion(14))
        .withMessage("Keyledger needs PostgreSQL 15 or newer, this is 14");
  }
}
