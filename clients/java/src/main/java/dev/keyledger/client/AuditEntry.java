package dev.keyledger.client;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event of the log.
 *
 * @param type the type, such as {@code KeyRevoked}
 * @param keyId null for an event of the workspace itself
 * @param owner the owner of the key after the event; null for an event of the workspace
 * @param ip the address that the command came from; null if unknown or erased, as are the next two
 * @param data the event's own fields
 */
public record AuditEntry(
    long position,
    Instant time,
    String type,
    @Nullable String keyId,
    @Nullable Owner owner,
    Actor actor,
    @Nullable String ip,
    @Nullable String userAgent,
    @Nullable String reason,
    String requestId,
    Map<String, Object> data) {
  static AuditEntry of(Fields fields) {
    return new AuditEntry(
        fields.number("position"),
        fields.time("time"),
        fields.text("type"),
        fields.optionalText("keyId"),
        fields.object("owner", Owner::of),
        Actor.of(fields.required("actor")),
        fields.optionalText("ip"),
        fields.optionalText("userAgent"),
        fields.optionalText("reason"),
        fields.text("requestId"),
        fields.map("data"));
  }
}
