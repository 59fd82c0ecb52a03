package dev.keyledger.checking.http;

import static java.util.Objects.requireNonNull;

import dev.keyledger.checking.Verdict;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Plan;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.Validity;
import dev.keyledger.http.Problem;
import dev.keyledger.http.StrictJson;
import dev.keyledger.verification.decision.Decision;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes verdicts as JSON, field by field, without a mapper, for speed. */
final class VerdictWriter {
  private static final int TYPICAL_BYTES = 1024;

  private final JsonText json = new JsonText(TYPICAL_BYTES);

  /**
   * Returns the verdict on one check.
   *
   * @param cacheable whether to add the data to judge the key again
   */
  static byte[] one(Verdict verdict, boolean cacheable) {
    var writer = new VerdictWriter();
    writer.write(verdict, cacheable);
    return writer.json.toBytes();
  }

  /**
   * Returns the results of a batch, in order.
   *
   * @param verdicts one for each entry without a problem
   */
  static byte[] batch(List<CheckRequest.Entry> entries, List<Verdict> verdicts, String requestId) {
    var writer = new VerdictWriter();
    writer.json.writeStartObject();
    writer.json.writeArrayPropertyStart("results");
    Iterator<Verdict> verdict = verdicts.iterator();
    for (CheckRequest.Entry entry : entries) {
      if (entry.check() != null) {
        writer.write(verdict.next(), entry.check().cacheable());
      } else {
        writer.write(Problem.of(requireNonNull(entry.problem()), requestId));
      }
    }
    writer.json.writeEndArray();
    writer.json.writeEndObject();
    return writer.json.toBytes();
  }

  private void write(Problem problem) {
    json.writeStartObject();
    json.writeJsonProperty("problem", StrictJson.MAPPER.writeValueAsBytes(problem));
    json.writeEndObject();
  }

  private void write(Verdict verdict, boolean cacheable) {
    Decision decision = verdict.decision();
    json.writeStartObject();
    json.writeBooleanProperty("valid", decision.valid());
    json.writeStringProperty("code", decision.code().name());
    if (decision.key() != null) {
      writeKey(decision.key(), verdict);
      if (cacheable) {
        writeConditions(decision.key(), verdict.decidedAt());
      }
    }
    json.writeNumberProperty("position", decision.position());
    json.writeTimeProperty("asOf", verdict.asOf());
    if (verdict.explanation() != null) {
      new ExplanationWriter(json).write(decision, verdict.explanation(), verdict.decidedAt());
    }
    json.writeEndObject();
  }

  private void writeKey(KeyView key, Verdict verdict) {
    Decision decision = verdict.decision();
    KeyFacts facts = key.facts();
    Validity validity = facts.validity();
    json.writeStringProperty("keyId", key.keyId().value());
    json.writeStringProperty("name", facts.name());
    json.writeStringProperty("workspace", key.workspace());
    json.writeObjectPropertyStart("owner");
    json.writeStringProperty("type", facts.owner().type().toString());
    json.writeStringProperty("id", facts.owner().id());
    json.writeEndObject();
    json.writeStringProperty("environment", facts.environment().toString());
    writeTexts("permissions", facts.permissions());
    json.writeArrayPropertyStart("missingPermissions");
    for (Permission missing : decision.missingPermissions()) {
      json.writeString(missing.value());
    }
    json.writeEndArray();
    writeMetadata(facts.metadata());
    writeTime("expiresAt", validity.expiresAt());
    writeTime("renewableUntil", validity.renewableUntil());
    json.writeBooleanProperty("renewalDue", decision.renewalDue(verdict.decidedAt()));
    json.writeNumberProperty("generation", decision.generation());
    json.writeNumberProperty("currentGeneration", facts.secrets().generation());
    Secrets.Previous overlap = facts.secrets().previousAliveAt(verdict.decidedAt());
    writeTime("overlapEndsAt", overlap == null ? null : overlap.knownEnd(verdict.decidedAt()));
    if (decision.decidedBy() != null) {
      ExplanationWriter.writeEvent(json, "decidedBy", decision.decidedBy());
    }
  }

  /** Writes the conditions that the other fields do not tell. */
  private void writeConditions(KeyView key, Instant now) {
    writeTexts("ipAllowList", key.facts().ipAllowList());
    writeTime("notBefore", key.facts().validity().notBefore());
    Plan plan = key.state().plan();
    if (plan != null && !plan.isInEffectAt(now)) {
      json.writeObjectPropertyStart("planned");
      json.writeStringProperty("command", plan.revokes() ? "revoke" : "suspend");
      json.writeTimeProperty("effectiveAt", plan.effectiveAt());
      if (plan.revocationReason() != null) {
        json.writeStringProperty("revocationReason", plan.revocationReason().toString());
      }
      json.writeEndObject();
    }
  }

  private void writeMetadata(Map<String, String> metadata) {
    json.writeObjectPropertyStart("metadata");
    metadata.forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  private void writeTexts(String name, List<String> texts) {
    json.writeArrayPropertyStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private void writeTime(String name, @Nullable Instant time) {
    if (time != null) {
      json.writeTimeProperty(name, time);
    }
  }
}
