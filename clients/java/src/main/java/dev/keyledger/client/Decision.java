package dev.keyledger.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link Check}.
 *
 * @param valid whether the key passes the check
 * @param key the facts about the key; null exactly if it is malformed or not found
 * @param missingPermissions those of allOf that the key lacks, then all of anyOf if it holds none
 * @param decidedBy the event behind the code; null without a key, and where a local decision
 *     differs from what the service last said
 * @param conditions with {@link Check#explained}, the outcome of every condition, as the service
 *     describes it; otherwise empty
 * @param position the decision takes into account everything in the log up to this position
 * @param asOf the log's time up to which, at least, it takes everything into account
 * @param source the place where it was made
 */
public record Decision(
    boolean valid,
    DecisionCode code,
    @Nullable CheckedKey key,
    List<String> missingPermissions,
    @Nullable EventReference decidedBy,
    List<Map<String, Object>> conditions,
    long position,
    Instant asOf,
    Source source)
    implements CheckResult {

  /** The place where a decision was made. */
  public enum Source {
    /** The service, for this check. */
    SERVICE,
    /** This client, from earlier answers of the service, with a live feed. */
    LOCAL,
    /** This client, while neither the feed nor the service could be reached. */
    LOCAL_CUT_OFF
  }

  /**
   * The facts about a key in the answer to a check.
   *
   * @param renewalDue whether the first reminder of its expiry is due
   * @param generation the generation of the presented secret, 1 or more
   * @param currentGeneration higher than {@code generation} if the presented secret is an old one
   * @param overlapEndsAt the end of the previous secret; null if none is open, or while the overlap
   *     waits for the first use of the current secret
   */
  public record CheckedKey(
      String keyId,
      String name,
      String workspace,
      Owner owner,
      Environment environment,
      List<String> permissions,
      Map<String, String> metadata,
      @Nullable Instant expiresAt,
      @Nullable Instant renewableUntil,
      boolean renewalDue,
      int generation,
      int currentGeneration,
      @Nullable Instant overlapEndsAt) {
    /** Returns the key at a time: an overlap may have ended since. */
    CheckedKey at(Instant now) {
      return overlapEndsAt == null || now.isBefore(overlapEndsAt)
          ? this
          : new CheckedKey(
              keyId,
              name,
              workspace,
              owner,
              environment,
              permissions,
              metadata,
              expiresAt,
              renewableUntil,
              renewalDue,
              generation,
              currentGeneration,
              null);
    }

    static CheckedKey of(Fields fields) {
      return new CheckedKey(
          fields.text("keyId"),
          fields.text("name"),
          fields.text("workspace"),
          Owner.of(fields.required("owner")),
          fields.constant("environment", Environment.LIVE),
          fields.texts("permissions"),
          fields.textMap("metadata"),
          fields.optionalTime("expiresAt"),
          fields.optionalTime("renewableUntil"),
          fields.flag("renewalDue"),
          (int) fields.number("generation"),
          (int) fields.number(fields.has("currentGeneration") ? "currentGeneration" : "generation"),
          fields.optionalTime("overlapEndsAt"));
    }
  }

  /**
   * An event of the log.
   *
   * @param type such as {@code KeyRevoked}
   */
  public record EventReference(String type, long position, Instant time) {
    static EventReference of(Fields fields) {
      return new EventReference(
          fields.text("type"), fields.number("position"), fields.time("time"));
    }
  }

  static Decision of(Fields fields) {
    return new Decision(
        fields.flag("valid"),
        fields.constant("code", DecisionCode.OTHER),
        fields.has("keyId") ? CheckedKey.of(fields) : null,
        fields.texts("missingPermissions"),
        fields.object("decidedBy", EventReference::of),
        fields.maps("conditions"),
        fields.number("position"),
        fields.time("asOf"),
        Source.SERVICE);
  }
}
