package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceEvent;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/**
 * A unit on its way into the log. Its caller's thread encodes it and waits; the writing thread
 * appends it and completes the outcome.
 */
final class PendingUnit {
  static final int SALT_BYTES = 32;

  /** An event and its bytes. */
  static final class Row {
    final NewEvent event;
    final EventType type;
    final byte[] payload;
    final byte[] context;
    final byte[] salt;
    final byte[] contextHash;

    private Row(NewEvent event, EventCodec codec, SecureRandom random) {
      this.event = event;
      this.type = EventType.of(event.event());
      this.payload = codec.encode(event.event());
      this.context = codec.encodeContext(event.context());
      this.salt = new byte[SALT_BYTES];
      random.nextBytes(salt);
      this.contextHash = contextHash(salt, context);
    }
  }

  /** A row of {@code log.key_secret}. */
  record SecretRow(Digest digest, NewEvent of, int generation) {}

  /** A row of {@code log.key_owner}. */
  record OwnerRow(Owner owner, NewEvent of) {}

  /** A row of {@code log.key_reminder}. */
  record ReminderRow(KeyEvent.RemindsOfExpiry reminder, NewEvent of) {}

  final List<Row> rows;
  final List<SecretRow> secrets = new ArrayList<>();
  final List<AnswerRecord> answers;
  final long workspacesKnown;
  final List<Long> erased;
  final List<OwnerRow> owners = new ArrayList<>();
  final List<String> revoked = new ArrayList<>();
  final List<ReminderRow> reminders = new ArrayList<>();
  private final CompletableFuture<List<LoggedEvent>> outcome = new CompletableFuture<>();

  /**
   * @param workspacesKnown see {@link LogAppender#append(List, List, long, List)}
   * @param erased likewise
   */
  PendingUnit(
      List<NewEvent> events,
      List<AnswerRecord> answers,
      long workspacesKnown,
      List<Long> erased,
      EventCodec codec,
      SecureRandom random) {
    this.answers = List.copyOf(answers);
    this.workspacesKnown = workspacesKnown;
    this.erased = List.copyOf(erased);
    this.rows = events.stream().map(event -> new Row(event, codec, random)).toList();
    events.forEach(this::addSideRows);
  }

  static byte[] contextHash(byte[] salt, byte[] context) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(salt);
      return hash.digest(context);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void addSideRows(NewEvent added) {
    if (added.event() instanceof KeyEvent.IntroducesSecret e) {
      secrets.add(new SecretRow(e.secret().digest(), added, e.generation()));
    }
    if (added.event() instanceof KeyEvent.NamesOwner e && !isRevokedImport(e)) {
      owners.add(new OwnerRow(e.owner(), added));
    }
    if (added.event() instanceof KeyRevoked) {
      revoked.add(added.stream().id());
    }
    if (added.event() instanceof KeyEvent.RemindsOfExpiry e) {
      reminders.add(new ReminderRow(e, added));
    }
  }

  private static boolean isRevokedImport(KeyEvent.NamesOwner event) {
    return event instanceof KeyImported imported && imported.revocationReason() != null;
  }

  /**
   * Waits until the unit is durable or has failed. An interrupt does not end the wait, because it
   * could not cancel the append; the interrupt flag is restored afterwards.
   */
  List<LoggedEvent> await() {
    try {
      return outcome.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /**
   * Adds the unit's events, with their positions and time, to those of the preceding units of the
   * batch.
   *
   * @param before the position before the batch's first event
   */
  void addLogged(List<LoggedEvent> batch, long before, Instant time) {
    for (Row row : rows) {
      NewEvent event = row.event;
      batch.add(
          new LoggedEvent(
              before + batch.size() + 1,
              event.stream(),
              event.sequence(),
              event.workspace(),
              time,
              event.actor(),
              event.requestId(),
              event.event(),
              event.context()));
    }
  }

  /** Completes the unit as durable. */
  void succeed(List<LoggedEvent> logged) {
    outcome.complete(logged);
  }

  /**
   * Fails the unit: it is not in the log, or its outcome is unknown. No effect on a completed unit.
   */
  void fail(RuntimeException failure) {
    outcome.completeExceptionally(failure);
  }

  /** Returns whether the unit is of a workspace rather than of keys. */
  boolean changesWorkspace() {
    return !rows.isEmpty() && rows.getLast().event.event() instanceof WorkspaceEvent;
  }

  Set<StreamId> streams() {
    return rows.stream().map(row -> row.event.stream()).collect(Collectors.toUnmodifiableSet());
  }

  Set<Digest> digests() {
    return secrets.stream().map(SecretRow::digest).collect(Collectors.toUnmodifiableSet());
  }
}
