package dev.keyledger.checking.http;

import static java.util.Objects.requireNonNull;

import dev.keyledger.checking.Explanation;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Plan;
import dev.keyledger.events.Secrets;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Condition;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes explanations: each condition, its outcome, its input, and the event that decided it. */
final class ExplanationWriter {
  private final JsonText json;

  ExplanationWriter(JsonText json) {
    this.json = json;
  }

  /** Writes the property {@code conditions}, in the order of evaluation. */
  void write(Decision decision, Explanation why, Instant now) {
    KeyView key = requireNonNull(decision.key());
    json.writeArrayPropertyStart("conditions");
    for (Condition condition : decision.conditions()) {
      json.writeStartObject();
      json.writeStringProperty("code", condition.code().name());
      json.writeBooleanProperty("passed", condition.met());
      json.writeBooleanProperty("applies", applies(condition.code(), decision, why.check()));
      DecidedBy event = why.events().get(condition.code());
      if (event != null) {
        writeEvent(json, "event", event);
      }
      writeDetails(condition.code(), decision, key, why, now);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void writeEvent(JsonText json, String name, DecidedBy event) {
    json.writeObjectPropertyStart(name);
    json.writeStringProperty("type", event.type().wireName());
    json.writeNumberProperty("position", event.position());
    json.writeTimeProperty("time", event.time());
    json.writeEndObject();
  }

  /**
   * Returns whether the key or the check sets the condition. A condition that is not set is met.
   */
  private static boolean applies(DecisionCode condition, Decision decision, Check check) {
    PresentedKey found = requireNonNull(decision.found());
    KeyFacts key = found.view().facts();
    return switch (condition) {
      case ISSUER_INVALID -> found.dependsOnIssuer();
      case NOT_YET_ACTIVE -> key.validity().notBefore() != null;
      case EXPIRED -> key.validity().expiresAt() != null;
      case WRONG_ENVIRONMENT -> !check.environments().equals(Check.ANY_ENVIRONMENT);
      case IP_NOT_ALLOWED -> !key.ipAllowList().isEmpty();
      case INSUFFICIENT_PERMISSIONS -> !check.allOf().isEmpty() || !check.anyOf().isEmpty();
      case REVOKED, ROTATED_OUT, SUSPENDED, MALFORMED, NOT_FOUND, VALID -> true;
    };
  }

  private void writeDetails(
      DecisionCode condition, Decision decision, KeyView key, Explanation why, Instant now) {
    KeyFacts facts = key.facts();
    switch (condition) {
      case REVOKED -> {
        if (key.state() instanceof KeyState.Revoked revoked) {
          json.writeStringProperty("revocationReason", revoked.reason().toString());
        }
        writePlan(key.state().plan(), true);
      }
      case SUSPENDED -> writePlan(key.state().plan(), false);
      case ROTATED_OUT -> writeGenerations(decision.generation(), facts.secrets(), now);
      case NOT_YET_ACTIVE -> writeTime("notBefore", facts.validity().notBefore());
      case EXPIRED -> writeTime("expiresAt", facts.validity().expiresAt());
      case ISSUER_INVALID -> {
        if (requireNonNull(decision.found()).dependsOnIssuer()) {
          json.writeStringProperty("issuer", requireNonNull(key.issuedBy().id()));
        }
      }
      case WRONG_ENVIRONMENT -> {
        writeTexts(
            "required",
            why.check().environments().stream().sorted().map(Environment::toString).toList());
        json.writeStringProperty("held", facts.environment().toString());
      }
      case IP_NOT_ALLOWED -> {
        writeTexts("required", facts.ipAllowList());
        if (why.check().ip() != null) {
          json.writeStringProperty("held", why.check().ip());
        }
      }
      case INSUFFICIENT_PERMISSIONS -> writePermissions(why.permissions());
      case MALFORMED, NOT_FOUND, VALID -> {
        // no details
      }
    }
  }

  /** Writes a plan with its condition, whether it is in effect already or not. */
  private void writePlan(@Nullable Plan plan, boolean ofRevocation) {
    if (plan != null && plan.revokes() == ofRevocation) {
      json.writeTimeProperty("effectiveAt", plan.effectiveAt());
      if (plan.revocationReason() != null) {
        json.writeStringProperty("revocationReason", plan.revocationReason().toString());
      }
    }
  }

  private void writeGenerations(int presented, Secrets secrets, Instant now) {
    json.writeNumberProperty("generation", presented);
    json.writeNumberProperty("currentGeneration", secrets.generation());
    if (presented == secrets.generation() - 1 && secrets.previous() != null) {
      writeTime("overlapEndsAt", secrets.previous().knownEnd(now));
    }
  }

  private void writePermissions(List<Explanation.Required> permissions) {
    json.writeArrayPropertyStart("permissions");
    for (Explanation.Required required : permissions) {
      json.writeStartObject();
      json.writeStringProperty("permission", required.permission().value());
      json.writeBooleanProperty("held", required.held());
      if (required.pattern() != null && required.event() != null) {
        json.writeStringProperty("pattern", required.pattern());
        writeEvent(json, "event", required.event());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeTexts(String name, List<String> texts) {
    json.writeArrayPropertyStart(name);
    texts.forEach(json::writeString);
    json.writeEndArray();
  }

  private void writeTime(String name, @Nullable Instant time) {
    if (time != null) {
      json.writeTimeProperty(name, time);
    }
  }
}
