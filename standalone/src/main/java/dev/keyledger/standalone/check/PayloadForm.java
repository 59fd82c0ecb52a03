package dev.keyledger.standalone.check;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Which fields the payload of an event has. Written down here once more, from docs/events.md: who
 * checks the log must not ask those who write it.
 */
record PayloadForm(Set<String> required, Set<String> optional) {
  private static final Set<String> OF_A_NEW_KEY =
      Set.of(
          "name",
          "owner",
          "environment",
          "secret",
          "permissions",
          "reminders",
          "ipAllowList",
          "metadata");
  private static final Set<String> VALIDITY = Set.of("notBefore", "expiresAt", "renewableUntil");

  private static final Map<String, PayloadForm> FORMS =
      Map.ofEntries(
          Map.entry("KeyIssued 1", new PayloadForm(OF_A_NEW_KEY, VALIDITY)),
          Map.entry("KeyImported 1", new PayloadForm(OF_A_NEW_KEY, VALIDITY)),
          Map.entry(
              "KeyRenewed 1",
              new PayloadForm(Set.of("reminders"), Set.of("expiresAt", "renewableUntil"))),
          Map.entry("KeyRotated 1", exactly("generation", "secret", "overlapEndsAt")),
          Map.entry("SecretRetired 1", exactly("generation")),
          Map.entry("KeySuspended 1", exactly()),
          Map.entry("KeyResumed 1", exactly()),
          Map.entry("KeyRevoked 1", exactly("revocationReason")),
          Map.entry("PermissionsChanged 1", exactly("added", "removed")),
          Map.entry("RestrictionsChanged 1", exactly("ipAllowList")),
          Map.entry("KeyDescribed 1", exactly("name", "metadata")),
          Map.entry("KeyTransferred 1", exactly("owner")),
          Map.entry("LeakReported 1", exactly("generation")),
          Map.entry("ExpiryApproaching 1", exactly("offset", "expiresAt")),
          Map.entry("KeyExpired 1", exactly("expiresAt")),
          Map.entry("WorkspaceOpened 1", exactly("policy")),
          Map.entry("PolicyChanged 1", exactly("policy")),
          Map.entry("WorkspaceClosed 1", exactly()));

  private static PayloadForm exactly(String... fields) {
    return new PayloadForm(Set.of(fields), Set.of());
  }

  /** The form of a type's version; empty if there is no such event. */
  static Optional<PayloadForm> of(String type, int version) {
    return Optional.ofNullable(FORMS.get(type + " " + version));
  }

  /** What is wrong with a payload's fields; empty if nothing is. */
  Optional<String> fault(JsonNode payload) {
    if (!payload.isObject()) {
      return Optional.of("it is no object");
    }
    var missing = new TreeSet<>(required);
    var unknown = new TreeSet<String>();
    payload
        .propertyNames()
        .forEach(field -> {
          missing.remove(field);
          if (!required.contains(field) && !optional.contains(field)) {
            unknown.add(field);
          }
        });
    return missing.isEmpty() && unknown.isEmpty()
        ? Optional.empty()
        : Optional.of("it lacks %s and has %s too many".formatted(missing, unknown));
  }
}
