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

  /**
   * The time after which the usage of an hour no longer counts, from the beginning of that hour.
   */
  private static final Duration USAGE_LIFETIME = LIFETIME.plusHours(1);

  private static final String EXPIRED =
      "time <= clock_timestamp() - make_interval(secs => " + LIFETIME.toSeconds() + ")";
  private static final String FIND =
      "SELECT id, fingerprint, position, sealed, "
          + EXPIRED
          + " FROM log.idempotency WHERE id = ANY (?)";
  private static final String DELETE_IF_EXPIRED =
      "DELETE FROM log.idempotency WHERE id = ANY (?) AND " + EXPIRED;
  private static final String USAGE_EXPIRED =
      "hour <= clock_timestamp() - make_interval(secs => " + USAGE_LIFETIME.toSeconds() + ")";
  private static final String FIND_USAGE =
      "SELECT coalesce(sum(bytes), 0), coalesce(extract(epoch FROM min(hour) - clock_timestamp()), 0)"
          + " FROM log.idempotency_usage WHERE caller = ? AND NOT "
          + USAGE_EXPIRED;
  private static final String DELETE_EXPIRED_USAGE =
      "DELETE FROM log.idempotency_usage WHERE (caller, hour) IN"
          + " (SELECT caller, hour FROM log.idempotency_usage WHERE "
          + USAGE_EXPIRED
          + " ORDER BY hour LIMIT ? FOR UPDATE SKIP LOCKED)";
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
   * The amount of stored answers of a caller.
   *
   * @param bytes the size of the sealed answers, expired ones included for up to an hour
   * @param untilLess the time after which the oldest of them no longer count
   */
  public record Usage(long bytes, Duration untilLess) {}

  /** Returns the usage of a caller. */
  public Usage usage(String caller) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIND_USAGE)) {
      statement.setString(1, caller);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Usage(row.getLong(1), USAGE_LIFETIME.plusSeconds((long) row.getDouble(2)));
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot sum up answer records: " + e.getMessage(), e);
    }
  }

  /**
   * Deletes expired records, oldest first, and the sums that count only such records.
   *
   * @param max the maximum number of rows to delete from each of the two tables
   * @return the number of records deleted; fewer than {@code max} means that none is left for this
   *     node
   */
  public int deleteExpired(int max) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement usage = connection.prepareStatement(DELETE_EXPIRED_USAGE);
        PreparedStatement statement = connection.prepareStatement(DELETE_EXPIRED)) {
      usage.setInt(1, max);
      usage.executeUpdate();
      statement.setInt(1, max);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot delete answer records: " + e.getMessage(), e);
    }
  }
}
