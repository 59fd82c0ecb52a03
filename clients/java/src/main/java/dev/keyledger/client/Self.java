package dev.keyledger.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations of a key's holder on that key, which is the client's credential. Thread-safe. */
public final class Self {
  private final Call.Maker calls;

  Self(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * The identity behind the client's credential.
   *
   * @param key the key as its holder sees it; null for the root key
   * @param renewalDue whether the first reminder of its expiry is due
   * @param holderMay the actions that the holder may take now: {@code renew}, {@code
   *     renew-expired}, {@code rotate}
   * @param policy the policy that commands must satisfy; null if none applies to the credential
   */
  public record Identity(
      @Nullable Key key,
      String workspace,
      List<String> permissions,
      boolean renewalDue,
      List<String> holderMay,
      @Nullable BindingPolicy policy) {
    static Identity of(Fields fields) {
      boolean isKey = fields.has("keyId");
      return new Identity(
          isKey ? Key.of(fields) : null,
          fields.text("workspace"),
          fields.texts("permissions"),
          isKey && fields.flag("renewalDue"),
          fields.texts("holderMay"),
          fields.object("policy", BindingPolicy::of));
    }
  }

  /**
   * The part of a {@link Policy} that restricts the fields of commands on keys.
   *
   * @param allowedPermissions the patterns that must cover the permissions of keys; null: no
   *     restriction, and for holders
   */
  public record BindingPolicy(
      Duration defaultLifetime,
      Duration maxLifetime,
      boolean allowNoExpiry,
      Duration defaultOverlap,
      @Nullable List<String> allowedPermissions) {
    static BindingPolicy of(Fields fields) {
      return new BindingPolicy(
          fields.duration("defaultLifetime"),
          fields.duration("maxLifetime"),
          fields.flag("allowNoExpiry"),
          fields.duration("defaultOverlap"),
          fields.has("allowedPermissions") ? fields.texts("allowedPermissions") : null);
    }
  }

  /** Returns the identity behind the credential. */
  public Identity read() {
    return calls.get("self").send(Identity::of);
  }

  /** Renews the key. */
  public Key renew(Renewal renewal) {
    return calls.command("POST", "self", "renew").with(renewal.fields()).send(Key::of);
  }

  /**
   * Gives the key a new secret. This client continues to use the old one until its overlap ends.
   */
  public IssuedKey rotate(Rotation rotation) {
    return calls.command("POST", "self", "rotate").with(rotation.fields()).send(IssuedKey::of);
  }

  /** Revokes the key. */
  public Key revoke(RevocationReason reason) {
    return calls.command("POST", "self", "revoke").with("revocationReason", reason).send(Key::of);
  }
}
