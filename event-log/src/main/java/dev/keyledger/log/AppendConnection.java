package dev.keyledger.log;

import dev.keyledger.log.PendingUnit.OwnerRow;
import dev.keyledger.log.PendingUnit.ReminderRow;
import dev.keyledger.log.PendingUnit.Row;
import dev.keyledger.log.PendingUnit.SecretRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/** The appender's own connection and its statements. Confined to the writing thread. */
final class AppendConnection implements AutoCloseable {
  static final String CHANNEL = "keyledger_log";

  /**
   * The statement for the head and the events. One statement in autocommit mode does everything:
   * while it holds the head, PostgreSQL waits for no client, so that a frozen client cannot hold
   * the head. Parts for side rows are left out when there are none, because executing an empty
   * insert has a cost.
   */
  private static final String HEAD_AND_EVENTS =
      """
      WITH head AS (
        UPDATE log.log_head
        SET position = position + ?, time = greatest(clock_timestamp(), time),
          workspace_position = CASE WHEN ? THEN position + ? ELSE workspace_position END
        WHERE store_id = ? AND incarnation = ? AND workspace_position <= ?
        RETURNING position, time
      ), events AS (
        INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
          time, actor_type, actor_id, request_id, payload, context, context_salt, context_hash)
        SELECT head.position - ? + e.n, e.stream_kind, e.stream_id, e.sequence, e.workspace, e.type,
          e.version, head.time, e.actor_type, e.actor_id, e.request_id, e.payload, e.context,
          e.context_salt, e.context_hash
        FROM head CROSS JOIN unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[],
          ?::integer[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::bytea[], ?::bytea[],
          ?::bytea[]) WITH ORDINALITY AS e (stream_kind, stream_id, sequence, workspace, type,
          version, actor_type, actor_id, request_id, payload, context, context_salt, context_hash,
          n)
      )
      """;

  private static final String KEYS =
      """
      , secrets AS (
        INSERT INTO log.key_secret (digest, key_id, generation, workspace)
        SELECT s.digest, s.key_id, s.generation, s.workspace
        FROM head CROSS JOIN unnest(?::bytea[], ?::text[], ?::integer[], ?::text[])
          AS s (digest, key_id, generation, workspace)
      ), owners AS (
        INSERT INTO log.key_owner (workspace, owner_type, owner_id, key_id)
        SELECT o.workspace, o.owner_type, o.owner_id, o.key_id
        FROM head CROSS JOIN unnest(?::text[], ?::text[], ?::text[], ?::text[])
          AS o (workspace, owner_type, owner_id, key_id)
        ON CONFLICT (key_id) DO UPDATE
          SET owner_type = excluded.owner_type, owner_id = excluded.owner_id
      )
      """;

  /** A key is read before it is revoked, so this statement sees its row. */
  private static final String REVOKED =
      """
      , revoked AS (
        DELETE FROM log.key_owner USING head, unnest(?::text[]) AS r (key_id)
        WHERE key_owner.key_id = r.key_id
      )
      """;

  /** A second row of the same reminder fails the statement. */
  private static final String REMINDERS =
      """
      , reminders AS (
        INSERT INTO log.key_reminder (key_id, expires_at, "offset", time)
        SELECT r.key_id, r.expires_at, r."offset", head.time
        FROM head CROSS JOIN unnest(?::text[], ?::text[], ?::text[])
          AS r (key_id, expires_at, "offset")
      )
      """;

  private static final String ANSWERS =
      """
      , answers AS (
        INSERT INTO log.idempotency (id, fingerprint, time, position, sealed)
        SELECT a.id, a.fingerprint, head.time, head.position - ? + a.last_event, a.sealed
        FROM head CROSS JOIN unnest(?::bytea[], ?::bytea[], ?::bigint[], ?::bytea[])
          AS a (id, fingerprint, last_event, sealed)
      ), usage AS (
        INSERT INTO log.idempotency_usage AS kept (caller, hour, bytes)
        SELECT u.caller, date_trunc('hour', head.time, 'UTC'), u.bytes
        FROM head CROSS JOIN unnest(?::text[], ?::bigint[]) AS u (caller, bytes)
        ON CONFLICT (caller, hour) DO UPDATE SET bytes = kept.bytes + excluded.bytes
      )
      """;

