package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.Plan;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.Validity;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.KeyEntry.Provenance;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A key as stored in the index: one array of bytes that is never changed after it is published, so
 * that a reader sees the key at one moment. The fields that most checks need come first and are
 * decoded at once; the rest is decoded on demand.
 *
 * <p>The provenance of a key with one event takes no space, because it follows from that event.
 */
@SuppressWarnings("EnumOrdinal") // Snapshots record the order of the constants.
final class PackedKey {
  /**
   * The version of the format. Increment it with any change of the bytes of a key, or of the result
   * of folding its events: older snapshots are then rejected.
   */
  private static final int FORM = 5;

  private static final int HEAD_BYTES = 2 * Long.BYTES + Digest.BYTES;

  /** The number of characters of a hint that are specific to its key. */
  private static final int HINT_END = 4;

  // Flags for optional fields, and fields with few values. The rare ones have the highest bits: a
  // record without them is a byte shorter.
  private static final int SUSPENDED = 1;
  private static final int REVOKED = 1 << 1;
  private static final int TEST = 1 << 2;
  private static final int NOT_BEFORE = 1 << 3;
  private static final int EXPIRES = 1 << 4;
  private static final int RENEWABLE_UNTIL = 1 << 5;
  private static final int HINT = 1 << 6;
  private static final int IMPORTED = 1 << 7;
  private static final int PREVIOUS = 1 << 8;
  private static final int PREVIOUS_HINT = 1 << 9;
  private static final int LEAKED = 1 << 10;
  private static final int MORE_EVENTS = 1 << 11;
  private static final int OWNER_TYPE_SHIFT = 12;
  private static final int OWNER_TYPE_MASK = 3;
  private static final int DEPENDS_ON_ISSUER = 1 << 14;
  private static final int CREATED_ELSEWHERE = 1 << 15;
  private static final int REVOCATION_PLANNED = 1 << 16;
  private static final int SUSPENSION_PLANNED = 1 << 17;
  private static final int PLANNED = REVOCATION_PLANNED | SUSPENSION_PLANNED;

  // Flags for decisions that come from a later event than the first.
  private static final int VALIDITY = 1;
  private static final int PERMISSIONS = 1 << 1;
  private static final int RESTRICTIONS = 1 << 2;
  private static final int STATE = 1 << 3;

  private static final EventType KEY_ISSUED = EventType.of(KeyIssued.class);
  private static final EventType KEY_IMPORTED = EventType.of(KeyImported.class);
  private static final OwnerType[] OWNER_TYPES = OwnerType.values();
  private static final RevocationReason[] REASONS = RevocationReason.values();

  /** The events after a key's first one that a decision can come from. */
  private static final List<EventType> DECISIVE =
      EventType.all().stream().filter(type -> isDecisive(type.eventClass())).toList();

  private final byte[] bytes;
  private final Pools pools;
  private final int flags;
  private final Pools.Restrictions restrictions;
  private final PackedReader rest;
  private final String workspace;
  private final int generation;
  private final @Nullable Instant expiresAt;
  private final @Nullable Instant notBefore;

  /** When the plan takes effect; null if there is none. */
  private final @Nullable Instant plannedFor;

  PackedKey(byte[] bytes, Pools pools) {
    this.bytes = bytes;
    this.pools = pools;
    var reader = new PackedReader(bytes, HEAD_BYTES);
    flags = (int) reader.number();
    workspace = pools.workspaces.read(reader);
    generation = (int) reader.number();
    expiresAt = has(EXPIRES) ? reader.time() : null;
    notBefore = has(NOT_BEFORE) ? reader.time() : null;
    plannedFor = has(PLANNED) ? reader.time() : null;
    restrictions = pools.restrictions.read(reader);
    rest = reader;
  }

  /** Whether the record belongs to the key with an id. */
  static boolean isOf(byte[] bytes, long high, long low) {
    return (long) PackedReader.LONGS.get(bytes, 0) == high
        && (long) PackedReader.LONGS.get(bytes, Long.BYTES) == low;
  }

  /** Returns the id of the record's key. */
  static KeyId idOf(byte[] bytes) {
    return KeyId.ofBits(
        (long) PackedReader.LONGS.get(bytes, 0), (long) PackedReader.LONGS.get(bytes, Long.BYTES));
  }

  /** Whether the digest is that of the current secret; takes constant time. */
  static boolean isCurrent(byte[] bytes, Digest digest) {
    long difference = (long) PackedReader.LONGS.get(bytes, 2 * Long.BYTES) ^ digest.a();
    difference |= (long) PackedReader.LONGS.get(bytes, 3 * Long.BYTES) ^ digest.b();
    difference |= (long) PackedReader.LONGS.get(bytes, 4 * Long.BYTES) ^ digest.c();
    difference |= (long) PackedReader.LONGS.get(bytes, 5 * Long.BYTES) ^ digest.d();
    return difference == 0;
  }

