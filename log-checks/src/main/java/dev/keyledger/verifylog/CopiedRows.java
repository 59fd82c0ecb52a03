package dev.keyledger.verifylog;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The rows that a {@code COPY ... TO STDOUT (FORMAT binary)} streams, one at a time. They must be
 * read to the end before the connection does anything else.
 */
final class CopiedRows {
  private static final int SIGNATURE_BYTES = 11;

  private final CopyOut copy;
  private boolean begun;

  private CopiedRows(CopyOut copy) {
    this.copy = copy;
  }

  static CopiedRows of(Connection connection, String command) throws SQLException {
    return new CopiedRows(connection.unwrap(PGConnection.class).getCopyAPI().copyOut(command));
  }

  /** Returns the next row; null at the end. */
  byte @Nullable [] next() throws SQLException {
    byte[] row = copy.readFromCopy();
    if (!begun) {
      begun = true;
      row = withoutHeader(row);
    }
    // The trailer is a count of columns of -1.
    while (row != null && ByteBuffer.wrap(row).getShort() < 0) {
      row = copy.readFromCopy();
    }
    return row;
  }

  /** The header comes with the first row: signature, flags, and an extension after its length. */
  private byte @Nullable [] withoutHeader(byte @Nullable [] first) throws SQLException {
    if (first == null) {
      return null;
    }
    int extension = ByteBuffer.wrap(first).getInt(SIGNATURE_BYTES + Integer.BYTES);
    int header = SIGNATURE_BYTES + 2 * Integer.BYTES + extension;
    return first.length == header
        ? copy.readFromCopy()
        : Arrays.copyOfRange(first, header, first.length);
  }

  /**
   * Finds the columns of a row.
   *
   * @param from where to write where each begins; -1: it is NULL
   */
  static void columns(byte[] row, int[] from, int[] to) {
    ByteBuffer rest = ByteBuffer.wrap(row);
    if (rest.getShort() != from.length) {
      throw new IllegalStateException("PostgreSQL has sent another number of columns");
    }
    for (int column = 0; column < from.length; column++) {
      int length = rest.getInt();
      from[column] = length < 0 ? -1 : rest.position();
      to[column] = rest.position() + Math.max(length, 0);
      rest.position(to[column]);
    }
  }
}
