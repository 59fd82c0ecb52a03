package dev.keyledger.check;

import dev.keyledger.check.KeyReplay.DayChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the log and everything derived from it, each sorted by key, and compares them key by key.
 * Only one key is in memory at a time.
 */
final class KeysCheck {
  private static final JsonMapper JSON = new JsonMapper();

  private final Findings findings;
  private final Connection connection;
  private final long directoryPosition;
  private final long auditPosition;

  KeysCheck(Findings findings, Connection connection) throws SQLException {
    this.findings = findings;
    this.connection = connection;
    this.directoryPosition = positionOf("directory");
    this.auditPosition = positionOf("audit");
  }

  private long positionOf(String projection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT p.position, h.position FROM read.projection p, log.log_head h"
                + " WHERE p.name = ?")) {
      statement.setString(1, projection);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          findings.add("projection", projection + " has no row in read.projection");
          return 0;
        }
        if (row.getLong(1) > row.getLong(2)) {
          findings.add("projection", projection + " is ahead of the log");
        }
        return row.getLong(1);
      }
    }
  }

  /**
   * Carries it out.
   *
   * @param progress is handed the number of events that are done
   * @return how many keys there are
   */
  long run(LongConsumer progress) throws SQLException {
    checkAnswers();
    checkOthers();
    checkAuditOfWorkspaces();
    checkCommandsByDay();
    var dayChanges = new HashMap<DayChange, Long>();
    long keys = 0;
    long events = 0;
    try (var log = events("= 'key'");
        var secrets = texts(SECRETS);
        var owners = texts(OWNERS);
        var reminders = texts(REMINDERS);
        var directory = json(DIRECTORY);
        var expiries = json(EXPIRIES);
        var audit = json(AUDIT)) {
      for (String key = log.nextKey(); key != null; key = log.nextKey()) {
        List<StoredEvent> history = log.of(key, _ -> {});
        ExpectedRows expected = expectedRows(history);
        compare("side row of a secret", key, expected.secrets, setOf(secrets, key));
        compare("side row of an owner", key, expected.owners, setOf(owners, key));
        compare("side row of a reminder", key, expected.reminders, setOf(reminders, key));
        compareRows(
            "directory", key, listOf(expected.directory), rowsOf(directory, key, "directory"));
        compareRows("directory_expiry", key, expected.expiries, rowsOf(expiries, key, "expiry"));
        expected.dayChanges.forEach(
            (change, keysMore) -> dayChanges.merge(change, keysMore, Long::sum));
        compareRows("audit", key, expected.audit, rowsOf(audit, key, "audit"));
        keys++;
        events += history.size();
        progress.accept(events);
      }
      secrets.rest(row -> findings.add("side row of a secret", "of no key of the log: " + row));
      owners.rest(row -> findings.add("side row of an owner", "of no key of the log: " + row));
      reminders.rest(row -> findings.add("side row of a reminder", "of no key of the log: " + row));
      directory.rest(row -> unexpected("directory", row));
      expiries.rest(row -> unexpected("directory_expiry", row));
      audit.rest(row -> unexpected("audit", row));
    }
    checkCounts(dayChanges);
    return keys;
  }

  private static final String SECRETS =
      "SELECT key_id, encode(digest, 'hex') || ' generation ' || generation || ' of ' || workspace"
          + " FROM log.key_secret ORDER BY key_id COLLATE \"C\"";
  private static final String OWNERS =
      "SELECT key_id, workspace || ' ' || owner_type || ' ' || owner_id"
          + " FROM log.key_owner ORDER BY key_id COLLATE \"C\"";
  private static final String REMINDERS =
      "SELECT key_id, \"offset\" || ' before ' || expires_at"
          + " FROM log.key_reminder ORDER BY key_id COLLATE \"C\"";
  private static final String DIRECTORY =
      "SELECT key_id, jsonb_strip_nulls(to_jsonb(d) - 'view')::text, view"
          + " FROM read.directory d ORDER BY key_id COLLATE \"C\"";
  private static final String EXPIRIES =
      "SELECT key_id, jsonb_strip_nulls(to_jsonb(e))::text, NULL"
          + " FROM read.directory_expiry e ORDER BY key_id COLLATE \"C\", from_position";
  private static final String AUDIT =
      "SELECT key_id, jsonb_strip_nulls(to_jsonb(a))::text, NULL"
          + " FROM read.audit a ORDER BY key_id COLLATE \"C\", position";

  private static final String AUDIT_OF_WORKSPACES =
      """
      SELECT coalesce(event.position, audit.position) FROM (
        SELECT * FROM log.event WHERE stream_kind = 'workspace' AND position <= ?
      ) AS event FULL JOIN (
        SELECT * FROM read.audit WHERE key_id IS NULL
      ) AS audit ON audit.position = event.position
      WHERE (event.workspace COLLATE "C", event.actor_type, event.actor_id COLLATE "C", event.type,
          (extract(epoch FROM event.time) * 1000000)::bigint)
        IS DISTINCT FROM (audit.workspace, audit.actor_type, audit.actor_id, audit.type,
          audit.time_micros)
      ORDER BY 1
      """;

  private static final String DAYS =
      """
      SELECT workspace, kind, nullif(bucket, -9223372036854775808) / 2880, keys
      FROM read.directory_count WHERE grain = 'day'
      """;

  private static final String MINUTES_OF_OTHER_DAYS =
      """
      SELECT workspace || ' ' || kind || ' on day ' || day FROM (
        SELECT workspace, kind, bucket / 2880 AS day, keys FROM read.directory_count
        WHERE grain = 'day' AND bucket <> -9223372036854775808
      ) AS days FULL JOIN (
        SELECT workspace, kind, floor(bucket / 2880.0)::bigint AS day, sum(keys) AS keys
        FROM read.directory_count WHERE grain = 'minute' GROUP BY 1, 2, 3
      ) AS minutes USING (workspace, kind, day)
      WHERE coalesce(days.keys, 0) <> coalesce(minutes.keys, 0)
      ORDER BY 1
      """;

  private static final String COMMANDS_BY_DAY =
      """
      SELECT workspace COLLATE "C" || ' ' || day FROM (
        SELECT workspace COLLATE "C", (time AT TIME ZONE 'UTC')::date AS day, count(*) AS commands
        FROM (
          SELECT workspace, time, request_id IS DISTINCT FROM
            lag(request_id) OVER (PARTITION BY workspace ORDER BY position) AS begins
          FROM log.event WHERE position <= ?
        ) AS event WHERE begins GROUP BY 1, 2
      ) AS expected FULL JOIN read.audit_day AS found USING (workspace, day)
      WHERE expected.commands IS DISTINCT FROM found.commands
      ORDER BY 1
      """;

  /** The rows that must exist for one key. */
  private record ExpectedRows(
      Set<String> secrets,
      Set<String> owners,
      Set<String> reminders,
      @Nullable ObjectNode directory,
      List<ObjectNode> expiries,
      Map<DayChange, Long> dayChanges,
      List<ObjectNode> audit) {}

  private ExpectedRows expectedRows(List<StoredEvent> events) {
    var replay = new KeyReplay(findings);
    ObjectNode directory = null;
    List<ObjectNode> expiries = List.of();
    Map<DayChange, Long> dayChanges = Map.of();
    List<ObjectNode> audit = List.of();
    for (StoredEvent event : events) {
      Optional<JsonNode> fields = event.fields(findings);
      if (fields.isEmpty()) {
        break; // event.fields() has added a finding; what follows it cannot be replayed
      }
      replay.add(event, fields.get());
      if (event.position() <= directoryPosition) {
        directory = replay.directoryRow();
        expiries = replay.expiryRows();
        dayChanges = replay.dayChanges();
      }
      if (event.position() <= auditPosition) {
        audit = replay.auditRows();
      }
    }
    return new ExpectedRows(
        replay.secretRows(),
        replay.ownerRows(),
        replay.reminderRows(),
        directory,
        expiries,
        dayChanges,
        audit);
  }

  private static List<ObjectNode> listOf(@Nullable ObjectNode row) {
    return row == null ? List.of() : List.of(row);
  }

  private void compare(String kind, String key, Set<String> expected, Set<String> found) {
    if (!expected.equals(found)) {
      var missing = new TreeSet<>(expected);
      missing.removeAll(found);
      var more = new TreeSet<>(found);
      more.removeAll(expected);
      findings.add(kind, "%s: missing %s, too many %s".formatted(key, missing, more));
    }
  }

  private void compareRows(
      String table, String key, List<ObjectNode> expected, List<ObjectNode> found) {
    // Written and read once, so that equal numbers are equal nodes.
    List<JsonNode> wanted = expected.stream().map(row -> JSON.readTree(row.toString())).toList();
    for (int i = 0; i < Math.max(wanted.size(), found.size()); i++) {
      if (i >= found.size()) {
        findings.add(table, "%s: the row is missing: %s".formatted(key, shown(wanted.get(i))));
      } else if (i >= wanted.size()) {
        findings.add(table, "%s: a row too many: %s".formatted(key, shown(found.get(i))));
      } else if (!wanted.get(i).equals(found.get(i))) {
        findings.add(
            table,
            "%s: %s differ from the log"
                .formatted(key, differences("", wanted.get(i), found.get(i))));
      }
    }
  }

  /** Returns the names of the fields that differ, without their values. */
  private static List<String> differences(String path, JsonNode wanted, JsonNode found) {
    var different = new ArrayList<String>();
    var fields = new LinkedHashSet<String>();
    wanted.propertyNames().forEach(fields::add);
    found.propertyNames().forEach(fields::add);
    for (String field : fields) {
      JsonNode a = wanted.path(field);
      JsonNode b = found.path(field);
      if (a.isObject() && b.isObject()) {
        different.addAll(differences(path + field + ".", a, b));
      } else if (!a.equals(b)) {
        different.add(path + field);
      }
    }
    return different;
  }

  private static String shown(JsonNode row) {
    return row.has("position")
        ? "position " + row.path("position").asLong()
        : "from position " + row.path("from_position").asLong();
  }

  private void unexpected(String table, ObjectNode row) {
    findings.add(table, "a row of no key of the log: " + row.path("key_id").asString());
  }

  private Set<String> setOf(SortedRows<String> rows, String key) throws SQLException {
    return new LinkedHashSet<>(
        rows.of(key, row -> findings.add("side row", "of no key of the log: " + row)));
  }

  private List<ObjectNode> rowsOf(SortedRows<ObjectNode> rows, String key, String table)
      throws SQLException {
    return rows.of(key, row -> unexpected(table, row));
  }

  private SortedRows<StoredEvent> events(String kind) throws SQLException {
    return new SortedRows<>(
        connection,
        "SELECT %s FROM log.event WHERE stream_kind %s ORDER BY stream_id COLLATE \"C\", sequence"
            .formatted(StoredEvent.COLUMNS, kind),
        StoredEvent::read);
  }

  private SortedRows<String> texts(String query) throws SQLException {
    return new SortedRows<>(connection, query, row -> row.getString(2));
  }

  private SortedRows<ObjectNode> json(String query) throws SQLException {
    return new SortedRows<>(connection, query, KeysCheck::row);
  }

  private static ObjectNode row(ResultSet result) throws SQLException {
    var row = (ObjectNode) JSON.readTree(result.getString(2));
    byte[] view = result.getBytes(3);
    if (view != null) {
      try {
        row.set("view", JSON.readTree(view));
      } catch (tools.jackson.core.JacksonException unreadable) {
        row.put("view", HexFormat.of().formatHex(view));
      }
    }
    return row;
  }

  /** Streams of workspaces: few, and nothing but the log holds them. */
  private void checkOthers() throws SQLException {
    try (var log = events("<> 'key'")) {
      for (String stream = log.nextKey(); stream != null; stream = log.nextKey()) {
        long sequence = 0;
        boolean closed = false;
        for (StoredEvent event : log.of(stream, _ -> {})) {
          var _ = event.fields(findings);
          if (!event.streamKind().equals("workspace")) {
            findings.add("unreadable event", event.at("unknown kind of stream"));
          } else if (event.sequence() != sequence) {
            findings.add(
                "sequence",
                event.at("it is number %d, not %d".formatted(event.sequence(), sequence)));
          } else if (closed && !event.type().startsWith("Webhook")) {
            findings.add("impossible event", event.at(event.type() + " after WorkspaceClosed"));
          }
          closed |= event.type().equals("WorkspaceClosed");
          sequence = event.sequence() + 1;
        }
      }
    }
  }

  /** Compares the audit's rows of workspaces with their events. */
  private void checkAuditOfWorkspaces() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(AUDIT_OF_WORKSPACES)) {
      statement.setLong(1, auditPosition);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          findings.add(
              "audit", "position %d: the row of a workspace is wrong".formatted(row.getLong(1)));
        }
      }
    }
  }

  /** Counts the commands of each day once more. */
  private void checkCommandsByDay() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COMMANDS_BY_DAY)) {
      statement.setLong(1, auditPosition);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          findings.add("audit_day", row.getString(1) + ": the number of commands is wrong");
        }
      }
    }
  }

  /**
   * Compares the numbers of keys: their days with the log, and their minutes with the days.
   *
   * @param expected what all keys contribute
   */
  private void checkCounts(Map<DayChange, Long> expected) throws SQLException {
    var different = new TreeMap<String, String>();
    var missing = new HashMap<>(expected);
    missing.values().removeIf(keys -> keys == 0);
    try (PreparedStatement statement = connection.prepareStatement(DAYS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        var change =
            new DayChange(row.getString(1), row.getString(2), row.getObject(3, Long.class));
        Long keys = missing.remove(change);
        if (keys == null || keys != row.getLong(4)) {
          different.put(shown(change), "%s, not %s".formatted(row.getLong(4), keys));
        }
      }
    }
    missing.forEach((change, keys) -> different.put(shown(change), "nothing, not " + keys));
    different.forEach((change, what) -> findings.add("directory_count", change + ": " + what));
    try (PreparedStatement statement = connection.prepareStatement(MINUTES_OF_OTHER_DAYS);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        findings.add("directory_count", row.getString(1) + ": minutes and day differ");
      }
    }
  }

  private static String shown(DayChange change) {
    return "%s %s %s"
        .formatted(
            change.workspace(),
            change.kind(),
            change.day() == null ? "from the beginning" : "on day " + change.day());
  }

  private void checkAnswers() throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT a.position FROM log.idempotency a, log.log_head h"
                    + " WHERE a.position > h.position ORDER BY a.position");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        findings.add("kept answer", "position %d is not in the log".formatted(row.getLong(1)));
      }
    }
  }
}
