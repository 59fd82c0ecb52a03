package dev.keyledger.log;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event in the form of CloudEvents 1.0.
 *
 * @param id the position in the log; a separate id for an event that is not in the log
 * @param source the log
 * @param type the wire name, after a prefix
 * @param subject the key, or the workspace
 * @param workspace an extension attribute, as are the next three
 * @param position the position in the log; null except in exports
 * @param leaf the bytes that are hashed, in base64; null except in exports
 * @param inclusionProof the hashes that prove the event, in base64, lowest first; null except in
 *     exports of one workspace
 * @param data the event as the audit shows it
 */
@JsonPropertyOrder({
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "time",
  "workspace",
  "datacontenttype",
  "position",
  "leaf",
  "inclusionproof",
  "data"
})
public record CloudEvent(
    String specversion,
    String id,
    String source,
    String type,
    String subject,
    Instant time,
    String workspace,
    String datacontenttype,
    @Nullable Long position,
    @Nullable String leaf,
    @JsonProperty("inclusionproof") @Nullable String inclusionProof,
    Object data) {

  /** Returns the event of that type. */
  public static CloudEvent of(
      String id,
      String source,
      String type,
      String subject,
      Instant time,
      String workspace,
      Object data) {
    return new CloudEvent(
        "1.0",
        id,
        source,
        "dev.keyledger." + type,
        subject,
        time,
        workspace,
        "application/json",
        null,
        null,
        null,
        data);
  }

  /** Returns the event with its proof. */
  public CloudEvent provenBy(long position, String leaf, @Nullable String inclusionProof) {
    return new CloudEvent(
        specversion,
        id,
        source,
        type,
        subject,
        time,
        workspace,
        datacontenttype,
        position,
        leaf,
        inclusionProof,
        data);
  }

  /**
   * Returns an entry as an event.
   *
   * @param source see {@link #sourceOf}
   * @param data the entry, possibly extended
   */
  public static CloudEvent of(AuditEntry entry, String workspace, String source, Object data) {
    return of(
        Long.toString(entry.position()),
        source,
        entry.type(),
        requireNonNullElse(entry.keyId(), workspace),
        entry.time(),
        workspace,
        data);
  }

  /** Returns the source of the events of a log. */
  public static String sourceOf(LedgerDatabase database) {
    return "urn:keyledger:log:%s:%d".formatted(database.storeId(), database.incarnation());
  }
}
