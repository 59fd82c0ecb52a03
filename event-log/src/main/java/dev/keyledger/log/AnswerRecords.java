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
 * Finds what {@link LogAppender} kept of answers, for as long as it is kept.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached. Safe
 * for use by many threads.
 */
public final class AnswerRecords {
  /** How long a record counts, by PostgreSQL's clock. */
  public static final Duration KEPT = Duration.ofHours(24);

  private static final String EXPIRED =
      "time <= clock_timestamp() - make_interval(secs => " + KEPT.toSeconds() + ")";
  private static final String FIND =
      "SELECT id, fingerprint, position, sealed, "
          + EXPIRED
          + " FROM log.idempotency WHERE id = ANY (?)";
  private static final String FORGET =
      "DELETE FROM log.idempotency WHERE id = ANY (?) AND " + EXPIRED;
  private static final String FORGET_SOME =
      "DELETE FROM log.idempotency WHERE id IN (SELECT id FROM log.idempotency WHERE "
          + EXPIRED
          + " ORDER BY time LIMIT ? FOR UPDATE SKIP LOCKED)";

  private final DataSource dataSource;

  public AnswerRecords(LedgerDatabase database) {
    this.dataSource = database.dataSource();
  }

  /** A record as it was kept. Immutable. */
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

    /** At which position the answer stands. */
    public long position() {
      return position;
    }

    public byte[] sealed() {
      return sealed.clone();
    }
  }

  /**
   * The record with one of these ids. One that no longer counts is deleted, so that its id can be
   * used anew.
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
        forget(connection, wanted);
      }
      return Optional.empty();
    } catch (SQLException e) {
      throw new StoreUnavailableException("no answers can be found: " + e.getMessage(), e);
    }
  }

  private static void forget(Connection connection, byte[][] ids) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      statement.setArray(1, connection.createArrayOf("bytea", ids));
      statement.executeUpdate();
    }
  }

  /**
   * Deletes records that no longer count, the oldest first.
   *
   * @param max how many at most
   * @return how many there were; fewer than {@code max} means that no more are left to this node
   */
  public int deleteExpired(int max) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(FORGET_SOME)) {
      statement.setInt(1, max);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("no answers can be deleted: " + e.getMessage(), e);
    }
  }
}
