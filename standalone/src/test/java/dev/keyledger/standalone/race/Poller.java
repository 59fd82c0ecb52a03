package dev.keyledger.standalone.race;

import dev.keyledger.log.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The simplest reader: asks for the events after the last one it saw, and uses no code of
 * Keyledger.
 */
final class Poller implements Runnable {
  private static final String AFTER =
      "SELECT position FROM log.event WHERE position > ? ORDER BY position LIMIT 5000";
  private static final Duration PAUSE = Duration.ofMillis(1);

  private final DatabaseSettings settings;
  private final Sightings sightings;
  private final BooleanSupplier ended;

  Poller(DatabaseSettings settings, Sightings sightings, BooleanSupplier ended) {
    this.settings = settings;
    this.sightings = sightings;
    this.ended = ended;
  }

  /** Reads until it is told to stop. */
  @Override
  public void run() {
    try (Connection connection =
            DriverManager.getConnection(
                settings.jdbcUrl(), settings.username(), settings.password());
        PreparedStatement after = connection.prepareStatement(AFTER)) {
      while (!ended.getAsBoolean()) {
        read(after);
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    } catch (SQLException e) {
      sightings.fail("cannot read: " + e.getMessage());
    } catch (IllegalStateException _) {
      // The violation is already recorded.
    }
  }

  private void read(PreparedStatement after) throws SQLException {
    after.setLong(1, sightings.last());
    try (ResultSet row = after.executeQuery()) {
      while (row.next()) {
        sightings.see(row.getLong(1));
      }
    }
  }
}