  private static boolean isDecisive(Class<?> event) {
    return KeyEvent.ChangesSecrets.class.isAssignableFrom(event)
        || KeyEvent.ChangesState.class.isAssignableFrom(event)
        || KeyEvent.ChangesCondition.class.isAssignableFrom(event);
  }

  /** Returns a fingerprint of the format: equal for versions that can read each other's records. */
  static Digest form() {
    return CanonicalState.sha256Of(
        FORM, DECISIVE, List.of(OWNER_TYPES), List.of(REASONS), List.of(ActorType.values()));
  }

  /** Returns the digest of the current secret. */
  static Digest currentDigest(byte[] bytes) {
    return readDigest(new PackedReader(bytes, 2 * Long.BYTES));
  }

  String workspace() {
    return workspace;
  }

  /** Returns the generation of the current secret. */
  int generation() {
    return generation;
  }

  /** Whether an event has revoked the key. */
  boolean isRevoked() {
    return has(REVOKED);
  }

  boolean isRevokedAt(Instant now) {
    return has(REVOKED) || isInEffect(REVOCATION_PLANNED, now);
  }

  /** Whether the key is suspended, which a revoked key is not. */
  boolean isSuspendedAt(Instant now) {
    return (has(SUSPENDED) || isInEffect(SUSPENSION_PLANNED, now)) && !isRevokedAt(now);
  }

  private boolean isInEffect(int plan, Instant now) {
    return has(plan) && !now.isBefore(requireNonNull(plannedFor));
  }

  Environment environment() {
    return has(TEST) ? Environment.TEST : Environment.LIVE;
  }

  boolean isNotYetActiveAt(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }

