package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceOpened;
import java.time.Instant;
import java.util.Collection;
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
 * All keys in memory, found by the digest of any secret that they ever had.
 *
 * <p>One thread writes ({@link #apply}), any number read without locks. A reader sees a key either
 * before or after an event, never between; {@link #position()} is moved after the data, so that
 * whoever has read a position sees at least its events.
 *
 * <p>How that comes about. A key has a slot, in which stands a record of its own, an array of bytes
 * that is never changed: an event puts another one into its place, by one write with release, and
 * all ways to the key lead through the slot. Tables from ids and digests to slots are only ever
 * added to, after what they lead to. A digest is that of the record's current secret, or else of an
 * {@link EndedSecret}, which is added before the record that makes it one: who misses it as the
 * current one finds it among the ended. See {@link SlotTable}, {@link PagedArray} and {@link Pool}.
 */
public final class KeyIndex {
  private final PagedArray<byte[]> records;
  private final SlotTable ids;
  private final SlotTable digests;
  private final PagedArray<EndedSecret> endedSecrets;
  private final SlotTable endedDigests;
  private final Pools pools;
  private final PackedWriter writer = new PackedWriter();
  private final Set<String> closedWorkspaces;
  private final ConcurrentHashMap<Integer, Long> secretsInUseByPepper;
  private @Nullable LoggedEvent latest;
  private volatile long position;

  public KeyIndex() {
    this(Pool.SIZE_MAX);
  }

  /**
   * @param pooledMax how many values of a kind keys share at most
   */
  KeyIndex(int pooledMax) {
    this(
        0,
        new PagedArray<>(),
        new PagedArray<>(),
        new Pools(pooledMax),
        ConcurrentHashMap.newKeySet(),
        new ConcurrentHashMap<>());
  }

  /** With what an index held that had applied this position; the tables follow from it. */
  KeyIndex(
      long position,
      PagedArray<byte[]> records,
      PagedArray<EndedSecret> endedSecrets,
      Pools pools,
      Set<String> closedWorkspaces,
      ConcurrentHashMap<Integer, Long> secretsInUseByPepper) {
    this.position = position;
    this.records = records;
    this.endedSecrets = endedSecrets;
    this.pools = pools;
    this.closedWorkspaces = closedWorkspaces;
    this.secretsInUseByPepper = secretsInUseByPepper;
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
   * Takes in the next event. An event whose position was applied before changes nothing.
   *
   * <p>An event that does not fit leaves the index as it was, and must not be skipped: a revocation
   * may follow it.
   *
   * @throws IllegalStateException if the event cannot follow on those before it, or its digest
   *     belongs to another secret
   * @throws IllegalArgumentException if a permission or a range of the event cannot be read
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
   * All that it holds now, to be written while it goes on; nothing before it applied an event
   * itself. Readers do not notice. The writer waits for as long as the references to all keys are
   * copied, a few milliseconds for a million.
   */
  public synchronized Optional<IndexSnapshot> snapshot() {
    return Optional.ofNullable(latest)
        .map(event ->
            new IndexSnapshot(
                event, records, endedSecrets, pools, closedWorkspaces, secretsInUseByPepper));
  }

  /** How many keys it holds, dead ones included. */
  public int keys() {
    return records.size();
  }

  /** The position of the latest event applied; 0 before the first. */
  public long position() {
    return position;
  }

  /** The key of that name, whatever its state and workspace. */
  public Optional<KeyView> find(KeyId keyId) {
    int slot = slotOf(keyId.high(), keyId.low());
    return slot < 0 ? Optional.empty() : Optional.of(key(slot).entry().view());
  }

  /** Whether the workspace was closed, so that none of its keys is known to checks. */
  public boolean isClosed(String workspace) {
    return closedWorkspaces.contains(workspace);
  }

  /**
   * How many secrets that can still be, or by a renewal become, good need each version of the
   * pepper. Walks over all keys: for operators and metrics, not for checks.
   */
  public Map<Integer, Long> livingSecretsByPepper(Instant now) {
    var living = new TreeMap<Integer, Long>();
    for (int slot = 0, size = records.size(); slot < size; slot++) {
      PackedKey key = key(slot);
      if (!key.isRevoked() && !isClosed(key.workspace()) && key.isRenewableOrGoodAt(now)) {
        living.merge(key.pepperVersion(), 1L, Long::sum);
        Secrets.Previous previous = key.previousAliveAt(now);
        if (previous != null) {
          living.merge(previous.secret().pepperVersion(), 1L, Long::sum);
        }
      }
    }
    return living;
  }

  /** How many keys that are not revoked each workspace has. Walks over all keys. */
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
   * A SHA-256, in lower-case hexadecimal digits, of all that the index holds but what follows from
   * the rest, position included: equal for two indexes fed with the same events, in whichever
   * process.
   */
  public synchronized String digestOfState() {
    // A sum, so that the order of the slots does not matter.
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
      KeyId keyId = key(secret.slot).entry().view().keyId();
      sum =
          sum(sum, CanonicalState.sha256Of(secret.digest, keyId, secret.generation, secret.ending));
    }
    return CanonicalState.sha256Of(position, closedWorkspaces, sum).toString();
  }

  /** The key that has, or ever had, the secret of that digest. */
  public @Nullable FoundKey find(Digest digest) {
    long hash = hash(digest);
    for (var probe = digests.probe(hash); probe.next(); ) {
      byte[] record = records.get(probe.slot());
      if (PackedKey.isCurrent(record, digest)) {
        var key = new PackedKey(record, pools);
        return new FoundKey(probe.slot(), key, key.generation(), null);
      }
    }
    EndedSecret ended = endedSecret(digest);
    if (ended == null) {
      return null;
    }
    // The record first: what it calls ended for good was written before it.
    PackedKey key = key(ended.slot);
    boolean forGood = ended.generation < key.generation() - 1;
    return new FoundKey(ended.slot, key, ended.generation, forGood ? ended.ending : null);
  }

  /** The key of that name, as if found by its current secret; null if there is none. */
  public @Nullable FoundKey findNamed(KeyId keyId) {
    int slot = slotOf(keyId.high(), keyId.low());
    if (slot < 0) {
      return null;
    }
    PackedKey key = key(slot);
    return new FoundKey(slot, key, key.generation(), null);
  }

  /** The id of the key in that slot, which a {@link FoundKey} named. */
  KeyId keyIdAt(int slot) {
    return PackedKey.idOf(records.get(slot));
  }

  /**
   * Whether a key that was not revoked has a secret under that version of the pepper, expired or
   * not: an expired key has to be answered as such.
   */
  public boolean needsPepper(int version) {
    return secretsInUseByPepper.containsKey(version);
  }

  /** Whether no key that was not revoked has a secret under another version of the pepper. */
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
      case WorkspaceOpened _, PolicyChanged _ -> {
        // Policy acts on commands; what it led to is in the events of keys.
      }
    }
  }

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
      int added = records.add(record);
      ids.add(hash(high, low), added);
      digests.add(hash(digest), added);
    } else if (event instanceof KeyEvent.IntroducesSecret) {
      requireNew(digest, keyId);
      countPeppers(before.secretsInUse(), after.secretsInUse());
      end(before, logged, slot);
      records.set(slot, record);
      digests.add(hash(digest), slot);
    } else {
      countPeppers(before.secretsInUse(), after.secretsInUse());
      records.set(slot, record);
    }
  }

  /** Keeps the secret that a rotation ends; what ended the one before it can change no more. */
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

  /** Counts up before it counts down, so that no reader misses a pepper in between. */
  private void countPeppers(List<StoredSecret> before, List<StoredSecret> after) {
    for (StoredSecret secret : after) {
      secretsInUseByPepper.merge(secret.pepperVersion(), 1L, Long::sum);
    }
    for (StoredSecret secret : before) {
      secretsInUseByPepper.computeIfPresent(
          secret.pepperVersion(), (_, count) -> count == 1 ? null : count - 1);
    }
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