  /**
   * The events are older than the append, and no other statement changes them, so that the head's
   * lock also orders erasures.
   */
  private static final String ERASURE =
      """
      , erased AS (
        UPDATE log.event SET context = NULL, context_salt = NULL
        FROM head CROSS JOIN unnest(?::bigint[]) AS e (position)
        WHERE event.position = e.position
      )
      """;

  private static final String RESULT =
      """
      SELECT position, time, clock_timestamp() AS now, pg_notify('keyledger_log', position::text)
      FROM head
      """;

  private static final int WITH_KEYS = 1;
  private static final int WITH_REVOKED = 2;
  private static final int WITH_REMINDERS = 4;
  private static final int WITH_ANSWERS = 8;
  private static final int WITH_ERASURE = 16;

  /** The statements for all combinations of side rows, by the sum of the above. */
  private static final List<String> APPEND =
      IntStream.range(0, 2 * WITH_ERASURE)
          .mapToObj(parts ->
              HEAD_AND_EVENTS
                  + ((parts & WITH_KEYS) == 0 ? "" : KEYS)
                  + ((parts & WITH_REVOKED) == 0 ? "" : REVOKED)
                  + ((parts & WITH_REMINDERS) == 0 ? "" : REMINDERS)
                  + ((parts & WITH_ANSWERS) == 0 ? "" : ANSWERS)
                  + ((parts & WITH_ERASURE) == 0 ? "" : ERASURE)
                  + RESULT)
          .toList();

  /**
   * Planning costs more than executing, and the plan does not depend on the lengths of the arrays.
   * It may be made while a table is nearly empty, so that a scan of all of it looks cheap.
   */
  private static final String PLANS =
      """
      SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
        set_config('enable_seqscan', 'off', false),
        set_config('enable_hashjoin', 'off', false),
        set_config('enable_mergejoin', 'off', false)
      """;

  private static final String WORKSPACE_POSITION =
      "SELECT workspace_position FROM log.log_head WHERE store_id = ? AND incarnation = ?";

  private static final String FIND =
      """
      SELECT count(*), min(event.position), min(event.time)
      FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bytea[])
        AS e (stream_kind, stream_id, sequence, context_hash)
      JOIN log.event USING (stream_kind, stream_id, sequence, context_hash)
      """;

  private static final String END =
      """
      SELECT pg_terminate_backend(pid, ?) FROM pg_stat_activity
      WHERE pid = ? AND backend_start::text = ?
      """;

  /** A server process of PostgreSQL. The start time is needed because pids are reused. */
  record Backend(int pid, String start) {}

  /**
   * The result of an append.
   *
   * @param lastPosition the position of the batch's last event
   * @param time the log's time of its events
   * @param now PostgreSQL's clock at the end
   */
  record Appended(long lastPosition, Instant time, Instant now) {}

  private final Connection connection;
  private final UUID storeId;
  private final int incarnation;
  private final Backend backend;

