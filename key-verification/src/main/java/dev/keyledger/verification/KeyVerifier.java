package dev.keyledger.verification;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a key is good, right now, from the index alone. Thread-safe.
 *
 * <p>A presented string is looked up before its form counts, and every miss makes the same
 * look-ups: how long an answer takes does not tell how near a guess was.
 */
public final class KeyVerifier {
  /** What a known key is checked against, in order; the first that is not met is the code. */
  private static final List<DecisionCode> CONDITIONS =
      List.of(
          DecisionCode.REVOKED,
          DecisionCode.ROTATED_OUT,
          DecisionCode.SUSPENDED,
          DecisionCode.NOT_YET_ACTIVE,
          DecisionCode.EXPIRED,
          DecisionCode.WRONG_ENVIRONMENT,
          DecisionCode.IP_NOT_ALLOWED,
          DecisionCode.INSUFFICIENT_PERMISSIONS);

  private final KeyFormat format;
  private final Peppers peppers;
  private final KeyIndex index;

  public KeyVerifier(KeyFormat format, Peppers peppers, KeyIndex index) {
    this.format = format;
    this.peppers = peppers;
    this.index = index;
  }

  /** Whether the key is good for what the check asks, at that time. */
  public Decision verify(Check check, Instant now) {
    // Read before the data: the answer then shows at least what the position says.
    long position = index.position();
    byte[] presented = check.key().utf8();
    KeyFormat.Form form = format.formOf(check.key().value, presented);
    FoundKey found = lookUp(Sha256.of(presented), check.workspace());
    if (form == KeyFormat.Form.UNREADABLE) {
      return Decision.miss(DecisionCode.MALFORMED, position);
    }
    if (found == null) {
      boolean malformed = form == KeyFormat.Form.WRONG_CHECKSUM;
      return Decision.miss(malformed ? DecisionCode.MALFORMED : DecisionCode.NOT_FOUND, position);
    }
    return new Facts(found, check, now).decide(position);
  }

  /**
   * Whether the key of that name is good for what the check asks, at that time, to whoever has its
   * current secret; what the check presents does not matter.
   */
  public Decision verifyNamed(KeyId keyId, Check check, Instant now) {
    long position = index.position();
    FoundKey found = index.findNamed(keyId);
    return found != null && isKnownTo(check.workspace(), found)
        ? new Facts(found, check, now).decide(position)
        : Decision.miss(DecisionCode.NOT_FOUND, position);
  }

  /**
   * Whether a key that Keyledger made is good in the workspace that it belongs to, in whichever
   * environment, at that time. An imported secret is a miss: two workspaces may have taken in the
   * same.
   *
   * @param address where it is presented from
   */
  public Decision verifyWhereItBelongs(KeySecret key, String address, Instant now) {
    long position = index.position();
    byte[] sha256 = key.sha256();
    for (int version : peppers.versions()) {
      if (version == peppers.currentVersion() || index.needsPepper(version)) {
        FoundKey found = index.find(peppers.issued(version, sha256));
        if (found != null && !index.isClosed(found.key().workspace())) {
          String workspace = found.key().workspace();
          Check check =
              new Check(
                  key, workspace, Check.ANY_ENVIRONMENT, List.of(), List.of(), address, false);
          return new Facts(found, check, now).decide(position);
        }
      }
    }
    return Decision.miss(DecisionCode.NOT_FOUND, position);
  }

  /**
   * The keys that have, or ever had, this secret, in whatever state: the one that Keyledger made it
   * for, in whichever workspace, and those of the named workspaces that took it in. At most one key
   * in each workspace has it.
   *
   * <p>Makes look-ups for each of the workspaces: for reports of leaks, not for checks.
   */
  public List<FoundKey> keysWith(KeySecret secret, Collection<String> workspaces) {
    byte[] presented = secret.utf8();
    var found = new ArrayList<FoundKey>();
    if (format.formOf(secret.value, presented) == KeyFormat.Form.UNREADABLE) {
      return found;
    }
    byte[] sha256 = Sha256.of(presented);
    for (int version : peppers.versions()) {
      addFound(peppers.issued(version, sha256), found);
      for (String workspace : workspaces) {
        addFound(peppers.imported(version, workspace, sha256), found);
      }
    }
    return found;
  }

