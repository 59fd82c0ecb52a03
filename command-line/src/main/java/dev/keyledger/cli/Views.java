package dev.keyledger.cli;

import dev.keyledger.cli.Output.Column;
import dev.keyledger.cli.Output.View;
import dev.keyledger.client.AuditEntry;
import dev.keyledger.client.Decision;
import dev.keyledger.client.Key;
import dev.keyledger.client.Node;
import dev.keyledger.client.Webhooks.Delivery;
import dev.keyledger.client.Webhooks.Webhook;
import dev.keyledger.client.Workspaces.Workspace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The printed forms of everything that the service returns. */
final class Views {
  static final View<Key> KEY =
      new View<>(
          List.of(
              new Column<>("KEY", Key::keyId),
              new Column<>("NAME", Key::name),
              new Column<>("OWNER", Key::owner),
              new Column<>("STATUS", Key::status),
              new Column<>("EXPIRES", Key::expiresAt),
              new Column<>("LAST USED", Key::lastUsedAt)),
          List.of(
              new Column<>("key", Key::keyId),
              new Column<>("name", Key::name),
              new Column<>("workspace", Key::workspace),
              new Column<>("owner", Key::owner),
              new Column<>("environment", Key::environment),
              new Column<>("status", Key::status),
              new Column<>("permissions", Key::permissions),
              new Column<>("addresses", Key::ipAllowList),
              new Column<>("metadata", key -> key.metadata().isEmpty() ? null : key.metadata()),
              new Column<>("secret", Key::secretHint),
              new Column<>("generation", Key::generation),
              new Column<>("overlap ends", Key::overlapEndsAt),
              new Column<>("created", Key::createdAt),
              new Column<>("not before", Key::notBefore),
              new Column<>("expires", Key::expiresAt),
              new Column<>("renewable until", Key::renewableUntil),
              new Column<>("revoked", Key::revokedAt),
              new Column<>("because", Key::revocationReason),
              new Column<>("planned", key -> planned(key.planned())),
              new Column<>("last used", Key::lastUsedAt),
              new Column<>("issued by", Key::issuedBy),
              new Column<>("version", Key::version),
              new Column<>(
                  "not applied by", key -> key.notAppliedBy().stream().map(Node::node).toList())),
          Views::json);

  static final View<AuditEntry> ENTRY =
      new View<>(
          List.of(
              new Column<>("POSITION", AuditEntry::position),
              new Column<>("TIME", AuditEntry::time),
              new Column<>("TYPE", AuditEntry::type),
              new Column<>("KEY", AuditEntry::keyId),
              new Column<>("ACTOR", AuditEntry::actor),
              new Column<>("ADDRESS", AuditEntry::ip),
              new Column<>("REASON", AuditEntry::reason)),
          List.of(),
          Json::fields);

  static final View<Workspace> WORKSPACE =
      new View<>(
          List.of(
              new Column<>("WORKSPACE", Workspace::workspace),
              new Column<>("CREATED", Workspace::createdAt),
              new Column<>("CLOSED", Workspace::closedAt),
              new Column<>("LIFETIME", workspace -> workspace.policy().defaultLifetime()),
              new Column<>("MAX LIFETIME", workspace -> workspace.policy().maxLifetime()),
              new Column<>("MAX KEYS", workspace -> workspace.policy().maxKeys())),
          List.of(
              new Column<>("workspace", Workspace::workspace),
              new Column<>("created", Workspace::createdAt),
              new Column<>("closed", Workspace::closedAt),
              new Column<>("lifetime", workspace -> workspace.policy().defaultLifetime()),
              new Column<>("max lifetime", workspace -> workspace.policy().maxLifetime()),
              new Column<>("no expiry", workspace -> workspace.policy().allowNoExpiry()),
              new Column<>("renewal window", workspace -> workspace.policy().renewalWindow()),
              new Column<>("overlap", workspace -> workspace.policy().defaultOverlap()),
              new Column<>("reminders", workspace -> workspace.policy().reminders()),
              new Column<>("permitted", workspace -> workspace.policy().allowedPermissions()),
              new Column<>("max keys", workspace -> workspace.policy().maxKeys()),
              new Column<>("holders may", workspace -> workspace.policy().holderMay()),
              new Column<>("version", Workspace::version)),
          Json::fields);

