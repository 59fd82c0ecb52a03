package dev.keyledger.check;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A row of {@code log.event}. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares these records
record StoredEvent(
    long position,
    String streamKind,
    String streamId,
    long sequence,
    String workspace,
    String type,
    int version,
    Instant time,
    String actorType,
    @Nullable String actorId,
    String requestId,
    byte[] payload,
    byte @Nullable [] context,
    byte @Nullable [] contextSalt,
    byte[] contextHash) {
  static final String COLUMNS =
      "stream_id, position, stream_kind, sequence, workspace, type, version, time, actor_type,"
          + " actor_id, request_id, payload, context, context_salt, context_hash";

  private static final JsonMapper JSON = new JsonMapper();

  static StoredEvent read(ResultSet row) throws SQLException {
    return new StoredEvent(
        row.getLong("position"),
        row.getString("stream_kind"),
        row.getString("stream_id"),
        row.getLong("sequence"),
        row.getString("workspace"),
        row.getString("type"),
        row.getInt("version"),
        row.getObject("time", OffsetDateTime.class).toInstant(),
        row.getString("actor_type"),
        row.getString("actor_id"),
        row.getString("request_id"),
        row.getBytes("payload"),
        row.getBytes("context"),
        row.getBytes("context_salt"),
        row.getBytes("context_hash"));
  }

  /** Returns the payload's fields; empty, with a finding added, if it cannot be read. */
  Optional<JsonNode> fields(Findings findings) {
    Optional<PayloadForm> form = PayloadForm.of(type, version);
    if (form.isEmpty()) {
      findings.add("unreadable event", at("unknown type " + type + " version " + version));
      return Optional.empty();
    }
    JsonNode fields;
    try {
      fields = JSON.readTree(payload);
    } catch (JacksonException e) {
      findings.add("unreadable event", at("its payload is no JSON: " + e.getOriginalMessage()));
      return Optional.empty();
    }
    Optional<String> fault = form.get().fault(fields);
    fault.ifPresent(said -> findings.add("unreadable event", at(type + ": " + said)));
    return fault.isEmpty() ? Optional.of(fields) : Optional.empty();
  }

  /** Returns a statement about this event, after its place in the log. */
  String at(String what) {
    return "position %d, %s %s: %s".formatted(position, streamKind, streamId, what);
  }
}
