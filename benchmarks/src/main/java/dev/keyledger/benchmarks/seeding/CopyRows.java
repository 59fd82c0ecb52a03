package dev.keyledger.benchmarks.seeding;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Rows in PostgreSQL's binary COPY format, collected in memory. */
final class CopyRows {
  private static final byte[] SIGNATURE =
      "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final Instant EPOCH_OF_POSTGRES = Instant.parse("2000-01-01T00:00:00Z");
  private static final int NULL = -1;
  private static final int END = -1;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
  private final DataOutputStream out = new DataOutputStream(bytes);

  CopyRows() {
    write(() -> {
      out.write(SIGNATURE);
      out.writeInt(0); // no flags
      out.writeInt(0); // no extension
    });
  }

  CopyRows row(int columns) {
    return write(() -> out.writeShort(columns));
  }

  CopyRows text(@Nullable String value) {
    return bytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  CopyRows bytes(byte @Nullable [] value) {
    return write(() -> {
      out.writeInt(value == null ? NULL : value.length);
      if (value != null) {
        out.write(value);
      }
    });
  }

  CopyRows int8(long value) {
    return write(() -> {
      out.writeInt(Long.BYTES);
      out.writeLong(value);
    });
  }

  CopyRows int4(int value) {
    return write(() -> {
      out.writeInt(Integer.BYTES);
      out.writeInt(value);
    });
  }

  CopyRows time(Instant value) {
    return int8(ChronoUnit.MICROS.between(EPOCH_OF_POSTGRES, value));
  }

  /** Returns everything; no rows may be added afterwards. */
  byte[] toBytes() {
    write(() -> out.writeShort(END));
    return bytes.toByteArray();
  }

  private interface Write {
    void run() throws IOException;
  }

  private CopyRows write(Write write) {
    try {
      write.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
  }
}
