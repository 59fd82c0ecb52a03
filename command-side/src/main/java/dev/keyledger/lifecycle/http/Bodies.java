package dev.keyledger.lifecycle.http;

import dev.keyledger.events.Environment;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.LegalText;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.verification.decision.IpAllowList;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The bodies of the commands, as their JSON has them: absent fields are null. */
final class Bodies {
  /** The most permissions of a key. */
  static final int PERMISSIONS_MAX = 100;

  /** The most addresses and ranges of an allow-list. */
  static final int IP_ALLOW_LIST_MAX = 100;

  /** The most characters of a reason. */
  static final int REASON_LENGTH_MAX = 500;

  private Bodies() {}

  /** The owner of a key. */
  record OwnerBody(@Nullable String type, @Nullable String id) {
    static @Nullable Owner read(Fields fields, @Nullable OwnerBody raw) {
      if (raw == null) {
        fields.wrong("owner", "is required");
        return null;
      }
      OwnerType type =
          fields.required("owner.type", raw.type, text -> oneOf(OwnerType.class, text));
      // The id is judged even if the type is wrong, so that both are told at once.
      Owner owner =
          fields.required(
              "owner.id", raw.id, id -> new Owner(type == null ? OwnerType.APP : type, id));
      return type == null ? null : owner;
    }
  }

  /** The body of {@code POST /v1/keys}. */
  record Issue(
      @Nullable String name,
      @Nullable OwnerBody owner,
      @Nullable List<String> permissions,
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable String environment,
      @Nullable Instant notBefore,
      @Nullable List<String> ipAllowList,
      @Nullable Map<String, String> metadata,
      @Nullable String secretSha256,
      @Nullable String reason) {

    /** Reads the requested key and collects every error. */
    @Nullable KeySpecification specification(Fields fields) {
      KeyName keyName = fields.required("name", name, KeyName::new);
      Owner keyOwner = OwnerBody.read(fields, owner);
      List<Permission> held = fields.required("permissions", permissions, Bodies::permissionsOf);
      Environment where =
          fields.optional("environment", environment, text -> oneOf(Environment.class, text));
      IpAllowList addresses = fields.optional("ipAllowList", ipAllowList, Bodies::ipAllowListOf);
      Metadata found = fields.optional("metadata", metadata, Metadata::new);
      RequestedExpiry expiry = expiryOf(fields, expiresAt, lifetime);
      if (keyName == null || keyOwner == null || held == null) {
        return null;
      }
      return new KeySpecification(
          keyName,
          keyOwner,
          where == null ? Environment.LIVE : where,
          held,
          expiry,
          notBefore == null ? null : notBefore.truncatedTo(ChronoUnit.MICROS),
          addresses == null ? IpAllowList.ANY : addresses,
          found == null ? new Metadata(Map.of()) : found);
    }
  }

  /** The body of {@code POST /v1/keys/import}. */
  record Import(@Nullable List<Issue> keys, @Nullable String reason) {}

  /** The body of {@code renew}. */
  record Renew(
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable Boolean allowShorter,
      @Nullable String reason) {}

  /** The body of {@code rotate}. */
  record Rotate(
      @Nullable Duration overlap, @Nullable Boolean closeOverlap, @Nullable String reason) {}

  /** The body of a command that takes only a reason. */
  record ReasonOnly(@Nullable String reason) {}

  /** The body of {@code revoke}. */
  record Revoke(@Nullable String revocationReason, @Nullable String reason) {
    RevocationReason why(Fields fields) {
      RevocationReason why =
          fields.optional(
              "revocationReason", revocationReason, text -> oneOf(RevocationReason.class, text));
      return why == null ? RevocationReason.UNSPECIFIED : why;
    }
  }

  /** The body of {@code POST /v1/owners/revoke-keys}. */
  record RevokeOwner(
      @Nullable OwnerBody owner, @Nullable String revocationReason, @Nullable String reason) {
    Revoke revoke() {
      return new Revoke(revocationReason, reason);
    }
  }

  /** The body of {@code POST /v1/leaks}, with one of the first two fields. */
  record Leaks(
      @Nullable KeySecret secret, @Nullable List<KeySecret> secrets, @Nullable String reason) {
    /** Reads the reported secrets and collects every error. */
    List<KeySecret> reported(Fields fields) {
      if (secrets == null) {
        KeySecret one = fields.required("secret", secret, found -> found);
        return one == null ? List.of() : List.of(one);
      }
      if (secret != null) {
        fields.wrong("secret", "must not be given together with secrets");
      }
      if (secrets.isEmpty() || secrets.size() > LeakController.SECRETS_MAX) {
        fields.wrong("secrets", "must have 1 to " + LeakController.SECRETS_MAX + " entries");
      }
      return secrets;
    }
  }

  /** The body of {@code PUT permissions}. */
  record Permissions(@Nullable List<String> permissions, @Nullable String reason) {}

  /** The body of {@code PUT restrictions}. */
  record Restrictions(@Nullable List<String> ipAllowList, @Nullable String reason) {}

  /** The body of {@code PATCH}. */
  record Describe(
      @Nullable String name, @Nullable Map<String, String> metadata, @Nullable String reason) {}

  /** The body of {@code transfer}. */
  record Transfer(@Nullable OwnerBody owner, @Nullable String reason) {}

  /** Returns the expiry that one of the two fields requests. */
  static RequestedExpiry expiryOf(
      Fields fields, @Nullable Expiry expiresAt, @Nullable Lifetime lifetime) {
    if (expiresAt != null && lifetime != null) {
      fields.wrong("lifetime", "must not be given together with expiresAt");
    }
    if (expiresAt != null) {
      return expiresAt.requested();
    }
    return lifetime == null ? new RequestedExpiry.ByPolicy() : lifetime.requested();
  }

  static List<Permission> permissionsOf(List<String> texts) {
    if (texts.size() > PERMISSIONS_MAX) {
      throw new IllegalArgumentException("must have at most " + PERMISSIONS_MAX + " entries");
    }
    return texts.stream().map(Permission::known).distinct().toList();
  }

  static IpAllowList ipAllowListOf(List<String> texts) {
    if (texts.size() > IP_ALLOW_LIST_MAX) {
      throw new IllegalArgumentException("must have at most " + IP_ALLOW_LIST_MAX + " entries");
    }
    return IpAllowList.parse(texts);
  }

  static String reasonOf(String text) {
    if (text.codePointCount(0, text.length()) > REASON_LENGTH_MAX) {
      throw new IllegalArgumentException("must have at most " + REASON_LENGTH_MAX + " characters");
    }
    LegalText.require(text);
    return text;
  }

  static byte[] sha256Of(String hex) {
    if (hex.length() != 64) {
      throw new IllegalArgumentException("must be 64 hexadecimal digits");
    }
    return HexFormat.of().parseHex(hex);
  }

  /** Returns the constant with that wire name. */
  static <E extends Enum<E>> E oneOf(Class<E> type, String wireName) {
    E[] constants = type.getEnumConstants();
    return Arrays.stream(constants)
        .filter(constant -> constant.toString().equals(wireName))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "must be one of "
                    + Arrays.stream(constants)
                        .map(Object::toString)
                        .collect(Collectors.joining(", "))));
  }
}
