package dev.keyledger.verification;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceCreated;
import dev.keyledger.events.WorkspaceEvent;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All keys in memory, found by the digest of any secret that they ever had.
 *
 * <p>One thread writes ({@link #apply}), any number read without locks. A reader sees a key either
 * before or after an event, never between; {@link #position()} is moved after the data, so that
 * whoever has read a position sees at least its events.
 */
public final class KeyIndex {

  /** A key's place in the index: what is known of it now. */
  private static final class Slot {
    volatile KeyEntry entry;

    Slot(KeyEntry entry) {
      this.entry = entry;
    }
  }

  private record Secret(Slot slot, int generation) {}

  /** A key as it stood when it was found by one of its secrets. */
  record Found(KeyEntry entry, int generation) {}

  private final ConcurrentHashMap<KeyId, Slot> keys = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Digest, Secret> secrets = new ConcurrentHashMap<>();
  private final Set<String> closedWorkspaces = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<Integer, Long> secretsInUseByPepper = new ConcurrentHashMap<>();
  private volatile long position;

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
    position = logged.position();
  }

  /** The position of the latest event applied; 0 before the first. */
  public long position() {
    return position;
  }

  /** The key of that name, whatever its state and workspace. */
  public Optional<KeyView> find(KeyId keyId) {
    return Optional.ofNullable(keys.get(keyId)).map(slot -> slot.entry.view());
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
    for (Slot slot : keys.values()) {
      for (StoredSecret secret : livingSecrets(slot.entry, now)) {
        living.merge(secret.pepperVersion(), 1L, Long::sum);
      }
    }
    return living;
  }

  /**
   * A SHA-256, in lower-case hexadecimal digits, of all that the index holds but what follows from
   * the rest, position included: equal for two indexes fed with the same events, in whichever
   * process.
   */
  public synchronized String digestOfState() {
    var state = new CanonicalState();
    state.add(position);
    state.add(closedWorkspaces);
    keys.entrySet().stream()
        .sorted(Map.Entry.comparingByKey((a, b) -> a.value().compareTo(b.value())))
        .map(key -> key.getValue().entry)
        .forEach(entry -> {
          state.add(entry.view());
          state.add(entry.permissions().permissions());
          state.add(entry.ipAllowList().toCanonical());
          state.add(entry.provenance());
        });
    secrets.entrySet().stream()
        .sorted(Map.Entry.comparingByKey((a, b) -> a.toString().compareTo(b.toString())))
        .forEach(secret -> {
          state.add(secret.getKey());
          state.add(secret.getValue().slot.entry.view().keyId());
          state.add(secret.getValue().generation);
        });
    return state.sha256();
  }

  @Nullable Found find(Digest digest) {
    Secret secret = secrets.get(digest);
    return secret == null ? null : new Found(secret.slot.entry, secret.generation);
  }

  /**
   * Whether a key that was not revoked has a secret under that version of the pepper, expired or
   * not: an expired key has to be answered as such.
   */
  boolean needsPepper(int version) {
    return secretsInUseByPepper.containsKey(version);
  }

  /** Whether no key that was not revoked has a secret under another version of the pepper. */
  boolean needsOnly(Collection<Integer> versions) {
    return versions.containsAll(secretsInUseByPepper.keySet());
  }

  private void applyToWorkspace(LoggedEvent logged, WorkspaceEvent event) {
    switch (event) {
      case WorkspaceClosed _ -> closedWorkspaces.add(logged.workspace());
      case WorkspaceCreated _, PolicyChanged _ -> {
        // Policy acts on commands; what it led to is in the events of keys.
      }
    }
  }

  private void applyToKey(LoggedEvent logged, KeyEvent event) {
    var keyId = new KeyId(logged.stream().id());
    Slot slot = keys.get(keyId);
    KeyEntry before = slot == null ? null : slot.entry;
    KeyEntry after = KeyEntry.after(before, logged, event);
    Secrets current = after.view().facts().secrets();
    Secret known = secrets.get(current.current().digest());
    if (known != null && (known.slot != slot || known.generation != current.generation())) {
      throw new IllegalStateException("the digest of " + keyId + " belongs to another secret");
    }
    if (before != null && !before.view().workspace().equals(after.view().workspace())) {
      throw new IllegalStateException(keyId + " cannot change its workspace");
    }
    countPeppers(before, after);
    if (slot == null) {
      slot = new Slot(after);
      keys.put(keyId, slot);
    } else {
      slot.entry = after;
    }
    if (known == null) {
      secrets.put(current.current().digest(), new Secret(slot, current.generation()));
    }
  }

  /** Counts up before it counts down, so that no reader misses a pepper in between. */
  private void countPeppers(@Nullable KeyEntry before, KeyEntry after) {
    for (StoredSecret secret : after.secretsInUse()) {
      secretsInUseByPepper.merge(secret.pepperVersion(), 1L, Long::sum);
    }
    for (StoredSecret secret : before == null ? List.<StoredSecret>of() : before.secretsInUse()) {
      secretsInUseByPepper.computeIfPresent(
          secret.pepperVersion(), (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private List<StoredSecret> livingSecrets(KeyEntry entry, Instant now) {
    KeyView view = entry.view();
    Validity validity = view.facts().validity();
    boolean over = validity.isExpiredAt(now) && !validity.isRenewableAt(now);
    if (over || isClosed(view.workspace()) || view.state() instanceof KeyState.Revoked) {
      return List.of();
    }
    Secrets all = view.facts().secrets();
    Secrets.Previous previous = all.previousAliveAt(now);
    return previous == null ? List.of(all.current()) : List.of(all.current(), previous.secret());
  }
}
