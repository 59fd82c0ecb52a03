package dev.keyledger.log;

import dev.keyledger.events.Digest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Finds the answer records that {@link LogAppender} wrote, until they expire.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached.
 * Thread-safe.
 */
public final class AnswerRecords {
  /** The lifetime of a record, by PostgreSQL's clock. */
  public static final Duration LIFETIME = Duration.ofHours(24);

  private static final String EXPIRED =
      "time <= clock_timestamp() - make_interval(secs => " + LIFETIME.toSeconds() + ")";
  private static final String FIND =
      "SELECT id, fingerprint, position, sealed, "
          + EXPIRED
          + " FROM log.idempotency WHERE id = ANY (?)";
  private static final String DELETE_IF_EXPIRED =
      "DELETE FROM log.idempotency WHERE id = ANY (?) AND " + EXPIRED;
  private static final String DELETE_EXPIRED =
      "DELETE FROM log.idempotency WHERE id IN (SELECT id FROM log.idempotency WHERE "
          + EXPIRED
          + " ORDER BY time LIMIT ? FOR UPDATE SKIP LOCKED)";

  private final DataSource dataSource;

  public AnswerRecords(LedgerDatabase database) {
    this.dataSource = database.dataSource();
  }

  /** A stored record. Immutable. */
  public static final class Kept {
    private final Digest id;
    private final Digest fingerprint;
    private final long position;
    private final byte[] sealed;

    private Kept(ResultSet row) throws SQLException {
      this.id = Digest.of(row.getBytes(1));
      this.fingerprint = Digest.of(row.getBytes(2));
      this.position = row.getLong(3);
      this.sealed = row.getBytes(4);
    }

    public Digest id() {
      return id;
    }

    public Digest fingerprint() {
      return fingerprint;
    }

    /** Returns the position at which the answer stands. */
    public long position() {
      return position;
    }

    public byte[] sealed() {
      return sealed.clone();
    }
  }

  /**
   * Returns the record with one of these ids. An expired record is deleted, so that its id can be
   * used again.
   */
  public Optional<Kept> find(Collection<Digest> ids) {
    byte[][] wanted = ids.stream().map(Digest::toBytes).toArray(byte[][]::new);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, connection.createArrayOf("bytea", wanted));
      boolean expired = false;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (!row.getBoolean(5)) {
            return Optional.of(new Kept(row));
          }
          expired = true;
        }
      }
      if (expired) {
        deleteIfExpired(connection, wanted);
      }
      return Optional.empty();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot find answer records: " + e.getMessage(), e);
    }
  }

  private static void deleteIfExpired(Connection connection, byte[][] ids) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE_IF_EXPIRED)) {
      statement.setArray(1, connection.createArrayOf("bytea", ids));
      statement.executeUpdate();
    }
  }

  /**
   * Deletes expired records, oldest first.
   *
   * @param max the most to delete
   * @return the number deleted; fewer than {@code max} means that none is left for this node
   */
  public int deleteExpired(int max) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(DELETE_EXPIRED)) {
      statement.setInt(1, max);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot delete answer records: " + e.getMessage(), e);
    }
  }
}
