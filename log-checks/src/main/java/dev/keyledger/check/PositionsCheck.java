package dev.keyledger.check;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log by position and checks that positions have no gap, that time does not go back, that
 * the head is where the log ends, and that contexts match their hashes. It also computes the digest
 * of everything that must never change.
 */
final class PositionsCheck {
  private static final int FETCHED_AT_ONCE = 1000;

  private final Findings findings;
  private final @Nullable LogDigest expected;
  private final MessageDigest log = sha256();
  private final MessageDigest hash = sha256();
  private boolean compared;

  /** A digest of the log up to a position, from an earlier check. */
  record LogDigest(long position, String digest) {
    @Override
    public String toString() {
      return position + ":" + digest;
    }
  }

  PositionsCheck(Findings findings, @Nullable LogDigest expected) {
    this.findings = findings;
    this.expected = expected;
  }

  /**
   * Runs the check.
   *
   * @param progress is handed each position
   * @return the digest of all events up to the last
   */
  LogDigest run(Connection connection, LongConsumer progress) throws SQLException {
    long position = 0;
    long ofWorkspace = 0;
    Instant time = Instant.MIN;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT " + StoredEvent.COLUMNS + " FROM log.event ORDER BY position")) {
      statement.setFetchSize(FETCHED_AT_ONCE);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          StoredEvent event = StoredEvent.read(row);
          if (event.position() != position + 1) {
            findings.add("hole", "%d is followed by %d".formatted(position, event.position()));
          }
          if (event.time().isBefore(time)) {
            findings.add("time runs back", event.at(event.time() + " comes after " + time));
          }
          checkContext(event);
          add(event);
          position = event.position();
          ofWorkspace = event.streamKind().equals("workspace") ? position : ofWorkspace;
          time = event.time();
          progress.accept(position);
        }
      }
    }
    checkHead(connection, position, ofWorkspace, time);
    var whole = new LogDigest(position, digestSoFar());
    if (!compared) {
      compare(whole);
    }
    return whole;
  }

  private void checkHead(Connection connection, long position, long ofWorkspace, Instant time)
      throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT position, time, workspace_position FROM log.log_head");
        ResultSet head = statement.executeQuery()) {
      if (!head.next()) {
        findings.add("head", "log.log_head is empty");
        return;
      }
      if (head.getLong(1) != position) {
        findings.add(
            "head", "it says %d, the last event is %d".formatted(head.getLong(1), position));
      }
      if (head.getObject(2, OffsetDateTime.class).toInstant().isBefore(time)) {
        findings.add("head", "its time is before that of the last event");
      }
      if (head.getLong(3) != ofWorkspace) {
        findings.add(
            "head",
            "it says %d of workspaces, whose last event is %d"
                .formatted(head.getLong(3), ofWorkspace));
      }
    }
  }

  private void checkContext(StoredEvent event) {
    byte[] context = event.context();
    byte[] salt = event.contextSalt();
    if (context != null && salt != null) {
      hash.update(salt);
      if (!Arrays.equals(hash.digest(context), event.contextHash())) {
        findings.add("changed context", event.at("context and salt do not give its hash"));
      }
    }
  }

  /** Adds the event's leaf hash (RFC 6962) to the digest. */
  private void add(StoredEvent event) {
    hash.update((byte) 0);
    log.update(hash.digest(leafBytes(event)));
    if (expected != null && event.position() == expected.position) {
      compare(new LogDigest(event.position(), digestSoFar()));
    }
  }

  private void compare(LogDigest found) {
    compared = true;
    if (expected != null && !found.equals(expected)) {
      findings.add("changed log", "expected %s, found %s".formatted(expected, found));
    }
  }

  private String digestSoFar() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) log.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }

  /** Returns the bytes that docs/event-log.md defines: each field after its length. */
  private static byte[] leafBytes(StoredEvent event) {
    var bytes = new ByteArrayOutputStream(512);
    try (var out = new DataOutputStream(bytes)) {
      number(out, event.position());
      text(out, event.streamKind());
      text(out, event.streamId());
      number(out, event.sequence());
      text(out, event.workspace());
      text(out, event.type());
      number(out, event.version());
      number(out, ChronoUnit.MICROS.between(Instant.EPOCH, event.time()));
      text(out, event.actorType());
      String actorId = event.actorId();
      text(out, actorId == null ? "" : actorId);
      text(out, event.requestId());
      field(out, event.payload());
      field(out, event.contextHash());
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void number(DataOutputStream out, long number) throws IOException {
    out.writeInt(Long.BYTES);
    out.writeLong(number);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    field(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void field(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }
}