  private void addFound(Digest digest, List<FoundKey> found) {
    FoundKey key = index.find(digest);
    if (key != null) {
      found.add(key);
    }
  }

  /**
   * The versions of the pepper that living secrets need and that are not configured: while there
   * are any, good keys are answered as NOT_FOUND, so a node is not ready. Walks over all keys, but
   * only if some key that was not revoked needs a pepper that is not there.
   */
  public Set<Integer> missingPeppers(Instant now) {
    if (index.needsOnly(peppers.versions())) {
      return Set.of();
    }
    var missing = new TreeSet<>(index.livingSecretsByPepper(now).keySet());
    missing.removeAll(Set.copyOf(peppers.versions()));
    return missing;
  }

  private @Nullable FoundKey lookUp(byte[] sha256, String workspace) {
    for (int version : peppers.versions()) {
      if (version == peppers.currentVersion() || index.needsPepper(version)) {
        FoundKey issued = index.find(peppers.issued(version, sha256));
        if (isKnownTo(workspace, issued)) {
          return issued;
        }
        FoundKey imported = index.find(peppers.imported(version, workspace, sha256));
        if (isKnownTo(workspace, imported)) {
          return imported;
        }
      }
    }
    return null;
  }

  /** A key of another workspace is a miss like any other: this one may have imported the secret. */
  private boolean isKnownTo(String workspace, @Nullable FoundKey found) {
    return found != null && found.key().workspace().equals(workspace) && !index.isClosed(workspace);
  }

  /** All that a decision on a known key follows from. */
  private record Facts(FoundKey found, Check check, Instant now) {

    Decision decide(long position) {
      List<Permission> missing = missingPermissions();
      DecisionCode code = DecisionCode.VALID;
      for (DecisionCode condition : CONDITIONS) {
        if (!meets(condition, missing)) {
          code = condition;
          break;
        }
      }
      return new Decision(
          code, found, missing, check.explain() ? conditions(missing) : List.of(), position);
    }

    private List<Condition> conditions(List<Permission> missing) {
      return CONDITIONS.stream().map(code -> new Condition(code, meets(code, missing))).toList();
    }

    private boolean meets(DecisionCode condition, List<Permission> missing) {
      PackedKey key = found.key();
      return switch (condition) {
        case REVOKED -> !key.isRevoked();
        case ROTATED_OUT -> found.isAlive(now);
        case SUSPENDED -> !key.isSuspended();
        case NOT_YET_ACTIVE -> !key.isNotYetActiveAt(now);
        case EXPIRED -> !key.isExpiredAt(now);
        case WRONG_ENVIRONMENT -> check.environments().contains(key.environment());
        case IP_NOT_ALLOWED -> key.ipAllowList().contains(check.ip());
        case INSUFFICIENT_PERMISSIONS -> missing.isEmpty();
        case MALFORMED, NOT_FOUND, VALID ->
            throw new IllegalArgumentException(condition + " is no condition of a key");
      };
    }

    private List<Permission> missingPermissions() {
      if (check.allOf().isEmpty() && check.anyOf().isEmpty()) {
        return List.of();
      }
      PermissionSet held = found.key().permissions();
      List<Permission> missing = List.of();
      for (Permission required : check.allOf()) {
        if (!held.holds(required)) {
          missing = add(missing, required);
        }
      }
      for (Permission required : check.anyOf()) {
        if (held.holds(required)) {
          return missing;
        }
      }
      for (Permission required : check.anyOf()) {
        missing = add(missing, required);
      }
      return missing;
    }

    /** Makes a list only when there is something to put in it, and names each permission once. */
    private static List<Permission> add(List<Permission> missing, Permission permission) {
      List<Permission> all = missing.isEmpty() ? new ArrayList<>() : missing;
      if (!all.contains(permission)) {
        all.add(permission);
      }
      return all;
    }
  }
}
