package dev.keyledger.client;

import static dev.keyledger.client.Transport.Side.COMMANDS;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Commands on keys and queries about them. Thread-safe. */
public final class Keys {
  private final Call.Maker calls;
  private final Changes changes;

  Keys(Call.Maker calls, Changes changes) {
    this.calls = calls;
    this.changes = changes;
  }

  /** The result for one key of a batch: exactly one of the two is present. */
  public record KeyResult(@Nullable String keyId, @Nullable Problem problem) {
    static KeyResult of(Fields fields) {
      return new KeyResult(fields.optionalText("keyId"), fields.object("problem", Problem::of));
    }
  }

  /**
   * The result for one key of a batch of renewals.
   *
   * @param expiresAt the new expiry; null with a problem, or if it never expires
   */
  public record RenewalResult(
      String keyId, @Nullable Instant expiresAt, @Nullable Problem problem) {
    static RenewalResult of(Fields fields) {
      return new RenewalResult(
          fields.text("keyId"),
          fields.optionalTime("expiresAt"),
          fields.object("problem", Problem::of));
    }
  }

  /**
   * Keys that were revoked together.
   *
   * @param more whether keys remain; then repeat the call
   */
  public record Revoked(List<String> keyIds, boolean more) {
    static Revoked of(Fields fields) {
      return new Revoked(fields.texts("revoked"), fields.has("more") && fields.flag("more"));
    }
  }

  /** Issues a key. */
  public IssuedKey issue(NewKey key) {
    return calls.command("POST", "keys").with(key.fields()).send(IssuedKey::of);
  }

  /** Imports keys by the digests of secrets made elsewhere; 1 to 1,000. */
  public List<KeyResult> importKeys(List<NewKey> keys) {
    return calls
        .command("POST", "keys", "import")
        .with("keys", keys)
        .send(fields -> fields.objects("results", KeyResult::of));
  }

  /** Renews a key. */
  public Key renew(String keyId, Renewal renewal) {
    return change(of(keyId, "renew").with(renewal.fields()), keyId);
  }

  /** Renews keys, 1 to 1,000. */
  public List<RenewalResult> renewAll(List<String> keyIds, Renewal renewal) {
    try {
      return calls
          .command("POST", "keys", "renew-batch")
          .with("keyIds", keyIds)
          .with(renewal.fields())
          .send(fields -> fields.objects("results", RenewalResult::of));
    } finally {
      keyIds.forEach(changes::changed);
    }
  }

  /** Gives a key a new secret. */
  public IssuedKey rotate(String keyId, Rotation rotation) {
    return change(of(keyId, "rotate").with(rotation.fields()).waiting(), keyId, IssuedKey::of);
  }

  /** Ends the overlap of a rotation. */
  public Key retireSecret(String keyId) {
    return change(of(keyId, "retire-secret"), keyId);
  }

  /** Suspends a key until it is resumed. */
  public Key suspend(String keyId) {
    return change(of(keyId, "suspend").waiting(), keyId);
  }

  /** Suspends a key from a time on. */
  public Key suspendAt(String keyId, Instant time) {
    return change(of(keyId, "suspend").with("effectiveAt", time).waiting(), keyId);
  }

  /** Ends a suspension. */
  public Key resume(String keyId) {
    return change(of(keyId, "resume"), keyId);
  }

  /** Revokes a key permanently. */
  public Key revoke(String keyId, RevocationReason reason) {
    return change(of(keyId, "revoke").with("revocationReason", reason).waiting(), keyId);
  }

  /** Revokes a key permanently from a time on. */
  public Key revokeAt(String keyId, Instant time, RevocationReason reason) {
    return change(
        of(keyId, "revoke").with("revocationReason", reason).with("effectiveAt", time).waiting(),
        keyId);
  }

  /** Revokes a key and every key that descends from it by issuing; returns the descendants. */
  public Revoked revokeWithDescendants(String keyId, RevocationReason reason) {
    return changeMany(
        of(keyId, "revoke").with("revocationReason", reason).query("cascade", true).waiting(),
        Revoked::of);
  }

  /** Revokes all keys of an owner. */
  public Revoked revokeAllOf(Owner owner, RevocationReason reason) {
    return changeMany(
        calls
            .command("POST", "owners", "revoke-keys")
            .with("owner", owner)
            .with("revocationReason", reason),
        Revoked::of);
  }

