package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WebhookChanged;
import dev.keyledger.events.WebhookCreated;
import dev.keyledger.events.WebhookDeleted;
import dev.keyledger.events.WebhookDisabled;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.events.WebhookEnabled;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.events.WebhookSecretRotated;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The expected event of each golden file, by the file's name without {@code .json}. */
final class GoldenEvents {
  private static final Digest FIRST =
      Digest.parse("0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0");
  private static final Digest SECOND =
      Digest.parse("a94a8fe5ccb19ba61c4c0873d391e987982fbbd34a8fe5ccb19ba61c4c0873d3");
  private static final Digest THIRD =
      Digest.parse("1f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1");
  private static final Instant NOT_BEFORE = Instant.parse("2026-02-01T00:00:00Z");
  private static final Instant EXPIRES = Instant.parse("2026-04-15T09:30:00.123456Z");
  private static final Instant RENEWABLE = Instant.parse("2026-05-15T09:30:00.123456Z");
  private static final String KEY = "key_06dj8v2k3f7wd0r9x5m4n6p8qs";
  private static final String WEBHOOK = "whk_01k00000000000000000000000";
  private static final List<Duration> REMINDERS =
      List.of(Duration.ofDays(30), Duration.ofDays(7), Duration.ofHours(36));

  static final Map<String, LedgerEvent> ALL =
      Map.ofEntries(
          Map.entry(
              "KeyIssued.v1",
              new KeyIssued(
                  "Nächtlicher Export",
                  new Owner(OwnerType.SERVICE, "billing.export"),
                  Environment.LIVE,
                  new StoredSecret(FIRST, 3, "kl_live_...x7Qz"),
                  List.of("read:invoices", "write:exports:*"),
                  NOT_BEFORE,
                  EXPIRES,
                  RENEWABLE,
                  REMINDERS,
                  List.of("203.0.113.0/24", "2001:db8::/32"),
                  Map.of("team", "billing", "cost-centre", "4711"))),
          Map.entry(
              "KeyIssued.v1.minimal",
              new KeyIssued(
                  "never ends",
                  new Owner(OwnerType.APP, "web"),
                  Environment.TEST,
                  new StoredSecret(SECOND, 1, null),
                  List.of(),
                  null,
                  null,
                  null,
                  List.of(),
                  List.of(),
                  Map.of())),
          Map.entry(
              "KeyIssued.v1.scopes",
              new KeyIssued(
                  "Mobile gateway",
                  new Owner(OwnerType.USER, "auth0|5f7c\"\\,;%20"),
                  Environment.LIVE,
                  new StoredSecret(THIRD, 3, "kl_live_...q9Zz"),
                  List.of(
                      "*",
                      "User.Read",
                      "https://example.com/auth/*",
                      "keyledger:grant:https://example.com/auth/drive",
                      "keyledger:self:rotate",
                      "repo",
                      "s3:GetObject",
                      "users/*/read"),
                  null,
                  EXPIRES,
                  RENEWABLE,
                  REMINDERS,
                  List.of(),
                  Map.of())),
          Map.entry(
              "KeyImported.v1",
              new KeyImported(
                  "from the old table",
                  new Owner(OwnerType.USER, "42"),
                  Environment.LIVE,
                  new StoredSecret(SECOND, 2, null),
                  List.of("read:users"),
                  NOT_BEFORE,
                  EXPIRES,
                  RENEWABLE,
                  REMINDERS,
                  List.of("198.51.100.7/32"),
                  Map.of("source", "legacy"))),
          Map.entry(
              "KeyImported.v1.minimal",
              new KeyImported(
                  "never ends",
                  new Owner(OwnerType.USER, "43"),
                  Environment.LIVE,
                  new StoredSecret(FIRST, 2, null),
                  List.of("read:users"),
                  null,
                  null,
                  null,
                  List.of(),
                  List.of(),
                  Map.of())),
          Map.entry(
              "KeyImported.v1.revoked",
              new KeyImported(
                  "dead in the old table",
                  new Owner(OwnerType.USER, "44"),
                  Environment.LIVE,
                  new StoredSecret(FIRST, 2, "ak_...9Zx1"),
                  List.of("read:users"),
                  null,
                  EXPIRES,
                  RENEWABLE,
                  List.of(),
                  List.of(),
                  Map.of(),
                  Instant.parse("2019-08-01T12:00:00Z"),
                  Instant.parse("2025-12-24T18:30:00.5Z"),
                  RevocationReason.COMPROMISED)),
          Map.entry("KeyRenewed.v1", new KeyRenewed(EXPIRES, RENEWABLE, REMINDERS)),
          Map.entry("KeyRenewed.v1.minimal", new KeyRenewed(null, null, List.of())),
          Map.entry(
              "KeyRotated.v1",
              new KeyRotated(2, new StoredSecret(SECOND, 3, "kl_live_...k2Lm"), EXPIRES)),
          Map.entry(
              "KeyRotated.v1.minimal",
              new KeyRotated(3, new StoredSecret(FIRST, 3, null), EXPIRES)),
          Map.entry(
              "KeyRotated.v1.waiting",
              new KeyRotated(
                  2,
                  new StoredSecret(SECOND, 3, "kl_live_...k2Lm"),
                  EXPIRES,
                  Duration.ofHours(12),
                  Duration.ofHours(1))),
          Map.entry("OverlapStarted.v1", new OverlapStarted(2, EXPIRES, true)),
          Map.entry("RotationCompleted.v1", new RotationCompleted(2, true)),
          Map.entry("SecretRetired.v1", new SecretRetired(1)),
          Map.entry("KeySuspended.v1", new KeySuspended()),
          Map.entry("KeyResumed.v1", new KeyResumed()),
          Map.entry("KeyRevoked.v1", new KeyRevoked(RevocationReason.OWNER_LEFT)),
          Map.entry(
              "RevocationPlanned.v1", new RevocationPlanned(EXPIRES, RevocationReason.OWNER_LEFT)),
          Map.entry("SuspensionPlanned.v1", new SuspensionPlanned(EXPIRES)),
          Map.entry("PlanCancelled.v1", new PlanCancelled()),
          Map.entry(
              "PermissionsChanged.v1",
              new PermissionsChanged(List.of("write:users"), List.of("read:*", "read:users"))),
          Map.entry(
              "PermissionsChanged.v1.scopes",
              new PermissionsChanged(
                  List.of("User.Read", "https://example.com/auth/drive", "openid"),
                  List.of("keyledger:verfy", "read.*"))),
          Map.entry(
              "RestrictionsChanged.v1",
              new RestrictionsChanged(List.of("203.0.113.0/24", "2001:db8::/32"))),
          Map.entry(
              "KeyDescribed.v1",
              new KeyDescribed("renamed", Map.of("b", "2", "a", "1 \"quoted\""))),
          Map.entry("KeyTransferred.v1", new KeyTransferred(new Owner(OwnerType.APP, "mobile"))),
          Map.entry(
              "KeyTransferred.v1.spiffe",
              new KeyTransferred(
                  new Owner(OwnerType.SERVICE, "spiffe://example.org/ns/default/sa/web"))),
          Map.entry("LeakReported.v1", new LeakReported(2)),
          Map.entry("ExpiryApproaching.v1", new ExpiryApproaching(Duration.ofDays(7), EXPIRES)),
          Map.entry("KeyExpired.v1", new KeyExpired(EXPIRES)),
          Map.entry("WorkspaceOpened.v1", new WorkspaceOpened(policy(List.of("read:*")))),
          Map.entry("WorkspaceOpened.v1.minimal", new WorkspaceOpened(policy(null))),
          Map.entry("WorkspaceOpened.v1.outliving", new WorkspaceOpened(policy(null, true))),
          Map.entry("PolicyChanged.v1", new PolicyChanged(policy(List.of("read:*", "write:*")))),
          Map.entry(
              "PolicyChanged.v1.scopes",
              new PolicyChanged(policy(List.of("*", "users/*", "keyledger:self:*")))),
          Map.entry("PolicyChanged.v1.minimal", new PolicyChanged(policy(null))),
          Map.entry("PolicyChanged.v1.outliving", new PolicyChanged(policy(null, true))),
          Map.entry(
              "PolicyChanged.v1.holders",
              new PolicyChanged(
                  policy(
                      null,
                      null,
                      List.of(
                          HolderAction.RENEW, HolderAction.RENEW_EXPIRED, HolderAction.ROTATE)))),
          Map.entry(
              "PolicyChanged.v1.quiet",
              new PolicyChanged(policy(null, null, null, Duration.ofMinutes(30)))),
          Map.entry("WorkspaceClosed.v1", new WorkspaceClosed()),
          Map.entry(
              "WebhookCreated.v1",
              new WebhookCreated(
                  WEBHOOK,
                  WebhookKind.HTTP,
                  List.of("KeyExpired", "KeyRevoked"),
                  new Owner(OwnerType.USER, "42"),
                  "val_01k00000000000000000000001",
                  "val_01k00000000000000000000002")),
          Map.entry(
              "WebhookCreated.v1.minimal",
              new WebhookCreated(
                  WEBHOOK, WebhookKind.EMAIL, null, null, "val_01k00000000000000000000001", null)),
          Map.entry(
              "WebhookChanged.v1",
              new WebhookChanged(
                  WEBHOOK,
                  List.of("KeyIssued"),
                  new Owner(OwnerType.APP, "mobile"),
                  "val_01k00000000000000000000003")),
          Map.entry(
              "WebhookChanged.v1.minimal",
              new WebhookChanged(WEBHOOK, null, null, "val_01k00000000000000000000003")),
          Map.entry("WebhookEnabled.v1", new WebhookEnabled(WEBHOOK)),
          Map.entry("WebhookDisabled.v1", new WebhookDisabled(WEBHOOK, WebhookDisabledReason.GONE)),
          Map.entry(
              "WebhookSecretRotated.v1",
              new WebhookSecretRotated(WEBHOOK, "val_01k00000000000000000000004", EXPIRES)),
          Map.entry("WebhookDeleted.v1", new WebhookDeleted(WEBHOOK)),
          Map.entry(
              "ContextErased.v1",
              new ContextErased(new Actor(ActorType.OPERATOR, KEY), null, 10_000)),
          Map.entry("ContextErased.v1.key", new ContextErased(null, KEY, 1)),
          Map.entry("ContextErased.v1.root", new ContextErased(Actor.ROOT, null, 17)));

  private GoldenEvents() {}

  private static WorkspacePolicy policy(@Nullable List<String> allowedPermissions) {
    return policy(allowedPermissions, null);
  }

  private static WorkspacePolicy policy(
      @Nullable List<String> allowedPermissions, @Nullable Boolean operatorsOutliveIssuer) {
    return policy(allowedPermissions, operatorsOutliveIssuer, null);
  }

  private static WorkspacePolicy policy(
      @Nullable List<String> allowedPermissions,
      @Nullable Boolean operatorsOutliveIssuer,
      @Nullable List<HolderAction> holderMay) {
    return policy(allowedPermissions, operatorsOutliveIssuer, holderMay, null);
  }

  private static WorkspacePolicy policy(
      @Nullable List<String> allowedPermissions,
      @Nullable Boolean operatorsOutliveIssuer,
      @Nullable List<HolderAction> holderMay,
      @Nullable Duration rotationQuiet) {
    return new WorkspacePolicy(
        Duration.ofDays(90),
        Duration.ofDays(366),
        true,
        Duration.ofDays(30),
        Duration.ofHours(12),
        REMINDERS,
        allowedPermissions,
        250_000,
        operatorsOutliveIssuer,
        holderMay,
        rotationQuiet);
  }
}
