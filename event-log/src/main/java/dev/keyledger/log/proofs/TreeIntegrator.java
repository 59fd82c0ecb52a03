package dev.keyledger.log.proofs;

import dev.keyledger.log.LeafBytes;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogRunner;
import dev.keyledger.log.LogTail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Adds appended events to the tree, and signs its head, on one node at a time.
 *
 * <p>Every signed head extends the last signed one, even if only this node remembers that. A log
 * that does not was rolled back, and must be declared a new incarnation.
 */
public final class TreeIntegrator implements LogRunner.Step {
  private static final String NAME = "checkpoints";

  /**
   * The interval at which checkpoints follow an idle log; a busy one has as many steps as it needs.
   */
  private static final Duration INTERVAL = Duration.ofMillis(400);

  /** The maximum number of events that a step adds: about half a second of work. */
  private static final int EVENTS_MAX = 50_000;

  private static final int FETCHED_AT_ONCE = 500;

  /** A row beyond the head was not appended. */
  private static final String AFTER =
      "SELECT "
          + LeafBytes.COLUMNS
          + " FROM log.event WHERE position > ?"
          + " AND position <= (SELECT position FROM log.log_head) ORDER BY position LIMIT ?";

  private static final String HEAD = "SELECT position FROM log.log_head";

  private final String origin;
  private final LogKeys keys;
  private final LastSigned lastSigned;
  private final InstantSource clock;

  /**
   * @param lastSigned the last checkpoint that this node has signed, stored outside the database
   */
  public TreeIntegrator(
      LedgerDatabase database, LogKeys keys, LastSigned lastSigned, InstantSource clock) {
    this.origin = Checkpoint.originOf(database.storeId(), database.incarnation());
    this.keys = keys;
    this.lastSigned = lastSigned;
    this.clock = clock;
  }

  /**
   * Returns the runner that keeps the tree up to date.
   *
   * @param node the name of this node; need not be unique
   */
  public LogRunner runner(LedgerDatabase database, LogTail tail, String node) {
    DataSource connections = database.openPool(NAME, 1);
    return new LogRunner(
        new LogRunner.Job(NAME, TreeTable.CHECKPOINT, INTERVAL, this),
        connections,
        _ -> {},
        tail,
        node + " " + UUID.randomUUID());
  }

  @Override
  public long move(Connection connection, long after) throws SQLException {
    SignedCheckpoint published = TreeTable.published(connection);
    if (published != null && isUpToDate(connection, after, published)) {
      return after;
    }
    Tree.Tiles tiles = ids -> TreeTable.find(connection, ids);
    TreeEdge edge = TreeEdge.of(after, tiles);
    boolean more = addEvents(connection, edge);
    TreeTable.put(connection, edge.takeChanged());
    sign(connection, published, new Tree(edge.size(), tiles), more);
    return edge.size();
  }

  /**
   * Returns whether the log, its tree and the last signed checkpoint of this node end at the
   * checkpoint.
   */
  private boolean isUpToDate(Connection connection, long size, SignedCheckpoint published)
      throws SQLException {
    Checkpoint last = Checkpoint.parse(published.note());
    Checkpoint own = lastSigned.of(origin);
    try (PreparedStatement statement = connection.prepareStatement(HEAD);
        ResultSet head = statement.executeQuery()) {
      return head.next()
          && head.getLong(1) == size
          && last.size() == size
          && last.origin().equals(origin)
          && (own.size() < size || own.equals(last));
    }
  }

  /** Adds the events after those in the tree; returns whether there may be more. */
  private static boolean addEvents(Connection connection, TreeEdge edge) throws SQLException {
    var leaf = new LeafBytes();
    int added = 0;
    try (PreparedStatement statement = connection.prepareStatement(AFTER)) {
      statement.setFetchSize(FETCHED_AT_ONCE);
      statement.setLong(1, edge.size());
      statement.setInt(2, EVENTS_MAX);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          long position = rows.getLong(1);
          if (position != edge.size() + 1) {
            throw new IllegalStateException("the log has a gap before position " + position);
          }
          leaf.read(rows);
          edge.add(leaf.hash());
          added++;
        }
      }
    }
    return added == EVENTS_MAX;
  }

  private void sign(
      Connection connection, @Nullable SignedCheckpoint published, Tree tree, boolean more)
      throws SQLException {
    Checkpoint own = lastSigned.of(origin);
    if (own.size() > tree.size() && more) {
      return; // it is about to be reached
    }
    requireExtends(tree, own);
    if (published != null && published.size() == tree.size() && published.origin().equals(origin)) {
      return;
    }
    requireExtends(tree, published == null ? Checkpoint.NONE : Checkpoint.parse(published.note()));
    var checkpoint = new Checkpoint(origin, tree.size(), tree.root());
    String note = checkpoint.text() + "\n" + keys.signatures(checkpoint, clock.instant());
    lastSigned.remember(note);
    TreeTable.publish(
        connection,
        checkpoint,
        new SignedCheckpoint(origin, tree.size(), note, keys.verifierKeys(origin)));
  }

  private static void requireExtends(Tree tree, Checkpoint earlier) {
    if (earlier.size() > tree.size() || !earlier.root().equals(tree.rootOf(earlier.size()))) {
      throw new IllegalStateException(
          "the log of %d events does not extend the checkpoint of size %d that was signed: it was"
                  .formatted(tree.size(), earlier.size())
              + " rolled back or changed. Nothing is signed before a new incarnation is declared");
    }
  }
}
