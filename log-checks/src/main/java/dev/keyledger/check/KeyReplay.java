package dev.keyledger.check;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Computes the rows that must exist for the events of one key. It works on JSON trees and shares no
 * code with the projections, because those are what is checked. Not thread-safe.
 */
final class KeyReplay {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Set<String> ALLOWED_WHEN_REVOKED =
      Set.of("LeakReported", "ExpiryApproaching", "KeyExpired");
  private static final Set<String> FIRST_EVENTS = Set.of("KeyIssued", "KeyImported");
  private static final Set<String> REMINDERS = Set.of("ExpiryApproaching", "KeyExpired");

  /** Events of timers, which the version does not count. */
  private static final Set<String> UNCOUNTED =
      Set.of("ExpiryApproaching", "KeyExpired", "OverlapStarted", "RotationCompleted");

  private final Findings findings;
  private final ObjectNode facts = JSON.createObjectNode();
  private final TreeSet<String> held = new TreeSet<>();
  private final TreeSet<Integer> leaked = new TreeSet<>();
  private final Set<String> secretRows = new LinkedHashSet<>();
  private @Nullable String ownerRow;
  private final Set<String> reminderRows = new LinkedHashSet<>();
  private final List<ObjectNode> expiryRows = new ArrayList<>();
  private final List<ObjectNode> auditRows = new ArrayList<>();
  private @Nullable StoredEvent first;
  private @Nullable StoredEvent last;
  private String state = "active";
  private @Nullable JsonNode revocationReason;
  private @Nullable JsonNode createdAt;
  private @Nullable JsonNode revokedAt;
  private @Nullable ObjectNode plan;
  private int generation = 1;
  private @Nullable JsonNode secret;
  private @Nullable ObjectNode previous;
  private @Nullable JsonNode rotationQuiet;
  private boolean rotationCompleted;
  private long version;

  KeyReplay(Findings findings) {
    this.findings = findings;
  }

  /** Applies the key's next event, and adds a finding if it cannot follow. */
  void add(StoredEvent event, JsonNode fields) {
    checkOrder(event);
    if (first == null) {
      first = event;
      begin(event, fields);
    } else {
      apply(event, fields);
    }
    if (!UNCOUNTED.contains(event.type())) {
      version++;
    }
    addOwner(event, fields);
    addReminder(event, fields);
    addSecret(event, fields);
    addExpiry(event);
    auditRows.add(auditRow(event));
    last = event;
  }

  private void checkOrder(StoredEvent event) {
    StoredEvent before = last;
    long expected = before == null ? 0 : before.sequence() + 1;
    if (event.sequence() != expected) {
      findings.add(
          "sequence", event.at("it is number %d, not %d".formatted(event.sequence(), expected)));
    }
    if (before != null && event.position() <= before.position()) {
      findings.add("sequence", event.at("its position is not after that of the event before it"));
    }
    if (before != null && !event.workspace().equals(before.workspace())) {
      findings.add("workspace", event.at("it is not the workspace of the event before it"));
    }
    if ((before == null) != FIRST_EVENTS.contains(event.type())) {
      findings.add("impossible event", event.at(event.type() + " as number " + expected));
    }
    if (state.equals("revoked") && !ALLOWED_WHEN_REVOKED.contains(event.type())) {
      findings.add("impossible event", event.at(event.type() + " after KeyRevoked"));
    }
  }

  private void begin(StoredEvent event, JsonNode fields) {
    for (String name : List.of("name", "metadata", "owner", "environment", "ipAllowList")) {
      facts.set(name, fields.path(name));
    }
    facts.set("permissions", fields.path("permissions"));
    fields.path("permissions").forEach(permission -> held.add(permission.asString()));
    secret = fields.path("secret");
    setValidity(fields, fields.get("notBefore"));
    createdAt = fields.get("createdAt");
    revokedAt = fields.get("revokedAt");
    revocationReason = fields.get("revocationReason");
    require(event, (revokedAt == null) == (revocationReason == null), "half revoked");
    if (revokedAt != null) {
      state = "revoked";
    }
  }

