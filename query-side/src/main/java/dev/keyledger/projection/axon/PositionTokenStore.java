package dev.keyledger.projection.axon;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventhandling.WrappedToken;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how far each projection is in {@code read.projection}, and who moves it: one node at a
 * time. A node that has not been heard of for {@link #CLAIM_TIME_MAX} by PostgreSQL's clock loses
 * its claim to the next that asks; what it writes afterwards is rolled back.
 *
 * <p>A projection is one segment, 0. All calls run in a transaction of {@link WriterTransactions}.
 */
final class PositionTokenStore implements TokenStore {
  /** How long a claim outlives the last sign of life of its node. */
  static final Duration CLAIM_TIME_MAX = Duration.ofSeconds(5);

  private static final Duration CLAIM_RENEWED_AFTER = Duration.ofSeconds(1);

  private static final String CLAIM =
      """
      UPDATE read.projection SET owner = ?, claimed_at = clock_timestamp()
      WHERE name = (
        SELECT name FROM read.projection
        WHERE name = ? AND (owner IS NULL OR owner = ?
          OR claimed_at < clock_timestamp() - make_interval(secs => ?))
        FOR UPDATE SKIP LOCKED)
      RETURNING position
      """;
  private static final String STORE =
      "UPDATE read.projection SET position = ?, claimed_at = clock_timestamp()"
          + " WHERE name = ? AND owner = ? AND position <= ?";
  private static final String EXTEND =
      "UPDATE read.projection SET claimed_at = clock_timestamp() WHERE name = ? AND owner = ?";
  private static final String RELEASE =
      "UPDATE read.projection SET owner = NULL, claimed_at = NULL WHERE name = ? AND owner = ?";

  private final WriterTransactions transactions;
  private final String node;
  private final Map<String, Long> extendedNanos = new ConcurrentHashMap<>();

  /**
   * @param node the name of this node, unlike that of any other process
   */
  PositionTokenStore(WriterTransactions transactions, String node) {
    this.transactions = transactions;
    this.node = node;
  }

  @Override
  public int[] fetchSegments(String processor) {
    return new int[] {0};
  }

  @Override
  public boolean requiresExplicitSegmentInitialization() {
    return true;
  }

  @Override
  public TrackingToken fetchToken(String processor, int segment) {
    try (PreparedStatement statement = connection().prepareStatement(CLAIM)) {
      statement.setString(1, node);
      statement.setString(2, processor);
      statement.setString(3, node);
      statement.setDouble(4, CLAIM_TIME_MAX.toMillis() / 1000.0);
      try (ResultSet claimed = statement.executeQuery()) {
        if (!claimed.next()) {
          throw new UnableToClaimTokenException("another node moves the projection " + processor);
        }
        return new GlobalSequenceTrackingToken(claimed.getLong(1));
      }
    } catch (SQLException e) {
      throw WriterTransactions.unavailable(e);
    }
  }

  @Override
  public void storeToken(@Nullable TrackingToken token, String processor, int segment) {
    long position =
        switch (WrappedToken.unwrapLowerBound(token)) {
          case GlobalSequenceTrackingToken reached -> reached.getGlobalIndex();
          case null, default ->
              throw new IllegalArgumentException("not a token of the ledger: " + token);
        };
    update(
        processor,
        STORE,
        statement -> {
          statement.setLong(1, position);
          statement.setString(2, processor);
          statement.setString(3, node);
          statement.setLong(4, position);
        });
  }

  /** Writes only now and then: a processor that has nothing to do asks all the time. */
  @Override
  public void extendClaim(String processor, int segment) {
    Long before = extendedNanos.get(processor);
    if (before == null || System.nanoTime() - before > CLAIM_RENEWED_AFTER.toNanos()) {
      holdClaim(processor);
    }
  }

  /**
   * Makes sure that this node still moves the projection, and that no other node can take it over
   * before this transaction has ended.
   *
   * @throws UnableToClaimTokenException if another node has taken it over
   */
  void holdClaim(String processor) {
    update(
        processor,
        EXTEND,
        statement -> {
          statement.setString(1, processor);
          statement.setString(2, node);
        });
    extendedNanos.put(processor, System.nanoTime());
  }

  @Override
  public void releaseClaim(String processor, int segment) {
    try (PreparedStatement statement = connection().prepareStatement(RELEASE)) {
      statement.setString(1, processor);
      statement.setString(2, node);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw WriterTransactions.unavailable(e);
    }
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private void update(String processor, String sql, Parameters parameters) {
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      parameters.set(statement);
      if (statement.executeUpdate() == 0) {
        throw new UnableToClaimTokenException(
            "another node has taken over the projection " + processor);
      }
    } catch (SQLException e) {
      throw WriterTransactions.unavailable(e);
    }
  }

  private Connection connection() {
    return transactions.connection();
  }
}
