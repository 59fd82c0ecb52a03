package dev.keyledger.log.proofs;

import dev.keyledger.log.ArrayParameters;
import dev.keyledger.log.EventRow;
import dev.keyledger.log.LeafBytes;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.log.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Creates proofs about the log from its stored tree and the last checkpoint.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached.
 * Thread-safe.
 */
public final class LogProofs {
  private static final int CONNECTIONS_MAX = 4;

  private static final String EVENTS =
      "SELECT " + LeafBytes.COLUMNS + " FROM log.event WHERE position = ANY (?) ORDER BY position";

  private final DataSource connections;
  private final String origin;
  private final PositionWatch watch;

  private LogProofs(DataSource connections, String origin) {
    this.connections = connections;
    this.origin = origin;
    this.watch = new PositionWatch(() -> checkpoint().map(SignedCheckpoint::size).orElse(0L));
  }

  /** Opens connections for proofs. They are closed with the database. */
  public static LogProofs open(LedgerDatabase database) {
    return new LogProofs(database.openPool("proofs", CONNECTIONS_MAX), originOf(database));
  }

  /** Returns the name of a log in its checkpoints. */
  public static String originOf(LedgerDatabase database) {
    return Checkpoint.originOf(database.storeId(), database.incarnation());
  }

  /** Returns the last checkpoint of this incarnation of the log; empty before the first one. */
  public Optional<SignedCheckpoint> checkpoint() {
    return ask(TreeTable::published).filter(published -> published.origin().equals(origin));
  }

  /**
   * Waits until a checkpoint covers the event at a position.
   *
   * @param max the longest wait; zero queries once
   * @return the last checkpoint if it covers the event, empty after the longest wait
   */
  public Optional<SignedCheckpoint> awaitCovering(long position, Duration max) {
    return watch.await(position, max)
        ? checkpoint().filter(last -> last.covers(position))
        : Optional.empty();
  }

  /** An event as it is hashed. Immutable. */
  public static final class Entry {
    private final long position;
    private final String workspace;
    private final byte[] bytes;

    Entry(long position, String workspace, byte[] bytes) {
      this.position = position;
      this.workspace = workspace;
      this.bytes = bytes;
    }

    /** Returns the event of a row. */
    public static Entry of(EventRow row) {
      return new Entry(row.position(), row.workspace(), LeafBytes.of(row));
    }

    public long position() {
      return position;
    }

    public String workspace() {
      return workspace;
    }

    /** Returns the hashed bytes, see {@link LeafBytes}. */
    public byte[] bytes() {
      return bytes.clone();
    }

    /** Returns the hash of the leaf. */
    public byte[] leafHash() {
      return LeafBytes.hashOf(bytes);
    }
  }

  /** Returns the event at a position; empty if there is none. */
  public Optional<Entry> entry(long position) {
    return entries(List.of(position)).stream().findFirst();
  }

  /** Returns the events at some positions, in order. */
  public List<Entry> entries(List<Long> positions) {
    return ask(
            connection -> {
              try (PreparedStatement statement = connection.prepareStatement(EVENTS)) {
                new ArrayParameters(statement, 1).longs(positions, position -> position);
                var leaf = new LeafBytes();
                var entries = new ArrayList<Entry>(positions.size());
                try (ResultSet rows = statement.executeQuery()) {
                  while (rows.next()) {
                    leaf.read(rows);
                    entries.add(new Entry(rows.getLong(1), rows.getString(5), leaf.toBytes()));
                  }
                }
                return entries;
              }
            })
        .orElseThrow();
  }

  /**
   * Returns the tree of a size, which must be covered by a checkpoint.
   *
   * @param size up to that of the last checkpoint
   */
  public Tree tree(long size) {
    return new Tree(size, this::find);
  }

  private Map<Tile.Id, Tile> find(Collection<Tile.Id> ids) {
    return ask(connection -> TreeTable.find(connection, ids)).orElseThrow();
  }

  /**
   * Returns hashes of one level of the tree (C2SP tlog-tiles), one after the other; empty if the
   * last checkpoint does not cover them.
   *
   * @param level 0 or more
   * @param index the index of the tile in its level, 0 or more
   * @param width the number of hashes, 1 to 256
   */
  public Optional<byte[]> tile(int level, long index, int width) {
    if (!isCovered(level, index, width)) {
      return Optional.empty();
    }
    var id = new Tile.Id(level, index);
    Tile tile = find(List.of(id)).get(id);
    return Optional.ofNullable(tile).map(stored -> stored.hashes(width));
  }

  /**
   * Returns entries (C2SP tlog-tiles), each after its length in two bytes; empty if the last
   * checkpoint does not cover them.
   *
   * @param index the index of the bundle of 256, 0 or more
   * @param width the number of entries, 1 to 256
   */
  public Optional<byte[]> entryBundle(long index, int width) {
    if (!isCovered(0, index, width)) {
      return Optional.empty();
    }
    var bundle = new ByteArrayOutputStream();
    long after = index * Tile.WIDTH;
    List<Long> positions = LongStream.rangeClosed(after + 1, after + width).boxed().toList();
    for (Entry entry : entries(positions)) {
      int length = entry.bytes.length;
      bundle.writeBytes(ByteBuffer.allocate(Short.BYTES).putShort((short) length).array());
      bundle.writeBytes(entry.bytes);
    }
    return Optional.of(bundle.toByteArray());
  }

  private boolean isCovered(int level, long index, int width) {
    long size = checkpoint().map(SignedCheckpoint::size).orElse(0L);
    long hashes = level * Tile.HEIGHT < Long.SIZE ? size >> (level * Tile.HEIGHT) : 0;
    return index <= hashes / Tile.WIDTH && index * Tile.WIDTH + width <= hashes;
  }

  /**
   * Returns a proof that an event is in the log, as a file (C2SP tlog-proof).
   *
   * @throws AlteredLogException if the log has another event at the position than the tree, or none
   */
  public String proofFile(long position, SignedCheckpoint checkpoint) {
    Tree tree = tree(checkpoint.size());
    byte[] added = tree.leafHash(position - 1);
    if (entry(position).filter(event -> Arrays.equals(event.leafHash(), added)).isEmpty()) {
      throw new AlteredLogException(position);
    }
    var file =
        new StringBuilder("c2sp.org/tlog-proof@v1\nindex ").append(position - 1).append('\n');
    for (byte[] hash : tree.inclusionProof(position - 1)) {
      file.append(Base64.getEncoder().encodeToString(hash)).append('\n');
    }
    return file.append('\n').append(checkpoint.note()).toString();
  }

  private interface Question<T> {
    @Nullable T ask(Connection connection) throws SQLException;
  }

  private <T> Optional<T> ask(Question<T> question) {
    try (Connection connection = connections.getConnection()) {
      return Optional.ofNullable(question.ask(connection));
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the tree of the log: " + e.getMessage(), e);
    }
  }
}