  AppendConnection(LedgerDatabase database) throws SQLException {
    this.connection = database.openDedicated("appender");
    this.storeId = database.storeId();
    this.incarnation = database.incarnation();
    try (PreparedStatement plan = connection.prepareStatement(PLANS);
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT pid, backend_start::text FROM pg_stat_activity"
                    + " WHERE pid = pg_backend_pid()");
        ResultSet self = statement.executeQuery()) {
      plan.execute();
      self.next();
      this.backend = new Backend(self.getInt(1), self.getString(2));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  Backend backend() {
    return backend;
  }

  /** Returns PostgreSQL's clock. */
  Instant now() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT clock_timestamp()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return instant(row, 1);
    }
  }

  /**
   * Appends all units or none.
   *
   * @param units only the last may be about a workspace, in its last event, and erase contexts
   * @return empty, with nothing done, if a workspace changed after the state that a unit was
   *     decided on, or the log is not the one that was opened
   */
  Optional<Appended> append(List<PendingUnit> units) throws SQLException {
    var rows = new ArrayList<Row>(units.size());
    var secrets = new ArrayList<SecretRow>(units.size());
    var owners = new LinkedHashMap<String, OwnerRow>();
    var revoked = new ArrayList<String>();
    var reminders = new ArrayList<ReminderRow>();
    List<Long> erased = units.getLast().erased;
    for (PendingUnit unit : units) {
      rows.addAll(unit.rows);
      secrets.addAll(unit.secrets);
      unit.owners.forEach(owner -> owners.put(owner.of().stream().id(), owner));
      revoked.addAll(unit.revoked);
      reminders.addAll(unit.reminders);
    }
    owners.keySet().removeAll(revoked);
    List<AnswerRow> answers = answersOf(units);
    boolean withKeys = !secrets.isEmpty() || !owners.isEmpty();
    int parts =
        (withKeys ? WITH_KEYS : 0)
            + (revoked.isEmpty() ? 0 : WITH_REVOKED)
            + (reminders.isEmpty() ? 0 : WITH_REMINDERS)
            + (answers.isEmpty() ? 0 : WITH_ANSWERS)
            + (erased.isEmpty() ? 0 : WITH_ERASURE);
    try (PreparedStatement statement = connection.prepareStatement(APPEND.get(parts))) {
      statement.setInt(1, rows.size());
      statement.setBoolean(2, units.getLast().changesWorkspace());
      statement.setInt(3, rows.size());
      statement.setObject(4, storeId);
      statement.setInt(5, incarnation);
      statement.setLong(6, workspacesKnown(units));
      statement.setInt(7, rows.size());
      var arrays = new ArrayParameters(statement, 8);
      setEvents(arrays, rows);
      if (withKeys) {
        setKeys(arrays, secrets, List.copyOf(owners.values()));
      }
      if (!revoked.isEmpty()) {
        arrays.texts(revoked, keyId -> keyId);
      }
      if (!reminders.isEmpty()) {
        setReminders(arrays, reminders);
      }
      if (!answers.isEmpty()) {
        setAnswers(arrays.integer(rows.size()), answers);
      }
      if (!erased.isEmpty()) {
        arrays.longs(erased, position -> position);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Appended(row.getLong(1), instant(row, 2), instant(row, 3)))
            : Optional.empty();
      }
    }
  }

  private static void setEvents(ArrayParameters arrays, List<Row> rows) throws SQLException {
    arrays
        .texts(rows, row -> row.event.stream().kind().toString())
        .texts(rows, row -> row.event.stream().id())
        .longs(rows, row -> row.event.sequence())
        .texts(rows, row -> row.event.workspace())
        .texts(rows, row -> row.type.wireName())
        .integers(rows, row -> row.type.version())
        .texts(rows, row -> row.event.actor().type().toString())
        .texts(rows, row -> row.event.actor().id())
        .texts(rows, row -> row.event.requestId())
        .bytes(rows, row -> row.payload)
        .bytes(rows, row -> row.context)
        .bytes(rows, row -> row.salt)
        .bytes(rows, row -> row.contextHash);
  }

  private static void setKeys(
      ArrayParameters arrays, List<SecretRow> secrets, List<OwnerRow> owners) throws SQLException {
    arrays
        .bytes(secrets, secret -> secret.digest().toBytes())
        .texts(secrets, secret -> secret.of().stream().id())
        .integers(secrets, SecretRow::generation)
        .texts(secrets, secret -> secret.of().workspace())
        .texts(owners, owner -> owner.of().workspace())
        .texts(owners, owner -> owner.owner().type().toString())
        .texts(owners, owner -> owner.owner().id())
        .texts(owners, owner -> owner.of().stream().id());
  }

  private static void setReminders(ArrayParameters arrays, List<ReminderRow> reminders)
      throws SQLException {
    arrays
        .texts(reminders, reminder -> reminder.of().stream().id())
        .texts(reminders, reminder -> RecordForm.textOf(reminder.reminder().expiresAt()))
        .texts(reminders, reminder -> RecordForm.textOf(reminder.reminder().offset()));
  }

  private static void setAnswers(ArrayParameters arrays, List<AnswerRow> answers)
      throws SQLException {
    arrays
        .bytes(answers, answer -> answer.kept().id().toBytes())
        .bytes(answers, answer -> answer.kept().fingerprint().toBytes())
        .longs(answers, AnswerRow::lastEvent)
        .bytes(answers, answer -> answer.kept().sealed());
    var bytes = new TreeMap<String, Long>();
    for (AnswerRow answer : answers) {
      bytes.merge(answer.kept().caller(), (long) answer.kept().sealed().length, Long::sum);
    }
    List<Map.Entry<String, Long>> usage = List.copyOf(bytes.entrySet());
    arrays.texts(usage, Map.Entry::getKey).longs(usage, Map.Entry::getValue);
  }

  private static long workspacesKnown(List<PendingUnit> units) {
    long known = Long.MAX_VALUE;
    for (PendingUnit unit : units) {
      known = Math.min(known, unit.workspacesKnown);
    }
    return known;
  }

  /**
   * Returns the position of the last event of a workspace.
   *
   * @return empty if the log is not the one that was opened
   */
  OptionalLong workspacePosition() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(WORKSPACE_POSITION)) {
      statement.setObject(1, storeId);
      statement.setInt(2, incarnation);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /**
   * A row of {@code log.idempotency}.
   *
   * @param lastEvent the index of its unit's last event within the batch, from 1
   */
  private record AnswerRow(AnswerRecord kept, long lastEvent) {}

  private static List<AnswerRow> answersOf(List<PendingUnit> units) {
    var answers = new ArrayList<AnswerRow>();
    long events = 0;
    for (PendingUnit unit : units) {
      events += unit.rows.size();
      for (AnswerRecord kept : unit.answers) {
        answers.add(new AnswerRow(kept, events));
      }
    }
    return answers;
  }

  /**
   * Finds the units in the log by the hashes of their salted contexts, which are unique and survive
   * erasure.
   *
   * @return empty if none of their events is in the log
   * @throws IllegalStateException if only some are, which one statement cannot cause
   */
  Optional<Appended> find(List<PendingUnit> units) throws SQLException {
    List<Row> rows = units.stream().flatMap(unit -> unit.rows.stream()).toList();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      new ArrayParameters(statement, 1)
          .texts(rows, row -> row.event.stream().kind().toString())
          .texts(rows, row -> row.event.stream().id())
          .longs(rows, row -> row.event.sequence())
          .bytes(rows, row -> row.contextHash);
      try (ResultSet found = statement.executeQuery()) {
        found.next();
        long count = found.getLong(1);
        if (count == 0) {
          return Optional.empty();
        }
        if (count != rows.size()) {
          throw new IllegalStateException(count + " of " + rows.size() + " events are in the log");
        }
        Instant time = instant(found, 3);
        return Optional.of(new Appended(found.getLong(2) + rows.size() - 1, time, time));
      }
    }
  }

  /**
   * Terminates another backend, so that its statement has either committed or rolled back.
   *
   * @return whether it is gone; false if it is still running after the wait
   */
  boolean end(Backend other, Duration max) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(END)) {
      statement.setLong(1, max.toMillis());
      statement.setInt(2, other.pid());
      statement.setString(3, other.start());
      try (ResultSet ended = statement.executeQuery()) {
        return !ended.next() || ended.getBoolean(1);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