  private void setValidity(JsonNode fields, @Nullable JsonNode notBefore) {
    ObjectNode validity = JSON.createObjectNode();
    put(validity, "notBefore", notBefore);
    put(validity, "expiresAt", fields.get("expiresAt"));
    put(validity, "renewableUntil", fields.get("renewableUntil"));
    ArrayNode reminders = validity.putArray("reminders");
    fields.path("reminders").forEach(reminder -> reminders.add(duration(reminder)));
    facts.set("validity", validity);
  }

  /** Returns a duration of an event in the form of views; null for none. */
  private static @Nullable JsonNode duration(@Nullable JsonNode text) {
    return text == null
        ? null
        : JsonNodeFactory.instance.stringNode(Duration.parse(text.asString()).toString());
  }

  private void apply(StoredEvent event, JsonNode fields) {
    switch (event.type()) {
      case "KeyRenewed" -> setValidity(fields, facts.path("validity").get("notBefore"));
      case "KeyRotated" -> rotate(event, fields);
      case "OverlapStarted" -> startOverlap(event, fields);
      case "RotationCompleted" -> {
        require(event, fields.path("generation").asInt() == generation, "of that generation");
        require(event, rotationQuiet != null, "a second time");
        rotationQuiet = null;
        rotationCompleted = true;
      }
      case "SecretRetired" -> {
        require(event, fields.path("generation").asInt() == generation - 1, "of that generation");
        require(event, previous != null, "without an old secret");
        previous = null;
      }
      case "LeakReported" -> {
        int reported = fields.path("generation").asInt();
        require(event, reported >= 1 && reported <= generation, "of that generation");
        require(event, leaked.add(reported), "a second time");
      }
      case "KeySuspended" -> {
        require(event, state.equals("active"), "of a key that is " + state);
        state = "suspended";
        plan = plan != null && plan.has("revocationReason") ? plan : null;
      }
      case "KeyResumed" -> {
        require(event, state.equals("suspended"), "of a key that is " + state);
        state = "active";
      }
      case "KeyRevoked" -> {
        state = "revoked";
        revocationReason = fields.path("revocationReason");
        revokedAt = revokedBy(event.time());
        plan = null;
      }
      case "RevocationPlanned", "SuspensionPlanned" -> {
        require(event, plan == null, "beside another plan");
        require(
            event,
            state.equals("active") || fields.has("revocationReason"),
            "of a key that is " + state);
        plan = JSON.createObjectNode();
        put(plan, "effectiveAt", fields.path("effectiveAt"));
        put(plan, "revocationReason", fields.get("revocationReason"));
      }
      case "PlanCancelled" -> {
        require(event, plan != null, "without a plan");
        plan = null;
      }
      case "PermissionsChanged" -> changePermissions(event, fields);
      case "RestrictionsChanged" -> facts.set("ipAllowList", fields.path("ipAllowList"));
      case "KeyDescribed" -> {
        facts.set("name", fields.path("name"));
        facts.set("metadata", fields.path("metadata"));
      }
      case "KeyTransferred" -> facts.set("owner", fields.path("owner"));
      default -> {
        // A reminder, or a second first event, which checkOrder reports.
      }
    }
  }

  /** Returns the time for which the revocation was planned, if that has come; else the event's. */
  private JsonNode revokedBy(Instant time) {
    return plan != null
            && plan.has("revocationReason")
            && !time.isBefore(Instant.parse(plan.path("effectiveAt").asString()))
        ? plan.path("effectiveAt")
        : JsonNodeFactory.instance.stringNode(time.toString());
  }