  boolean isExpiredAt(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /**
   * Returns the status at a time.
   *
   * @see KeyView#statusAt
   */
  KeyStatus statusAt(Instant now) {
    if (isRevokedAt(now)) {
      return KeyStatus.REVOKED;
    }
    if (isSuspendedAt(now)) {
      return KeyStatus.SUSPENDED;
    }
    if (isNotYetActiveAt(now)) {
      return KeyStatus.NOT_YET_ACTIVE;
    }
    return isExpiredAt(now) ? KeyStatus.EXPIRED : KeyStatus.ACTIVE;
  }

  IpAllowList ipAllowList() {
    return restrictions.ipAllowList();
  }

  PermissionSet permissions() {
    return pools.permissions.read(rest.copy()).set();
  }

  /** Whether its validity has not ended, or can be extended by a renewal. */
  boolean isRenewableOrGoodAt(Instant now) {
    PackedReader reader = afterPermissions();
    return !isExpiredAt(now) || !has(RENEWABLE_UNTIL) || now.isBefore(reader.time());
  }

  /** Returns the version of the pepper of the current secret. */
  int pepperVersion() {
    PackedReader reader = afterPermissions();
    if (has(RENEWABLE_UNTIL)) {
      reader.skipTime();
    }
    return (int) reader.number();
  }

  /** Returns the previous secret while its overlap is open at a time; otherwise null. */
  Secrets.@Nullable Previous previousAliveAt(Instant now) {
    return has(PREVIOUS) ? entry().view().facts().secrets().previousAliveAt(now) : null;
  }

  KeyId keyId() {
    return idOf(bytes);
  }

  @Nullable Instant expiresAt() {
    return expiresAt;
  }

  @Nullable Instant renewableUntil() {
    return has(RENEWABLE_UNTIL) ? afterPermissions().time() : null;
  }

  Owner owner() {
    return new Owner(
        OWNER_TYPES[flags >>> OWNER_TYPE_SHIFT & OWNER_TYPE_MASK], beforeOwner().text());
  }

  /** Whether it is an operator's key that an operator issued. */
  boolean dependsOnIssuer() {
    return has(DEPENDS_ON_ISSUER);
  }

  Actor issuedBy() {
    return pools.actors.read(beforeIssuer());
  }

  /** Whether the first reminder of the expiry is due. A key that ends before has no reminders. */
  boolean isRenewalDueAt(Instant now) {
    if (expiresAt == null || isRevokedAt(expiresAt)) {
      return false;
    }
    PackedReader reader = beforeIssuer();
    pools.actors.read(reader);
    List<Duration> reminders = pools.reminders.read(reader);
    return !reminders.isEmpty() && !now.isBefore(expiresAt.minus(reminders.getFirst()));
  }

  private PackedReader beforeIssuer() {
    PackedReader reader = beforeOwner();
    reader.skipText(); // owner
    if (has(HINT)) {
      pools.hintPrefixes.read(reader);
      reader.skipText();
    }
    return reader;
  }

  /**
   * Returns why this key's holder could not use it at a time, from an address, whatever secret was
   * presented; null if it could.
   */
  @Nullable DecisionCode faultAt(Instant now, @Nullable String ip) {
    if (isRevokedAt(now)) {
      return DecisionCode.REVOKED;
    }
    if (isSuspendedAt(now)) {
      return DecisionCode.SUSPENDED;
    }
    if (isNotYetActiveAt(now)) {
      return DecisionCode.NOT_YET_ACTIVE;
    }
    if (isExpiredAt(now)) {
      return DecisionCode.EXPIRED;
    }
    return ipAllowList().contains(ip) ? null : DecisionCode.IP_NOT_ALLOWED;
  }

  /** Skips the preceding fields, most of them without decoding them. */
  private PackedReader beforeOwner() {
    PackedReader reader = afterPermissions();
    if (has(RENEWABLE_UNTIL)) {
      reader.skipTime();
    }
    reader.number(); // pepper version
    reader.skipTime(); // creation time
    if (has(CREATED_ELSEWHERE)) {
      reader.skipTime();
    }
    if (isRevoked()) {
      reader.skipTime();
      reader.octet();
    }
    reader.number(); // position
    reader.number(); // sequence
    reader.number(); // version
    reader.skipText(); // name
    return reader;
  }

  /** Decodes everything, in the order of {@link #pack}. */
  KeyEntry entry() {
    KeyId keyId = keyId();
    Digest digest = readDigest(new PackedReader(bytes, 2 * Long.BYTES));
    PackedReader reader = rest.copy();
    List<String> permissions = pools.permissions.read(reader).texts();
    Instant renewableUntil = has(RENEWABLE_UNTIL) ? reader.time() : null;
    int pepperVersion = (int) reader.number();
    Instant createdAt = reader.time();
    Instant begunAt = has(CREATED_ELSEWHERE) ? reader.time() : createdAt;
    Instant revokedAt = isRevoked() ? reader.time() : null;
    RevocationReason reason = isRevoked() ? REASONS[reader.octet()] : null;
    long position = reader.number();
    long sequence = reader.number();
    long version = reader.number();
    String name = reader.text();
    var owner = new Owner(OWNER_TYPES[flags >>> OWNER_TYPE_SHIFT & OWNER_TYPE_MASK], reader.text());
    var current = new StoredSecret(digest, pepperVersion, has(HINT) ? readHint(reader) : null);
    var issuedBy = pools.actors.read(reader);
    List<Duration> reminders = pools.reminders.read(reader);
    Map<String, String> metadata = readMetadata(reader);
    Secrets.Previous previous = has(PREVIOUS) ? readPrevious(reader) : null;
    Set<Integer> leaked = has(LEAKED) ? readNumbers(reader) : Set.of();
    Plan plan = plannedFor == null ? null : readPlan(plannedFor, reader);
    Duration rotationQuiet = generation == 1 ? null : reader.optionalDuration();
    var facts =
        new KeyFacts(
            name,
            metadata,
            owner,
            environment(),
            new Secrets(generation, current, previous, leaked, rotationQuiet),
            permissions,
            restrictions.texts(),
            new Validity(notBefore, expiresAt, renewableUntil, reminders),
            version);
    var view =
        new KeyView(
            keyId,
            workspace,
            state(facts, reason, plan),
            createdAt,
            issuedBy,
            revokedAt,
            position,
            sequence);
    Provenance provenance = readProvenance(reader, begunAt, position);
    int endedSecret = generation == 1 ? KeyEntry.NO_ENDED_SECRET : (int) reader.number();
    return new KeyEntry(view, provenance, endedSecret);
  }

  /**
   * Returns the record of an entry.
   *
   * @throws IllegalArgumentException if a permission or a range is invalid
   */
  static byte[] pack(KeyEntry entry, Pools pools, PackedWriter writer) {
    KeyView view = entry.view();
    KeyFacts facts = view.facts();
    Secrets secrets = facts.secrets();
    Validity validity = facts.validity();
    Provenance provenance = entry.provenance();
    Plan plan = view.state().plan();
    int flags = flags(entry);
    writer.clear();
    writer.fixed(view.keyId().high());
    writer.fixed(view.keyId().low());
    write(writer, secrets.current().digest());
    writer.number(flags);
    pools.workspaces.write(writer, view.workspace());
    writer.number(secrets.generation());
    writer.optionalTime(validity.expiresAt());
    writer.optionalTime(validity.notBefore());
    writer.optionalTime(plan == null ? null : plan.effectiveAt());
    pools.restrictions.write(writer, facts.ipAllowList());
    pools.permissions.write(writer, facts.permissions());
    writer.optionalTime(validity.renewableUntil());
    writer.number(secrets.current().pepperVersion());
    writer.time(view.createdAt());
    if ((flags & CREATED_ELSEWHERE) != 0) {
      writer.time(provenance.issued().time());
    }
    if (view.state() instanceof KeyState.Revoked revoked) {
      writer.time(requireNonNull(view.revokedAt()));
      writer.octet(revoked.reason().ordinal());
    }
    writer.number(view.position());
    writer.number(view.sequence());
    writer.number(facts.version());
    writer.text(facts.name());
    writer.text(facts.owner().id());
    writeHint(writer, pools, secrets.current());
    pools.actors.write(writer, view.issuedBy());
    pools.reminders.write(writer, validity.reminders());
    writeMetadata(writer, facts.metadata());
    if (secrets.previous() != null) {
      write(writer, secrets.previous().secret().digest());
      writer.number(secrets.previous().secret().pepperVersion());
      writeHint(writer, pools, secrets.previous().secret());
      writer.time(secrets.previous().overlapEndsAt());
      writer.optionalDuration(secrets.previous().waitingOverlap());
    }
    if (!secrets.leaked().isEmpty()) {
      writer.number(secrets.leaked().size());
      secrets.leaked().forEach(writer::number);
    }
    if ((flags & REVOCATION_PLANNED) != 0) {
      writer.octet(requireNonNull(requireNonNull(plan).revocationReason()).ordinal());
    }
    if (secrets.generation() != 1) {
      writer.optionalDuration(secrets.rotationQuiet());
    }
    if ((flags & MORE_EVENTS) != 0) {
      writeProvenance(writer, provenance, secrets.generation());
    }
    if (secrets.generation() != 1) {
      writer.number(entry.endedSecret());
    }
    return writer.take();
  }

  private PackedReader afterPermissions() {
    PackedReader reader = rest.copy();
    pools.permissions.read(reader);
    return reader;
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  private static int flags(KeyEntry entry) {
    KeyView view = entry.view();
    KeyFacts facts = view.facts();
    Validity validity = facts.validity();
    Secrets.Previous previous = facts.secrets().previous();
    DecidedBy issued = entry.provenance().issued();
    return switch (view.state()) {
          case KeyState.Active _ -> 0;
          case KeyState.Suspended _ -> SUSPENDED;
          case KeyState.Revoked _ -> REVOKED;
        }
        | switch (facts.environment()) {
          case LIVE -> 0;
          case TEST -> TEST;
        }
        | (validity.notBefore() == null ? 0 : NOT_BEFORE)
        | (validity.expiresAt() == null ? 0 : EXPIRES)
        | (validity.renewableUntil() == null ? 0 : RENEWABLE_UNTIL)
        | (facts.secrets().current().hint() == null ? 0 : HINT)
        | (issued.type() == KEY_IMPORTED ? IMPORTED : 0)
        | (previous == null ? 0 : PREVIOUS)
        | (previous == null || previous.secret().hint() == null ? 0 : PREVIOUS_HINT)
        | (facts.secrets().leaked().isEmpty() ? 0 : LEAKED)
        | (view.position() == issued.position() ? 0 : MORE_EVENTS)
        | (isOperatorOfOperator(view) ? DEPENDS_ON_ISSUER : 0)
        | (view.createdAt().equals(issued.time()) ? 0 : CREATED_ELSEWHERE)
        | flagOf(view.state().plan())
        | facts.owner().type().ordinal() << OWNER_TYPE_SHIFT;
  }

  private static int flagOf(@Nullable Plan plan) {
    if (plan == null) {
      return 0;
    }
    return plan.revokes() ? REVOCATION_PLANNED : SUSPENSION_PLANNED;
  }

  private static boolean isOperatorOfOperator(KeyView view) {
    return view.issuedBy().type() == ActorType.OPERATOR
        && view.facts().permissions().stream()
            .anyMatch(permission -> new Permission(permission).isOperators());
  }

  private KeyState.Issued state(
      KeyFacts facts, @Nullable RevocationReason reason, @Nullable Plan plan) {
    if (reason != null) {
      return new KeyState.Revoked(facts, reason);
    }
    return has(SUSPENDED) ? new KeyState.Suspended(facts, plan) : new KeyState.Active(facts, plan);
  }

  static void write(PackedWriter writer, Digest digest) {
    writer.fixed(digest.a());
    writer.fixed(digest.b());
    writer.fixed(digest.c());
    writer.fixed(digest.d());
  }

  static Digest readDigest(PackedReader reader) {
    return new Digest(reader.fixed(), reader.fixed(), reader.fixed(), reader.fixed());
  }

  /** Hints share their prefixes and differ in their ends. */
  private static void writeHint(PackedWriter writer, Pools pools, StoredSecret secret) {
    String hint = secret.hint();
    if (hint != null) {
      int end = Math.max(0, hint.length() - HINT_END);
      pools.hintPrefixes.write(writer, hint.substring(0, end));
      writer.text(hint.substring(end));
    }
  }

  private String readHint(PackedReader reader) {
    return pools.hintPrefixes.read(reader) + reader.text();
  }

  private Secrets.Previous readPrevious(PackedReader reader) {
    Digest digest = readDigest(reader);
    int pepperVersion = (int) reader.number();
    String hint = has(PREVIOUS_HINT) ? readHint(reader) : null;
    return new Secrets.Previous(
        new StoredSecret(digest, pepperVersion, hint), reader.time(), reader.optionalDuration());
  }

  private static void writeMetadata(PackedWriter writer, Map<String, String> metadata) {
    writer.number(metadata.size());
    metadata.forEach((name, value) -> {
      writer.text(name);
      writer.text(value);
    });
  }

  private static Map<String, String> readMetadata(PackedReader reader) {
    int size = (int) reader.number();
    if (size == 0) {
      return Map.of();
    }
    var metadata = new TreeMap<String, String>();
    for (int i = 0; i < size; i++) {
      String name = reader.text();
      metadata.put(name, reader.text());
    }
    return Collections.unmodifiableSortedMap(metadata);
  }

  private Plan readPlan(Instant effectiveAt, PackedReader reader) {
    return new Plan(effectiveAt, has(REVOCATION_PLANNED) ? REASONS[reader.octet()] : null);
  }

  private static Set<Integer> readNumbers(PackedReader reader) {
    var numbers = new TreeSet<Integer>();
    for (long left = reader.number(); left > 0; left--) {
      numbers.add((int) reader.number());
    }
    return numbers;
  }

  private static void writeProvenance(PackedWriter writer, Provenance provenance, int generation) {
    DecidedBy issued = provenance.issued();
    int changed =
        (provenance.validity().equals(issued) ? 0 : VALIDITY)
            | (provenance.permissions().equals(issued) ? 0 : PERMISSIONS)
            | (provenance.restrictions().equals(issued) ? 0 : RESTRICTIONS)
            | (provenance.state().equals(issued) ? 0 : STATE);
    writer.number(issued.position());
    writer.octet(changed);
    if ((changed & VALIDITY) != 0) {
      write(writer, provenance.validity());
    }
    if ((changed & PERMISSIONS) != 0) {
      write(writer, provenance.permissions());
    }
    if ((changed & RESTRICTIONS) != 0) {
      write(writer, provenance.restrictions());
    }
    if ((changed & STATE) != 0) {
      write(writer, provenance.state());
    }
    if (generation != 1) {
      write(writer, requireNonNull(provenance.ending()));
    }
    if (provenance.plan() != null) {
      write(writer, provenance.plan());
    }
  }

  private Provenance readProvenance(PackedReader reader, Instant begunAt, long position) {
    EventType type = has(IMPORTED) ? KEY_IMPORTED : KEY_ISSUED;
    if (!has(MORE_EVENTS)) {
      return Provenance.first(new DecidedBy(type, position, begunAt));
    }
    var issued = new DecidedBy(type, reader.number(), begunAt);
    int changed = reader.octet();
    return new Provenance(
        issued,
        (changed & VALIDITY) == 0 ? issued : readDecidedBy(reader),
        (changed & PERMISSIONS) == 0 ? issued : readDecidedBy(reader),
        (changed & RESTRICTIONS) == 0 ? issued : readDecidedBy(reader),
        (changed & STATE) == 0 ? issued : readDecidedBy(reader),
        generation == 1 ? null : readDecidedBy(reader),
        has(PLANNED) ? readDecidedBy(reader) : null);
  }

  static void write(PackedWriter writer, DecidedBy event) {
    writer.octet(Objects.checkIndex(DECISIVE.indexOf(event.type()), DECISIVE.size()));
    writer.number(event.position());
    writer.time(event.time());
  }

  static DecidedBy readDecidedBy(PackedReader reader) {
    return new DecidedBy(DECISIVE.get(reader.octet()), reader.number(), reader.time());
  }
}