  /** Drops the revocation or suspension that is planned for a key. */
  public Key cancelPlan(String keyId) {
    return change(of(keyId, "cancel-plan").waiting(), keyId);
  }

  /** Replaces the permissions of a key. */
  public Key changePermissions(String keyId, List<String> permissions) {
    return change(
        calls
            .command("PUT", "keys", keyId, "permissions")
            .with("permissions", permissions)
            .waiting(),
        keyId);
  }

  /** Replaces the addresses from which a key may be used; none: any. */
  public Key restrict(String keyId, List<String> ipAllowList) {
    return change(
        calls
            .command("PUT", "keys", keyId, "restrictions")
            .with("ipAllowList", ipAllowList)
            .waiting(),
        keyId);
  }

  /** Renames a key. */
  public Key rename(String keyId, String name) {
    return change(calls.command("PATCH", "keys", keyId).with("name", name), keyId);
  }

  /** Replaces the metadata of a key. */
  public Key describe(String keyId, Map<String, String> metadata) {
    return change(calls.command("PATCH", "keys", keyId).with("metadata", metadata), keyId);
  }

  /** Transfers a key to another owner. */
  public Key transfer(String keyId, Owner owner) {
    return change(of(keyId, "transfer").with("owner", owner), keyId);
  }

  /** Reports leaked secrets, 1 to 1,000. The answer does not reveal which of them exist. */
  public void reportLeaks(List<Secret> secrets) {
    List<String> texts = secrets.stream().map(Secret::reveal).toList();
    try {
      calls.ask(COMMANDS, "leaks").with("secrets", texts).send();
    } finally {
      changes.manyChanged();
    }
  }

  /** Returns a key. */
  public Key get(String keyId) {
    return calls.get("keys", keyId).send(Key::of);
  }

  /** Returns a key as it was at a time, which must not be later than the service's data. */
  public Key getAt(String keyId, Instant time) {
    return calls.get("keys", keyId, "at").query("time", time).send(Key::of);
  }

  /** Returns a key as it was after the event at a position. */
  public Key getAt(String keyId, long position) {
    return calls.get("keys", keyId, "at").query("position", position).send(Key::of);
  }

  /** Returns everything that happened to a key, oldest first. */
  public Stream<AuditEntry> history(String keyId) {
    return Page.all(cursor ->
        calls
            .get("keys", keyId, "history")
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, AuditEntry::of)));
  }

  /** Returns a page of keys, newest first. */
  public Page<Key> list(KeyFilter filter) {
    return page(filter, null);
  }

  /** Returns the keys of all pages, newest first. Each page is read on demand. */
  public Stream<Key> all(KeyFilter filter) {
    return Page.all(cursor -> page(filter, cursor));
  }

  /** Returns the keys that expire within a time from now, soonest first. */
  public Stream<Key> expiring(Duration within) {
    return Page.all(cursor ->
        calls
            .get("keys", "expiring")
            .query("within", within)
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, Key::of)));
  }

  /** Returns the keys that hold a permission now, newest first. */
  public Stream<Key> holders(String permission) {
    return Page.all(cursor ->
        calls
            .get("permissions", "holders")
            .query("permission", permission)
            .query("cursor", cursor)
            .send(fields -> Page.of(fields, Key::of)));
  }

  private Page<Key> page(KeyFilter filter, @Nullable String cursor) {
    return calls
        .get("keys")
        .query(filter.parameters(), cursor)
        .send(fields -> Page.of(fields, Key::of));
  }

  private Call of(String keyId, String command) {
    return calls.command("POST", "keys", keyId, command);
  }

  private Key change(Call command, String keyId) {
    return change(command, keyId, Key::of);
  }

  /** Sends a command on a key. It may have been executed even if the call fails. */
  private <T> T change(Call command, String keyId, Function<Fields, T> reader) {
    try {
      return command.send(reader);
    } finally {
      changes.changed(keyId);
    }
  }

  private <T> T changeMany(Call command, Function<Fields, T> reader) {
    try {
      return command.send(reader);
    } finally {
      changes.manyChanged();
    }
  }
}