  private void rotate(StoredEvent event, JsonNode fields) {
    require(event, fields.path("generation").asInt() == generation + 1, "to that generation");
    generation = fields.path("generation").asInt();
    ObjectNode old = JSON.createObjectNode();
    put(old, "secret", secret);
    old.set("overlapEndsAt", fields.path("overlapEndsAt"));
    put(old, "waitingOverlap", duration(fields.get("overlapFromFirstUse")));
    previous = old;
    rotationCompleted = false;
    secret = fields.path("secret");
    rotationQuiet = duration(fields.get("rotationQuiet"));
  }

  private void startOverlap(StoredEvent event, JsonNode fields) {
    require(event, fields.path("generation").asInt() == generation, "of that generation");
    ObjectNode old = previous;
    require(event, old != null && old.has("waitingOverlap"), "without an overlap that waits");
    if (old != null) {
      old.remove("waitingOverlap");
      Instant end = Instant.parse(fields.path("overlapEndsAt").asString());
      if (end.isBefore(Instant.parse(old.path("overlapEndsAt").asString()))) {
        old.set("overlapEndsAt", fields.path("overlapEndsAt"));
      }
    }
  }

  private void changePermissions(StoredEvent event, JsonNode fields) {
    for (JsonNode removed : fields.path("removed")) {
      require(event, held.remove(removed.asString()), "removes what the key does not hold");
    }
    for (JsonNode added : fields.path("added")) {
      require(event, held.add(added.asString()), "adds what the key holds");
    }
    ArrayNode permissions = JSON.createArrayNode();
    held.forEach(permissions::add);
    facts.set("permissions", permissions);
  }

  private void require(StoredEvent event, boolean possible, String what) {
    if (!possible) {
      findings.add("impossible event", event.at(event.type() + " " + what));
    }
  }

  private void addOwner(StoredEvent event, JsonNode fields) {
    if (fields.has("owner")) {
      ownerRow =
          "%s %s %s"
              .formatted(
                  event.workspace(),
                  fields.path("owner").path("type").asString(),
                  fields.path("owner").path("id").asString());
    }
  }

  private void addReminder(StoredEvent event, JsonNode fields) {
    if (REMINDERS.contains(event.type())) {
      String offset = fields.path("offset").asString("PT0S");
      String reminder = "%s before %s".formatted(offset, fields.path("expiresAt").asString());
      require(event, reminderRows.add(reminder), "a second time");
    }
  }

  private void addSecret(StoredEvent event, JsonNode fields) {
    if (fields.has("secret")) {
      secretRows.add(
          "%s generation %d of %s"
              .formatted(
                  fields.path("secret").path("digest").asString(), generation, event.workspace()));
    }
  }

  private void addExpiry(StoredEvent event) {
    JsonNode expiresAt = facts.path("validity").get("expiresAt");
    Long micros = expiresAt == null ? null : microsAtOrAfter(Instant.parse(expiresAt.asString()));
    ObjectNode open = expiryRows.isEmpty() ? null : expiryRows.getLast();
    if (open != null && open.has("until_position")) {
      open = null;
    }
    JsonNode before = open == null ? null : open.get("exact");
    if (Objects.equals(before, expiresAt)) {
      return;
    }
    if (open != null) {
      open.put("until_position", event.position());
    }
    if (micros != null) {
      ObjectNode row = JSON.createObjectNode();
      row.put("key_id", event.streamId());
      row.put("workspace", event.workspace());
      row.put("expires_at_micros", micros);
      row.put("from_position", event.position());
      row.set("exact", expiresAt);
      expiryRows.add(row);
    }
  }

  private ObjectNode auditRow(StoredEvent event) {
    ObjectNode row = JSON.createObjectNode();
    row.put("position", event.position());
    row.put("workspace", event.workspace());
    row.put("key_id", event.streamId());
    row.set("owner_type", facts.path("owner").path("type"));
    row.set("owner_id", facts.path("owner").path("id"));
    row.put("actor_type", event.actorType());
    if (event.actorId() != null) {
      row.put("actor_id", event.actorId());
    }
    row.put("type", event.type());
    row.put("time_micros", microsAtOrAfter(event.time()));
    return row;
  }