  static final View<Webhook> WEBHOOK =
      new View<>(
          List.of(
              new Column<>("WEBHOOK", Webhook::webhookId),
              new Column<>("TO", Views::receiver),
              new Column<>("ENABLED", Webhook::enabled),
              new Column<>("OWNER", Webhook::owner),
              new Column<>("TYPES", Webhook::types)),
          List.of(
              new Column<>("webhook", Webhook::webhookId),
              new Column<>("to", Views::receiver),
              new Column<>("enabled", Webhook::enabled),
              new Column<>("disabled because", Webhook::disabledReason),
              new Column<>("owner", Webhook::owner),
              new Column<>("types", Webhook::types),
              new Column<>("public key", Webhook::publicKey),
              new Column<>("overlap ends", Webhook::overlapEndsAt),
              new Column<>("created", Webhook::createdAt)),
          Json::fields);

  static final View<Delivery> DELIVERY =
      new View<>(
          List.of(
              new Column<>("DELIVERY", Delivery::deliveryId),
              new Column<>("TYPE", Delivery::type),
              new Column<>("KEY", Delivery::keyId),
              new Column<>("STATUS", Delivery::status),
              new Column<>("ATTEMPTS", Delivery::attempts),
              new Column<>("RESPONSE", Delivery::responseStatus),
              new Column<>("NEXT ATTEMPT", Delivery::nextAttemptAt),
              new Column<>("CREATED", Delivery::createdAt)),
          List.of(
              new Column<>("delivery", Delivery::deliveryId),
              new Column<>("type", Delivery::type),
              new Column<>("key", Delivery::keyId),
              new Column<>("position", Delivery::position),
              new Column<>("status", Delivery::status),
              new Column<>("attempts", Delivery::attempts),
              new Column<>("next attempt", Delivery::nextAttemptAt),
              new Column<>("response", Delivery::responseStatus),
              new Column<>("response's body", Delivery::responseBody),
              new Column<>("created", Delivery::createdAt)),
          Json::fields);

  static final View<Node> NODE =
      new View<>(
          List.of(
              new Column<>("NODE", Node::node),
              new Column<>("POSITION", Node::position),
              new Column<>("STRICT", Node::strict),
              new Column<>("LEASE UNTIL", Node::leaseUntil)),
          List.of(),
          Json::fields);

  static final View<Decision> DECISION =
      new View<>(
          List.of(),
          List.of(
              new Column<>("code", Decision::code),
              new Column<>("key", decision -> ofKey(decision, Decision.CheckedKey::keyId)),
              new Column<>("name", decision -> ofKey(decision, Decision.CheckedKey::name)),
              new Column<>("owner", decision -> ofKey(decision, Decision.CheckedKey::owner)),
              new Column<>(
                  "permissions", decision -> ofKey(decision, Decision.CheckedKey::permissions)),
              new Column<>("missing", Decision::missingPermissions),
              new Column<>("expires", decision -> ofKey(decision, Decision.CheckedKey::expiresAt)),
              new Column<>("decided by", decision -> event(decision.decidedBy())),
              new Column<>("as of", Decision::asOf),
              new Column<>("conditions", Decision::conditions)),
          Views::json);

  private Views() {}

  /** Returns the key as the HTTP interface has it. */
  static Map<String, Object> json(Key key) {
    Map<String, Object> fields = Json.fields(key);
    if (key.notAppliedBy().isEmpty()) {
      fields.remove("notAppliedBy");
    }
    if (key.planned() != null) {
      fields.put("planned", json(key.planned()));
    }
    return fields;
  }

  private static Map<String, Object> json(Key.Planned planned) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("command", planned.revokes() ? "revoke" : "suspend");
    fields.put("effectiveAt", planned.effectiveAt());
    if (planned.reason() != null) {
      fields.put("revocationReason", planned.reason());
    }
    return fields;
  }

  /** Returns the decision as the HTTP interface has it. */
  private static Map<String, Object> json(Decision decision) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("valid", decision.valid());
    fields.put("code", decision.code());
    if (decision.key() != null) {
      fields.putAll(Json.fields(decision.key()));
    }
    Json.fields(decision).forEach(fields::putIfAbsent);
    fields.remove("key");
    fields.remove("source");
    if (decision.conditions().isEmpty()) {
      fields.remove("conditions");
    }
    return fields;
  }

  private static @Nullable String planned(Key.@Nullable Planned planned) {
    return planned == null
        ? null
        : (planned.revokes() ? "revocation at " : "suspension at ")
            + Output.text(planned.effectiveAt());
  }

  private static @Nullable Object ofKey(
      Decision decision, Function<Decision.CheckedKey, @Nullable Object> field) {
    return decision.key() == null ? null : field.apply(decision.key());
  }

  private static @Nullable String event(Decision.@Nullable EventReference event) {
    return event == null
        ? null
        : event.type() + " at " + event.position() + ", " + Output.text(event.time());
  }

  private static @Nullable String receiver(Webhook webhook) {
    return webhook.url() == null ? webhook.address() : webhook.url();
  }
}
