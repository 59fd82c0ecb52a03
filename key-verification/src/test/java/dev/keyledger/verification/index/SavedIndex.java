package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.verification.secret.Peppers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;

/** The written form of an index snapshot. */
final class SavedIndex {
  static final UUID STORE = new UUID(1, 2);

  private final byte[] bytes;

  SavedIndex(byte[] bytes) {
    this.bytes = bytes;
  }

  static SavedIndex of(KeyIndex index) {
    return of(index.snapshot().orElseThrow(), Ledger.PEPPERS);
  }

  static SavedIndex of(IndexSnapshot snapshot, Peppers peppers) {
    var out = new ByteArrayOutputStream();
    try {
      snapshot.write(out, origin(snapshot.latest()), peppers, () -> false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SavedIndex(out.toByteArray());
  }

  static SnapshotOrigin origin(LoggedEvent latest) {
    return new SnapshotOrigin(
        STORE, 3, latest.position(), latest.time(), new Digest(4, 5, 6, latest.position()));
  }

  byte[] bytes() {
    return bytes;
  }

  KeyIndex load() {
    try {
      return load(Ledger.PEPPERS);
    } catch (SnapshotRefusedException e) {
      throw new AssertionError(e);
    }
  }

  KeyIndex load(Peppers peppers) throws SnapshotRefusedException {
    try (var reading = new IndexSnapshot.Reading(new ByteArrayInputStream(bytes), peppers)) {
      return reading.index(_ -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
