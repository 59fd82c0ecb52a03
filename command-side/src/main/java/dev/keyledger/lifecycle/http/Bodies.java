package dev.keyledger.lifecycle.http;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.StorableText;
import dev.keyledger.verification.decision.RequestedPermission;
import dev.keyledger.verification.secret.KeySecret;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The bodies of the commands in JSON: absent fields are null. */
final class Bodies {
  /** The maximum number of permissions of a key. */
  static final int PERMISSIONS_MAX = 100;

  /** The maximum number of addresses and ranges of an allow-list. */
  static final int IP_ALLOW_LIST_MAX = 100;

  /** The maximum number of characters of a reason. */
  static final int REASON_LENGTH_MAX = 500;

  /** The maximum number of characters of the hint of an imported secret. */
  static final int HINT_LENGTH_MAX = 64;

  private static final Pattern HINT = Pattern.compile("[!-~]+");

  /** The length of a SHA-256 in base64 without padding. */
  private static final int BASE64_LENGTH = 43;

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
      // The id is validated even if the type is invalid, so that both errors are reported.
      Owner owner =
          fields.required(
              "owner.id", raw.id, id -> new Owner(type == null ? OwnerType.APP : type, id));
      return type == null ? null : owner;
    }
  }

  /** The body of {@code POST /v1/keys}, and of an entry of an import without its past. */
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
  record Import(@Nullable List<ImportEntry> keys, @Nullable String reason) {}

  /** A key in the body of {@code POST /v1/keys/import}. */
  record ImportEntry(
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
      @Nullable String reason,
      @Nullable String secretHint,
      @Nullable Instant createdAt,
      @Nullable Instant revokedAt,
      @Nullable String revocationReason) {

    /** Returns the fields that an issued key has too. */
    Issue asIssued() {
      return new Issue(
          name,
          owner,
          permissions,
          expiresAt,
          lifetime,
          environment,
          notBefore,
          ipAllowList,
          metadata,
          secretSha256,
          reason);
    }

    /** Reads the history of the key, and collects every error. */
    ImportKey.Past past(Fields fields, Instant now) {
      Instant created = fields.optional("createdAt", createdAt, time -> past(time, now));
      Instant revoked = fields.optional("revokedAt", revokedAt, time -> past(time, now));
      RevocationReason why =
          fields.optional(
              "revocationReason", revocationReason, text -> oneOf(RevocationReason.class, text));
      if (why != null && revokedAt == null) {
        fields.wrong("revocationReason", "must not be given without revokedAt");
      }
      if (created != null && revoked != null && revoked.isBefore(created)) {
        fields.wrong("revokedAt", "must not be before createdAt");
      }
      return revoked == null
          ? new ImportKey.Past(created, null, null)
          : new ImportKey.Past(created, revoked, why == null ? RevocationReason.UNSPECIFIED : why);
    }

    private static Instant past(Instant time, Instant now) {
      if (time.isAfter(now)) {
        throw new IllegalArgumentException("must not be in the future");
      }
      return time.truncatedTo(ChronoUnit.MICROS);
    }

    /**
     * Reads the hint, and refuses the secret itself as a hint.
     *
     * @param sha256 of the secret; null if it is invalid
     */
    @Nullable String hint(Fields fields, byte @Nullable [] sha256) {
      return fields.optional(
          "secretHint",
          secretHint,
          hint -> {
            if (hint.length() > HINT_LENGTH_MAX || !HINT.matcher(hint).matches()) {
              throw new IllegalArgumentException(
                  "must have 1 to " + HINT_LENGTH_MAX + " visible ASCII characters");
            }
            if (sha256 != null && MessageDigest.isEqual(KeySecret.of(hint).sha256(), sha256)) {
              throw new IllegalArgumentException("must not be the secret itself");
            }
            return hint;
          });
    }
  }

  /** The body of {@code renew}. */
  record Renew(
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable Boolean allowShorter,
      @Nullable String reason) {}

  /** The body of {@code POST /v1/keys/renew-batch}. */
  record RenewBatch(
      @Nullable List<String> keyIds,
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable Boolean allowShorter,
      @Nullable Boolean dryRun,
      @Nullable String reason) {}

  /** The body of {@code rotate}. */
  record Rotate(
      @Nullable Duration overlap,
      @Nullable String overlapFrom,
      @Nullable Boolean closeOverlap,
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable String reason) {
    /** Returns the requested expiry; null to keep the present one. */
    @Nullable RequestedExpiry expiry(Fields fields) {
      return optionalExpiryOf(fields, expiresAt, lifetime);
    }
  }

  /** Returns whether an overlap begins with the first use of the new secret, not now. */
  static boolean isFromFirstUse(Fields fields, @Nullable String overlapFrom) {
    return fields.optional("overlapFrom", overlapFrom, text -> oneOf(OverlapFrom.class, text))
        == OverlapFrom.FIRST_USE;
  }

  /** The start of a rotation's overlap. */
  private enum OverlapFrom {
    NOW("now"),
    FIRST_USE("first-use");

    private final String wireName;

    OverlapFrom(String wireName) {
      this.wireName = wireName;
    }

    @Override
    public String toString() {
      return wireName;
    }
  }

  /** The body of {@code POST /v1/self/renew}. */
  record SelfRenew(
      @Nullable Expiry expiresAt, @Nullable Lifetime lifetime, @Nullable String reason) {}

  /** The body of {@code POST /v1/self/rotate}. */
  record SelfRotate(
      @Nullable Duration overlap,
      @Nullable String overlapFrom,
      @Nullable Expiry expiresAt,
      @Nullable Lifetime lifetime,
      @Nullable String reason) {}

  /** The body of a command that takes only a reason. */
  record ReasonOnly(@Nullable String reason) {}

  /** The body of {@code suspend}. */
  record Suspend(@Nullable Instant effectiveAt, @Nullable String reason) {}

  /** The body of {@code revoke}. */
  record RevokeKey(
      @Nullable Instant effectiveAt, @Nullable String revocationReason, @Nullable String reason) {
    RevocationReason why(Fields fields) {
      return new Revoke(revocationReason, reason).why(fields);
    }
  }

  /** The body of a revocation that takes effect at once: by a holder, or of many keys. */
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

  /** Returns the expiry from one of the two fields; null if neither is given. */
  static @Nullable RequestedExpiry optionalExpiryOf(
      Fields fields, @Nullable Expiry expiresAt, @Nullable Lifetime lifetime) {
    return expiresAt == null && lifetime == null ? null : expiryOf(fields, expiresAt, lifetime);
  }

  static List<Permission> permissionsOf(List<String> texts) {
    if (texts.size() > PERMISSIONS_MAX) {
      throw new IllegalArgumentException("must have at most " + PERMISSIONS_MAX + " entries");
    }
    return texts.stream().map(RequestedPermission::of).distinct().toList();
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
    StorableText.require(text);
    return text;
  }

  /** Parses a SHA-256 in hex, base64 or base64url, the latter two with or without padding. */
  static byte[] sha256Of(String text) {
    try {
      if (text.length() == 2 * Digest.BYTES) {
        return HexFormat.of().parseHex(text);
      }
      String unpadded =
          text.length() == BASE64_LENGTH + 1 && text.endsWith("=")
              ? text.substring(0, BASE64_LENGTH)
              : text;
      boolean ofUrl = unpadded.indexOf('-') >= 0 || unpadded.indexOf('_') >= 0;
      byte[] bytes = (ofUrl ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(unpadded);
      Base64.Encoder encoder = ofUrl ? Base64.getUrlEncoder() : Base64.getEncoder();
      // The decoder would ignore bits that are left over at the end.
      if (bytes.length == Digest.BYTES
          && encoder.withoutPadding().encodeToString(bytes).equals(unpadded)) {
        return bytes;
      }
    } catch (IllegalArgumentException otherForm) {
      // falls through to the one refusal, which does not quote the text
    }
    throw new IllegalArgumentException("must be a SHA-256 in hex, base64 or base64url");
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