  /** Returns the expected rows of {@code log.key_secret}: digest, generation and workspace. */
  Set<String> secretRows() {
    return secretRows;
  }

  /** Returns the expected row of {@code log.key_owner}, if any: workspace, type and id. */
  Set<String> ownerRows() {
    return ownerRow == null || revokedAt != null ? Set.of() : Set.of(ownerRow);
  }

  /** Returns the expected rows of {@code log.key_reminder}: offset and expiry. */
  Set<String> reminderRows() {
    return reminderRows;
  }

  /** Returns the expected rows of {@code read.audit} for the events so far, oldest first. */
  List<ObjectNode> auditRows() {
    return List.copyOf(auditRows);
  }

  /** Returns the expected rows of {@code read.directory_expiry} so far, oldest first. */
  List<ObjectNode> expiryRows() {
    return expiryRows.stream()
        .map(row -> {
          ObjectNode shown = row.deepCopy();
          shown.remove("exact");
          return shown;
        })
        .toList();
  }

  /**
   * A change of a number of keys in {@code read.directory_count}.
   *
   * @param day its day since 1970, by UTC; null: from the beginning
   */
  record DayChange(String workspace, String kind, @Nullable Long day) {}

  /** Returns what the key contributes to the days of {@code read.directory_count} so far. */
  Map<DayChange, Long> dayChanges() {
    String workspace = Objects.requireNonNull(last, "no event was added").workspace();
    JsonNode validity = facts.path("validity");
    var changes = new HashMap<DayChange, Long>();
    Set<String> before = kindsAt(Instant.MIN);
    before.forEach(kind -> changes.merge(new DayChange(workspace, kind, null), 1L, Long::sum));
    var times = new TreeSet<Instant>();
    for (JsonNode time :
        List.of(
            validity.path("notBefore"),
            validity.path("expiresAt"),
            plan == null ? JSON.missingNode() : plan.path("effectiveAt"),
            closableUntil())) {
      instant(time).ifPresent(times::add);
    }
    for (Instant time : times) {
      Set<String> after = kindsAt(time);
      for (String kind : before) {
        changes.merge(new DayChange(workspace, kind, dayOf(time)), -1L, Long::sum);
      }
      for (String kind : after) {
        changes.merge(new DayChange(workspace, kind, dayOf(time)), 1L, Long::sum);
      }
      before = after;
    }
    Instant end = instant(validity.path("expiresAt")).orElse(null);
    if (end != null && !kindsAt(end).contains("revoked")) {
      changes.merge(new DayChange(workspace, "expiries", dayOf(end)), 1L, Long::sum);
    }
    return changes;
  }

  private Set<String> kindsAt(Instant time) {
    var kinds = new TreeSet<String>();
    Instant notBefore = instant(facts.at("/validity/notBefore")).orElse(Instant.MIN);
    Instant end = instant(facts.at("/validity/expiresAt")).orElse(null);
    String now = stateAt(time);
    boolean expired = end != null && !time.isBefore(end);
    if (!now.equals("active")) {
      kinds.add(now);
    } else if (time.isBefore(notBefore)) {
      kinds.add("not-yet-active");
    } else {
      kinds.add(expired ? "expired" : "active");
    }
    if (!leaked.isEmpty()) {
      kinds.add("leaked");
    }
    if (!now.equals("revoked") && !expired) {
      if (end == null) {
        kinds.add("no-expiry");
      }
      if (instant(closableUntil()).filter(time::isBefore).isPresent()) {
        kinds.add("closable-overlap");
      }
    }
    return kinds;
  }

  private String stateAt(Instant time) {
    ObjectNode planned = plan;
    if (planned == null || time.isBefore(Instant.parse(planned.path("effectiveAt").asString()))) {
      return state;
    }
    return planned.has("revocationReason") ? "revoked" : "suspended";
  }

  private JsonNode closableUntil() {
    return rotationCompleted && previous != null
        ? previous.path("overlapEndsAt")
        : JSON.missingNode();
  }

