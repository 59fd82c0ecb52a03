package dev.keyledger.lifecycle.idempotency;

import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyId;
import dev.keyledger.verification.secret.KeySecret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The data from which, together with the log, an answer is rebuilt. It is known before the append,
 * so that the append stores it.
 */
public sealed interface StoredAnswer {
  /** The maximum number of bytes that are stored for a caller. */
  long BYTES_PER_CALLER_MAX = 64L * 1024 * 1024;

  /** The maximum number of bytes that are not compressed. A possible secret is never compressed. */
  int PLAIN_BYTES_MAX = 512;

  /**
   * The answer is a key as it stood at the record's position.
   *
   * @param status 200, or 201 if the key was created
   * @param at the time at which the answer shows the key
   * @param secret the secret that was created for the caller; null: none
   */
  record OfKey(int status, KeyId keyId, Instant at, @Nullable KeySecret secret)
      implements StoredAnswer {}

  /**
   * The answer is a key as its holder sees it.
   *
   * @param allowed the actions that the policy in force allowed to holders
   */
  record OfSelf(OfKey key, List<HolderAction> allowed) implements StoredAnswer {
    public OfSelf {
      allowed = List.copyOf(allowed);
    }
  }

  /**
   * The answer is a key as it stood at the record's position, and its descendants, revoked with it.
   *
   * @param at the time at which the answer shows the key
   * @param more whether descendants remained to be revoked
   */
  record OfDescent(KeyId keyId, Instant at, List<KeyId> revoked, boolean more)
      implements StoredAnswer {
    public OfDescent {
      revoked = List.copyOf(revoked);
    }
  }

  /**
   * The answer is about many keys.
   *
   * @param json the body, which holds no secret
   */
  record OfBatch(String json) implements StoredAnswer {}

  /**
   * The answer is a workspace as it stood at the record's position.
   *
   * @param status 200, or 201 if the workspace was created
   */
  record OfWorkspace(int status, String workspace) implements StoredAnswer {}

  /**
   * The answer is a webhook as it stood at the record's position.
   *
   * @param status 200, 201 if the webhook was created, or 204 if it was deleted
   * @param at the time at which the answer shows the webhook
   * @param target its URL or its address then; null: unknown
   * @param publicKey its public key then; null: none
   * @param secretId the id of the secret that was created for the caller; null: none
   * @param secret that secret
   */
  record OfWebhook(
      int status,
      String workspace,
      String webhookId,
      Instant at,
      @Nullable String target,
      @Nullable String publicKey,
      @Nullable String secretId,
      @Nullable KeySecret secret)
      implements StoredAnswer {}

  /** Returns the bytes to seal, which include the secret. Long ones are compressed. */
  default byte[] toBytes() {
    byte[] json = toJson();
    return json.length > PLAIN_BYTES_MAX && !(this instanceof OfWebhook) ? deflated(json) : json;
  }

  private byte[] toJson() {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode node = mapper.createObjectNode();
    switch (this) {
      case OfKey key -> write(key, node);
      case OfSelf self -> {
        write(self.key, node);
        ArrayNode allowed = node.putArray("allowed");
        self.allowed.forEach(action -> allowed.add(action.name()));
      }
      case OfDescent of -> {
        node.put("keyId", of.keyId.value()).put("at", of.at.toString()).put("more", of.more);
        ArrayNode revoked = node.putArray("revoked");
        of.revoked.forEach(keyId -> revoked.add(keyId.value()));
      }
      case OfBatch batch -> node.put("json", batch.json);
      case OfWorkspace of -> node.put("status", of.status).put("workspace", of.workspace);
      case OfWebhook of -> {
        node.put("status", of.status).put("workspace", of.workspace).put("webhook", of.webhookId);
        node.put("at", of.at.toString());
        if (of.target != null) {
          node.put("url", of.target);
        }
        if (of.publicKey != null) {
          node.put("publicKey", of.publicKey);
        }
        if (of.secret != null) {
          node.put("secretId", of.secretId).put("secret", of.secret.revealToItsCaller());
        }
      }
    }
    return mapper.writeValueAsBytes(node);
  }

  /** Reads the result of {@link #toBytes}. */
  static StoredAnswer parse(byte[] bytes) {
    byte[] json = bytes[0] == '{' ? bytes : inflated(bytes);
    JsonNode node = JsonMapper.shared().readTree(new String(json, StandardCharsets.UTF_8));
    if (node.has("json")) {
      return new OfBatch(node.get("json").asString());
    }
    if (node.has("webhook")) {
      JsonNode secret = node.get("secret");
      return new OfWebhook(
          node.get("status").asInt(),
          node.get("workspace").asString(),
          node.get("webhook").asString(),
          Instant.parse(node.get("at").asString()),
          text(node, "url"),
          text(node, "publicKey"),
          text(node, "secretId"),
          secret == null ? null : KeySecret.of(secret.asString()));
    }
    if (node.has("workspace")) {
      return new OfWorkspace(node.get("status").asInt(), node.get("workspace").asString());
    }
    if (node.has("revoked")) {
      return new OfDescent(
          new KeyId(node.get("keyId").asString()),
          Instant.parse(node.get("at").asString()),
          node.get("revoked").valueStream().map(keyId -> new KeyId(keyId.asString())).toList(),
          node.get("more").asBoolean());
    }
    if (node.has("allowed")) {
      return new OfSelf(
          readKey(node),
          node.get("allowed")
              .valueStream()
              .map(action -> HolderAction.valueOf(action.asString()))
              .toList());
    }
    return readKey(node);
  }

  private static void write(OfKey key, ObjectNode node) {
    node.put("status", key.status).put("keyId", key.keyId.value()).put("at", key.at.toString());
    if (key.secret != null) {
      node.put("secret", key.secret.revealToItsCaller());
    }
  }

  private static OfKey readKey(JsonNode node) {
    JsonNode secret = node.get("secret");
    return new OfKey(
        node.get("status").asInt(),
        new KeyId(node.get("keyId").asString()),
        Instant.parse(node.get("at").asString()),
        secret == null ? null : KeySecret.of(secret.asString()));
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value == null ? null : value.asString();
  }

  private static byte[] deflated(byte[] bytes) {
    var compressed = new ByteArrayOutputStream();
    try (var stream = new DeflaterOutputStream(compressed)) {
      stream.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return compressed.toByteArray();
  }

  private static byte[] inflated(byte[] bytes) {
    try (var stream = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("a kept answer is not compressed as it should be", e);
    }
  }
}
