package dev.keyledger.http;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.Plan;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.Validity;
import dev.keyledger.log.LastUse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A key as the API shows it, without absent values and without secrets. */
public record KeyResource(
    String keyId,
    String name,
    String workspace,
    Owner owner,
    Environment environment,
    KeyStatus status,
    List<String> permissions,
    List<String> ipAllowList,
    Map<String, String> metadata,
    @Nullable String secretHint,
    int generation,
    @Nullable Instant overlapEndsAt,
    List<SecretResource> secrets,
    Instant createdAt,
    @Nullable Instant notBefore,
    @Nullable Instant expiresAt,
    @Nullable Instant renewableUntil,
    @Nullable Instant nextReminderAt,
    @Nullable Instant revokedAt,
    @Nullable RevocationReason revocationReason,
    @Nullable Planned planned,
    @Nullable Instant lastUsedAt,
    Actor issuedBy,
    long version) {

  /**
   * Returns the id of the key that a path names.
   *
   * @throws ProblemException with {@code not-found} if it does not have the form of an id
   */
  public static KeyId idOf(String pathSegment) {
    try {
      return new KeyId(pathSegment);
    } catch (IllegalArgumentException otherForm) {
      throw notFound();
    }
  }

  /** Returns the one refusal for keys that do not exist and for keys of other workspaces. */
  public static ProblemException notFound() {
    return new ProblemException(ProblemCode.NOT_FOUND, "There is no such key in this workspace.");
  }

  /**
   * A planned command on a key.
   *
   * @param command the command that takes effect then: {@code revoke} or {@code suspend}
   * @param effectiveAt the first instant at which it is in effect
   * @param revocationReason the reason of a revocation; absent for a suspension
   */
  public record Planned(
      String command, Instant effectiveAt, @Nullable RevocationReason revocationReason) {
    private static Planned of(Plan plan) {
      return new Planned(
          plan.revokes() ? "revoke" : "suspend", plan.effectiveAt(), plan.revocationReason());
    }
  }

  /** Returns a key as of a time, without its last use. */
  public static KeyResource of(KeyView view, Instant now) {
    return of(view, now, null);
  }

  /**
   * Returns a key as of a time.
   *
   * @param used its last uses; null if there are none, or they are left out
   */
  public static KeyResource of(KeyView recorded, Instant now, @Nullable LastUse used) {
    KeyView view = recorded.at(now);
    KeyFacts facts = view.facts();
    Plan plan = view.state().plan();
    Secrets secrets = facts.secrets();
    Validity validity = facts.validity();
    Secrets.Previous overlap = secrets.previousAliveAt(now);
    return new KeyResource(
        view.keyId().value(),
        facts.name(),
        view.workspace(),
        facts.owner(),
        facts.environment(),
        view.statusAt(now),
        facts.permissions(),
        facts.ipAllowList(),
        facts.metadata(),
        secrets.current().hint(),
        secrets.generation(),
        overlap == null ? null : overlap.knownEnd(now),
        SecretResource.of(view, now, used),
        view.createdAt(),
        validity.notBefore(),
        validity.expiresAt(),
        validity.renewableUntil(),
        view.state().remindedOf().nextReminderAfter(now),
        view.revokedAt(),
        view.state() instanceof KeyState.Revoked revoked ? revoked.reason() : null,
        plan == null ? null : Planned.of(plan),
        used == null ? null : used.time(),
        view.issuedBy(),
        facts.version());
  }

  /** A key with its new secret, for the caller only. */
  @JsonPropertyOrder({"key", "secret"})
  public record WithSecret(@JsonUnwrapped KeyResource key, String secret) {
    /** Returns a text without the secret. */
    @Override
    public String toString() {
      return "WithSecret[key=" + key + ", secret=redacted]";
    }
  }
}
