package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.WebhookEvent;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All keys in memory, found by the digest of any secret that they have or had.
 *
 * <p>One thread writes ({@link #apply}); any number of threads read without locks. A reader sees a
 * key either before or after an event, never in between. {@link #position()} is published after the
 * data, so that a thread that has read a position sees at least its events.
 *
 * <p>How this works: a key has a slot that holds its record, an immutable array of bytes. An event
 * replaces the record with one release write, and every lookup of the key goes through its slot.
 * The tables from ids and digests to slots only grow, and each entry is added after its target. A
 * digest belongs either to the current secret of a record or to an {@link EndedSecret}, which is
 * added before the record that ends it. A reader that no longer finds it as current therefore finds
 * it among the ended ones. See {@link SlotTable}, {@link PagedArray} and {@link Pool}.
 */
public final class KeyIndex {
  /**
   * The largest number of operators of which each issued the next, from the one that the root key
   * issued to an operator's own issuer. An operator further away is never valid.
   */
  public static final int ISSUERS_MAX = 32;

  private final PagedArray<byte[]> records;
  private final SlotTable ids;
  private final SlotTable digests;
  private final PagedArray<EndedSecret> endedSecrets;
  private final SlotTable endedDigests;
  private final Pools pools;

  @GuardedBy("this")
  private final PackedWriter writer = new PackedWriter();

  private final Set<String> closedWorkspaces;

  /** The workspaces whose policy lets operators outlive their issuers. */
  private final Set<String> outlivingWorkspaces;

  private final ConcurrentHashMap<Integer, Long> secretsInUseByPepper;
  private final ConcurrentHashMap<Integer, Set<String>> importersByPepper;

  @GuardedBy("this")
  private @Nullable LoggedEvent latest;

  private volatile long position;

  /** Lets one caller at a time compute the digest. */
  private final Object digesting = new Object();

  @GuardedBy("digesting")
  private @Nullable StateDigest stateDigest;

  public KeyIndex() {
    this(Pool.SIZE_MAX);
  }

  /**
   * @param pooledMax the maximum number of shared values of each kind
   */
  KeyIndex(int pooledMax) {
    this(
        0,
        new PagedArray<>(),
        new PagedArray<>(),
        new Pools(pooledMax),
        ConcurrentHashMap.newKeySet(),
        ConcurrentHashMap.newKeySet(),
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>());
  }

  /** Creates an index with the content that another had at this position; rebuilds the tables. */
  KeyIndex(
      long position,
      PagedArray<byte[]> records,
      PagedArray<EndedSecret> endedSecrets,
      Pools pools,
      Set<String> closedWorkspaces,
      Set<String> outlivingWorkspaces,
      ConcurrentHashMap<Integer, Long> secretsInUseByPepper,
      ConcurrentHashMap<Integer, Set<String>> importersByPepper) {
    this.position = position;
    this.records = records;
    this.endedSecrets = endedSecrets;
    this.pools = pools;
    this.closedWorkspaces = closedWorkspaces;
    this.outlivingWorkspaces = outlivingWorkspaces;
    this.secretsInUseByPepper = secretsInUseByPepper;
    this.importersByPepper = importersByPepper;
    List<SlotTable> tables =
        Stream.<IntToLongFunction>of(this::hashOfId, this::hashOfCurrentDigest)
            .parallel()
            .map(hashOf -> new SlotTable(records.size(), hashOf))
            .toList();
    ids = tables.getFirst();
    digests = tables.getLast();
    endedDigests =
        new SlotTable(endedSecrets.size(), number -> hash(endedSecrets.get(number).digest));
  }

  /**
   * Applies the next event. Has no effect if its position is already applied.
   *
   * <p>An event that fails leaves the index unchanged. It must not be skipped: a revocation may
   * follow it.
   *
   * @throws IllegalStateException if the event cannot follow the previous ones, or its digest
   *     belongs to another secret
   * @throws IllegalArgumentException if the event holds an invalid permission or range
   */
  public synchronized void apply(LoggedEvent logged) {
    if (logged.position() <= position) {
      return;
    }
    switch (logged.event()) {
      case KeyEvent event -> applyToKey(logged, event);
      case WorkspaceEvent event -> applyToWorkspace(logged, event);
    }
    latest = logged;
    position = logged.position();
  }

  /**
   * Returns the content of the index, to be written while it continues; empty before the first
   * applied event. Readers are not affected. The writer waits while the references to all keys are
   * copied, a few milliseconds for a million keys.
   */
  public synchronized Optional<IndexSnapshot> snapshot() {
    return Optional.ofNullable(latest)
        .map(event ->
            new IndexSnapshot(
                event,
                records,
                endedSecrets,
                pools,
                closedWorkspaces,
                outlivingWorkspaces,
                secretsInUseByPepper,
                importersByPepper));
  }

  /** Returns the number of keys, including revoked and expired ones. */
  public int keys() {
    return records.size();
  }

  /** Returns the position of the latest applied event; 0 before the first. */
  public long position() {
    return position;
  }

  /** Returns the key with an id, in any state and workspace. */
  public Optional<KeyView> find(KeyId keyId) {
    int slot = slotOf(keyId);
    return slot < 0 ? Optional.empty() : Optional.of(key(slot).entry().view());
  }

  /** Whether the workspace is closed, so that checks know none of its keys. */
  public boolean isClosed(String workspace) {
    return closedWorkspaces.contains(workspace);
  }

  /** Counts keys and secrets at a time. Iterates over all keys. */
  KeyNumbers.Count count(Instant now) {
    var secrets = new TreeMap<Integer, Long>();
    var keys = new EnumMap<KeyStatus, Long>(KeyStatus.class);
    for (KeyStatus status : KeyStatus.values()) {
      keys.put(status, 0L);
    }
    var expiring = new TreeMap<Duration, Long>();
    KeyNumbers.SOON.forEach(within -> expiring.put(within, 0L));
    for (int slot = 0, size = records.size(); slot < size; slot++) {
      PackedKey key = key(slot);
      if (!isClosed(key.workspace())) {
        keys.merge(key.statusAt(now), 1L, Long::sum);
        countSecrets(secrets, key, now);
        countExpiring(expiring, key, now);
      }
    }
    return new KeyNumbers.Count(secrets, keys, expiring);
  }

  private static void countSecrets(Map<Integer, Long> byPepper, PackedKey key, Instant now) {
    if (key.isRevokedAt(now) || !key.isRenewableOrGoodAt(now)) {
      return;
    }
    byPepper.merge(key.pepperVersion(), 1L, Long::sum);
    Secrets.Previous previous = key.previousAliveAt(now);
    if (previous != null) {
      byPepper.merge(previous.secret().pepperVersion(), 1L, Long::sum);
    }
  }

  private static void countExpiring(Map<Duration, Long> byTime, PackedKey key, Instant now) {
    Instant end = key.expiresAt();
    if (end != null && end.isAfter(now) && !key.isRevokedAt(end)) {
      for (Duration within : KeyNumbers.SOON) {
        if (!end.isAfter(now.plus(within))) {
          byTime.merge(within, 1L, Long::sum);
        }
      }
    }
  }

  /** Counts the keys of each workspace that no event has revoked. Iterates over all keys. */
  public Map<String, Long> keysByWorkspace() {
    var keys = new TreeMap<String, Long>();
    for (int slot = 0, size = records.size(); slot < size; slot++) {
      PackedKey key = key(slot);
      if (!key.isRevoked()) {
        keys.merge(key.workspace(), 1L, Long::sum);
      }
    }
    return keys;
  }

  /**
   * Returns SHA-256, in lower-case hexadecimal digits, of the whole content except for derived
   * data, including the position. It is equal for two indexes that have applied the same events,
   * also in different processes.
   *
   * <p>Computed once per position, from a copy of the references to all keys, so that the writer
   * waits only while they are copied.
   */
  public String digestOfState() {
    synchronized (digesting) {
      StateDigest last = stateDigest;
      if (last == null || last.position != position) {
        last = content().digest();
        stateDigest = last;
      }
      return last.digest;
    }
  }

  private synchronized Content content() {
    return new Content(
        position,
        records.copy(),
        endedSecrets.copy(),
        Set.copyOf(closedWorkspaces),
        Set.copyOf(outlivingWorkspaces),
        pools);
  }

  /** The digest of the content at a position. */
  private record StateDigest(long position, String digest) {}

  /** The content at a position; unlike the index, it does not change. */
  private record Content(
      long position,
      PagedArray<byte[]> records,
      PagedArray<EndedSecret> endedSecrets,
      Set<String> closedWorkspaces,
      Set<String> outlivingWorkspaces,
      Pools pools) {
    StateDigest digest() {
      // Summing makes the result independent of the order of the slots.
      var sum = new Digest(0, 0, 0, 0);
      for (int slot = 0; slot < records.size(); slot++) {
        PackedKey key = key(slot);
        KeyEntry entry = key.entry();
        sum =
            sum(
                sum,
                CanonicalState.sha256Of(
                    entry.view(),
                    key.permissions().permissions(),
                    key.ipAllowList().toCanonical(),
                    entry.provenance()));
      }
      for (int number = 0; number < endedSecrets.size(); number++) {
        EndedSecret secret = endedSecrets.get(number);
        PackedKey key = key(secret.slot);
        // The end of the previous secret is set by the next rotation, which may follow this
        // position.
        boolean forGood = secret.generation < key.generation() - 1;
        sum =
            sum(
                sum,
                CanonicalState.sha256Of(
                    secret.digest,
                    key.entry().view().keyId(),
                    secret.generation,
                    forGood ? secret.ending : null));
      }
      return new StateDigest(
          position,
          CanonicalState.sha256Of(position, closedWorkspaces, outlivingWorkspaces, sum).toString());
    }

    private PackedKey key(int slot) {
      return new PackedKey(records.get(slot), pools);
    }
  }

  /** Returns the key that has or had the secret with a digest. */
  public @Nullable FoundKey find(Digest digest) {
    long hash = hash(digest);
    for (var probe = digests.probe(hash); probe.next(); ) {
      byte[] record = records.get(probe.slot());
      if (PackedKey.isCurrent(record, digest)) {
        var key = new PackedKey(record, pools);
        return new FoundKey(this, probe.slot(), key, key.generation(), null);
      }
    }
    EndedSecret ended = endedSecret(digest);
    if (ended == null) {
      return null;
    }
    // Read the record first: the ends that it makes final were written before it.
    PackedKey key = key(ended.slot);
    boolean forGood = ended.generation < key.generation() - 1;
    return new FoundKey(this, ended.slot, key, ended.generation, forGood ? ended.ending : null);
  }

  /** Returns the key with an id, as if found by its current secret; null if there is none. */
  public @Nullable FoundKey findById(KeyId keyId) {
    int slot = slotOf(keyId);
    if (slot < 0) {
      return null;
    }
    PackedKey key = key(slot);
    return new FoundKey(this, slot, key, key.generation(), null);
  }

  /**
   * Returns the event that makes an issuer of an operator's key invalid; null if all are valid, or
   * the workspace's policy lets operators outlive their issuers. The chain ends at the first key
   * that no operator issued. An issuer that is unknown or too far away counts as invalid.
   *
   * @see dev.keyledger.verification.decision.PresentedKey#issuerFault
   */
  @Nullable DecidedBy issuerFault(PackedKey operator, Instant now, @Nullable String ip) {
    if (outlivingWorkspaces.contains(operator.workspace())) {
      return null;
    }
    Actor issuer = operator.issuedBy();
    for (int issuers = 0; issuer.type() == ActorType.OPERATOR; issuers++) {
      int slot = issuers == ISSUERS_MAX ? -1 : slotOf(new KeyId(requireNonNull(issuer.id())));
      if (slot < 0) {
        return operator.entry().provenance().issued();
      }
      PackedKey key = key(slot);
      DecisionCode fault = key.faultAt(now, ip);
      if (fault != null) {
        return key.entry().decidedBy(fault, null);
      }
      issuer = key.issuedBy();
    }
    return null;
  }

  /** Returns the id of the key in a slot obtained from a {@link FoundKey}. */
  KeyId keyIdAt(int slot) {
    return PackedKey.idOf(records.get(slot));
  }

  /** Returns the generation of the current secret of the key in such a slot. */
  int generationAt(int slot) {
    return key(slot).generation();
  }

  /**
   * Whether a key that is not revoked has a secret under a version of the pepper. Expired keys
   * count, because the answer must say that they are expired.
   */
  public boolean needsPepper(int version) {
    return secretsInUseByPepper.containsKey(version);
  }

  /**
   * Returns the workspaces of which a key, in any state, has or had an imported secret under a
   * version of the pepper. No other workspace has a digest that contains its name.
   */
  public Set<String> importersUnder(int version) {
    return importersByPepper.getOrDefault(version, Set.of());
  }

  /** Whether no key that is not revoked has a secret under any other version of the pepper. */
  public boolean needsOnly(Collection<Integer> versions) {
    return versions.containsAll(secretsInUseByPepper.keySet());
  }

  private long hashOfId(int slot) {
    var head = new PackedReader(records.get(slot), 0);
    return hash(head.fixed(), head.fixed());
  }

  private long hashOfCurrentDigest(int slot) {
    return hash(PackedKey.currentDigest(records.get(slot)));
  }

  private void applyToWorkspace(LoggedEvent logged, WorkspaceEvent event) {
    switch (event) {
      case WorkspaceClosed _ -> closedWorkspaces.add(logged.workspace());
      case WorkspaceOpened opened -> applyPolicy(logged.workspace(), opened.policy());
      case PolicyChanged changed -> applyPolicy(logged.workspace(), changed.policy());
      case WebhookEvent _, ContextErased _ -> {
        // No check depends on webhooks or contexts.
      }
    }
  }

  /** The rest of a policy applies to commands; its effects are in the events of keys. */
  private void applyPolicy(String workspace, WorkspacePolicy policy) {
    if (policy.letsOperatorsOutliveIssuer()) {
      outlivingWorkspaces.add(workspace);
    } else {
      outlivingWorkspaces.remove(workspace);
    }
  }

  @GuardedBy("this")
  private void applyToKey(LoggedEvent logged, KeyEvent event) {
    var keyId = new KeyId(logged.stream().id());
    long high = keyId.high();
    long low = keyId.low();
    int slot = slotOf(high, low);
    KeyEntry before = slot < 0 ? null : key(slot).entry();
    KeyEntry after = KeyEntry.after(before, logged, endedSecrets.size());
    byte[] record = PackedKey.pack(after, pools, writer);
    Digest digest = after.view().facts().secrets().current().digest();
    if (before == null) {
      requireNew(digest, keyId);
      countPeppers(List.of(), after.secretsInUse());
      noteImport(logged, after);
      int added = records.add(record);
      ids.add(hash(high, low), added);
      digests.add(hash(digest), added);
    } else if (event instanceof KeyEvent.IntroducesSecret) {
      requireNew(digest, keyId);
      countPeppers(before.secretsInUse(), after.secretsInUse());
      noteImport(logged, after);
      end(before, logged, slot);
      records.set(slot, record);
      digests.add(hash(digest), slot);
    } else {
      countPeppers(before.secretsInUse(), after.secretsInUse());
      records.set(slot, record);
    }
  }

  /**
   * Keeps the secret that a rotation ends. From now on, the end of the secret before it is final.
   */
  private void end(KeyEntry before, LoggedEvent rotation, int slot) {
    Digest digest = before.view().facts().secrets().current().digest();
    if (before.generation() > 1) {
      endedSecrets.get(before.endedSecret()).ending = before.endingAfter(rotation);
    }
    endedDigests.add(
        hash(digest), endedSecrets.add(new EndedSecret(digest, slot, before.generation())));
  }

  private void requireNew(Digest digest, KeyId keyId) {
    if (find(digest) != null) {
      throw new IllegalStateException("the digest of " + keyId + " belongs to another secret");
    }
  }

  /** Increments before it decrements, so that readers never miss a pepper in use. */
  private void countPeppers(List<StoredSecret> before, List<StoredSecret> after) {
    if (haveSamePeppers(before, after)) {
      return;
    }
    for (StoredSecret secret : after) {
      secretsInUseByPepper.merge(secret.pepperVersion(), 1L, Long::sum);
    }
    for (StoredSecret secret : before) {
      secretsInUseByPepper.computeIfPresent(
          secret.pepperVersion(), (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private static boolean haveSamePeppers(List<StoredSecret> some, List<StoredSecret> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i).pepperVersion() != others.get(i).pepperVersion()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Notes the workspace of a secret that may have been made elsewhere, before its digest can be
   * found. A secret that was minted here has a hint.
   */
  private void noteImport(LoggedEvent logged, KeyEntry after) {
    StoredSecret secret = after.view().facts().secrets().current();
    if (logged.event() instanceof KeyImported || secret.hint() == null) {
      importersByPepper
          .computeIfAbsent(secret.pepperVersion(), _ -> ConcurrentHashMap.newKeySet())
          .add(logged.workspace());
    }
  }

  private int slotOf(KeyId keyId) {
    return slotOf(keyId.high(), keyId.low());
  }

  private int slotOf(long high, long low) {
    for (var probe = ids.probe(hash(high, low)); probe.next(); ) {
      if (PackedKey.isOf(records.get(probe.slot()), high, low)) {
        return probe.slot();
      }
    }
    return -1;
  }

  private @Nullable EndedSecret endedSecret(Digest digest) {
    for (var probe = endedDigests.probe(hash(digest)); probe.next(); ) {
      EndedSecret secret = endedSecrets.get(probe.slot());
      if (secret.has(digest)) {
        return secret;
      }
    }
    return null;
  }

  private PackedKey key(int slot) {
    return new PackedKey(records.get(slot), pools);
  }

  private static Digest sum(Digest one, Digest other) {
    return new Digest(
        one.a() + other.a(), one.b() + other.b(), one.c() + other.c(), one.d() + other.d());
  }

  private static long hash(long high, long low) {
    return SlotTable.hash(high * 31 + low);
  }

  private static long hash(Digest digest) {
    return SlotTable.hash(digest.a() ^ digest.b() ^ digest.c() ^ digest.d());
  }
}
