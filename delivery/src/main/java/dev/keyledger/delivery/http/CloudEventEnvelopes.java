package dev.keyledger.delivery.http;

import dev.keyledger.delivery.Delivery;
import dev.keyledger.delivery.Envelopes;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.StrictJson;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.CloudEvent;
import dev.keyledger.log.EventCodec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes events as CloudEvents, as in the export, without possible personal data. A reminder
 * includes the remaining validity of the key and, if the public URL is known, a link to renew it.
 */
final class CloudEventEnvelopes implements Envelopes {
  private final EventCodec codec;
  private final String source;
  private final @Nullable String publicUrl;

  /**
   * @param publicUrl without a slash at its end; null: no links
   */
  CloudEventEnvelopes(EventCodec codec, String source, @Nullable String publicUrl) {
    this.codec = codec;
    this.source = source;
    this.publicUrl = publicUrl;
  }

  @Override
  public byte[] of(LoggedEvent event, @Nullable Owner owner) {
    AuditEntry entry =
        (owner == null ? AuditEntry.ofWorkspace(event, codec) : AuditEntry.of(event, owner, codec))
            .withoutContext();
    ObjectNode data = StrictJson.MAPPER.valueToTree(entry);
    switch (event.event()) {
      case ExpiryApproaching approaching -> {
        Duration left =
            Duration.between(event.time(), approaching.expiresAt()).truncatedTo(ChronoUnit.SECONDS);
        data.put("expiresIn", IsoDuration.format(left));
        addRenewUrl(data, event);
      }
      case KeyExpired _ -> addRenewUrl(data, event);
      default -> {}
    }
    return StrictJson.MAPPER.writeValueAsBytes(
        CloudEvent.of(entry, event.workspace(), source, data));
  }

  private void addRenewUrl(ObjectNode data, LoggedEvent event) {
    if (publicUrl != null) {
      data.put("renewUrl", publicUrl + "/my-key/?keyId=" + event.stream().id());
    }
  }

  @Override
  public byte[] ofTest(String deliveryId, String webhookId, String workspace, Instant createdAt) {
    return StrictJson.MAPPER.writeValueAsBytes(
        CloudEvent.of(
            deliveryId,
            source,
            Delivery.TEST,
            webhookId,
            createdAt,
            workspace,
            Map.of("type", Delivery.TEST, "webhookId", webhookId, "time", createdAt)));
  }
}
