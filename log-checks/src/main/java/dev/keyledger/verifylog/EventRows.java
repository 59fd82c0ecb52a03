package dev.keyledger.verifylog;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes the leaf hashes of rows of {@code log.event}, as PostgreSQL copies them in its binary
 * format. Not thread-safe.
 */
final class EventRows {
  private static final int POSITION = 0;
  private static final int VERSION = 6;
  private static final int TIME = 7;
  private static final int ACTOR_ID = 9;
  private static final int LEAF_FIELDS = LeafFields.COUNT;
  private static final int CONTEXT_HASH = LeafFields.CONTEXT_HASH;
  private static final int CONTEXT = LEAF_FIELDS;
  private static final int SALT = LEAF_FIELDS + 1;
  private static final int COLUMNS = LEAF_FIELDS + 2;
  private static final int SALT_BYTES = 32;

  /** PostgreSQL counts from 2000-01-01T00:00:00Z, leaves from 1970. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final int FAULTS_MAX = VerificationReport.PRINTED_MAX;

  private final Sha256 sha256 = new Sha256();
  private final int[] from = new int[COLUMNS];
  private final int[] to = new int[COLUMNS];
  private final byte[] computed = new byte[Sha256.BYTES];
  private byte[] leaf = new byte[2048];

  /**
   * The result for some rows.
   *
   * @param hashes their leaf hashes, one after the other
   * @param faults what is wrong with them, apart from their hashes
   * @param erased the number of rows whose context is erased
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these records
  record Hashed(long[] positions, byte[] hashes, List<String> faults, long erased) {}

  /** Returns the command that copies rows, in order of position. */
  static String copy(String where) {
    return "COPY (SELECT position, stream_kind, stream_id, sequence, workspace, type, version, time,"
        + " actor_type, actor_id, request_id, payload, context_hash, context, context_salt"
        + " FROM log.event "
        + where
        + " ORDER BY position) TO STDOUT (FORMAT binary)";
  }

  Hashed hash(List<byte[]> rows) {
    long[] positions = new long[rows.size()];
    byte[] hashes = new byte[rows.size() * Sha256.BYTES];
    var faults = new ArrayList<String>(0);
    long erased = 0;
    for (int i = 0; i < positions.length; i++) {
      byte[] row = rows.get(i);
      CopiedRows.columns(row, from, to);
      positions[i] = from[POSITION] < 0 ? 0 : ByteBuffer.wrap(row).getLong(from[POSITION]);
      int length = leaf(row);
      sha256.leaf(leaf, 0, length, hashes, i * Sha256.BYTES);
      String fault = fault(row);
      if (fault != null && faults.size() < FAULTS_MAX) {
        faults.add("event %,d: %s".formatted(positions[i], fault));
      }
      erased += from[CONTEXT] < 0 ? 1 : 0;
    }
    return new Hashed(positions, hashes, faults, erased);
  }

  /** Puts the fields together, each after its length; an absent one is empty. */
  private int leaf(byte[] row) {
    int needed = row.length + LEAF_FIELDS * Long.BYTES;
    leaf = leaf.length < needed ? new byte[2 * needed] : leaf;
    ByteBuffer out = ByteBuffer.wrap(leaf);
    for (int column = 0; column < LEAF_FIELDS; column++) {
      int length = from[column] < 0 ? 0 : to[column] - from[column];
      switch (length == 0 ? ACTOR_ID : column) {
        case VERSION -> out.putInt(Long.BYTES).putLong(ByteBuffer.wrap(row).getInt(from[column]));
        case TIME ->
            out.putInt(Long.BYTES)
                .putLong(ByteBuffer.wrap(row).getLong(from[column]) + EPOCH_MICROS);
        default -> out.putInt(length).put(row, Math.max(from[column], 0), length);
      }
    }
    return out.position();
  }

  private @Nullable String fault(byte[] row) {
    for (int column = 0; column < LEAF_FIELDS; column++) {
      if (from[column] < 0 && column != ACTOR_ID) {
        return "a column is NULL";
      }
    }
    if (from[ACTOR_ID] >= 0 && from[ACTOR_ID] == to[ACTOR_ID]) {
      return "actor_id is empty, and not NULL";
    }
    if (from[CONTEXT] < 0 != from[SALT] < 0) {
      return "only one of context and context_salt is erased";
    }
    if (from[CONTEXT] >= 0) {
      if (to[SALT] - from[SALT] != SALT_BYTES) { // or its end could be passed off as context
        return "context_salt is not %d bytes long".formatted(SALT_BYTES);
      }
      sha256.plain(row, from[SALT], to[SALT], from[CONTEXT], to[CONTEXT], computed, 0);
      if (!Arrays.equals(computed, 0, Sha256.BYTES, row, from[CONTEXT_HASH], to[CONTEXT_HASH])) {
        return "context_hash is not that of salt and context";
      }
    }
    return null;
  }
}