  private static Optional<Instant> instant(JsonNode time) {
    return time.isString() ? Optional.of(Instant.parse(time.asString())) : Optional.empty();
  }

  private static long dayOf(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), Duration.ofDays(1).toSeconds());
  }

  /** Returns the expected row of {@code read.directory}, with the view as JSON. */
  ObjectNode directoryRow() {
    StoredEvent begun = Objects.requireNonNull(first, "no event was added");
    StoredEvent newest = Objects.requireNonNull(last, "no event was added");
    ObjectNode row = JSON.createObjectNode();
    row.put("key_id", begun.streamId());
    row.put("workspace", newest.workspace());
    row.put("created_position", begun.position());
    row.put("position", newest.position());
    row.set("owner_type", facts.path("owner").path("type"));
    row.set("owner_id", facts.path("owner").path("id"));
    row.set("environment", facts.path("environment"));
    row.put("state", state);
    if (plan != null) {
      row.put("planned_state", plan.has("revocationReason") ? "revoked" : "suspended");
      putMicros(row, "planned_micros", plan.path("effectiveAt"));
    }
    putMicros(row, "not_before_micros", facts.path("validity").get("notBefore"));
    putMicros(row, "expires_at_micros", facts.path("validity").get("expiresAt"));
    row.put("issued_by_type", begun.actorType());
    if (begun.actorId() != null) {
      row.put("issued_by_id", begun.actorId());
    }
    row.set("permissions", facts.path("permissions"));
    row.put(
        "name_folded", facts.path("name").asString().toLowerCase(Locale.ROOT).replace("\0", ""));
    put(row, "secret_hint", secret == null ? null : secret.get("hint"));
    row.put("leaked", !leaked.isEmpty());
    JsonNode closable = closableUntil();
    putMicros(row, "closable_until_micros", closable.isString() ? closable : null);
    row.set("view", view(begun, newest));
    return row;
  }

  private ObjectNode view(StoredEvent begun, StoredEvent newest) {
    ObjectNode view = JSON.createObjectNode();
    view.put("keyId", begun.streamId());
    view.put("workspace", newest.workspace());
    ObjectNode states = view.putObject("state");
    states.put("is", state);
    ObjectNode current = facts.deepCopy();
    ObjectNode secrets = current.putObject("secrets");
    secrets.put("generation", generation);
    put(secrets, "current", secret);
    put(secrets, "previous", previous);
    ArrayNode generations = secrets.putArray("leaked");
    leaked.forEach(generations::add);
    put(secrets, "rotationQuiet", rotationQuiet);
    current.put("version", version);
    states.set("facts", current);
    put(states, "plan", plan);
    put(states, "reason", revocationReason);
    put(
        view,
        "createdAt",
        createdAt == null
            ? JsonNodeFactory.instance.stringNode(begun.time().toString())
            : createdAt);
    ObjectNode issuedBy = view.putObject("issuedBy");
    issuedBy.put("type", begun.actorType());
    if (begun.actorId() != null) {
      issuedBy.put("id", begun.actorId());
    }
    put(view, "revokedAt", revokedAt);
    view.put("position", newest.position());
    view.put("sequence", newest.sequence());
    return view;
  }

  private static void put(ObjectNode object, String field, @Nullable JsonNode value) {
    if (value != null) {
      object.set(field, value);
    }
  }

  private static void putMicros(ObjectNode row, String column, @Nullable JsonNode time) {
    if (time != null) {
      row.put(column, microsAtOrAfter(Instant.parse(time.asString())));
    }
  }

  /** Returns microseconds since 1970, rounded up, and limited to the range of long. */
  private static long microsAtOrAfter(Instant time) {
    try {
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, time.truncatedTo(ChronoUnit.MICROS));
      return time.equals(time.truncatedTo(ChronoUnit.MICROS)) ? micros : micros + 1;
    } catch (ArithmeticException outside) {
      return time.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
