package dev.keyledger.verification;

import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a key is good, right now, from the index alone. Thread-safe.
 *
 * <p>A presented string is looked up before its checksum counts, and every miss makes the same
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
    KeyFormat.Form form = format.formOf(check.key().value);
    if (form == KeyFormat.Form.UNREADABLE) {
      return Decision.miss(DecisionCode.MALFORMED, position);
    }
    KeyIndex.Found found = lookUp(check);
    if (found == null) {
      boolean malformed = form == KeyFormat.Form.WRONG_CHECKSUM;
      return Decision.miss(malformed ? DecisionCode.MALFORMED : DecisionCode.NOT_FOUND, position);
    }
    return new Facts(found.entry(), found.generation(), check, now).decide(position);
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
        KeyIndex.Found found = index.find(peppers.issued(version, sha256));
        if (found != null && !index.isClosed(found.entry().view().workspace())) {
          String workspace = found.entry().view().workspace();
          Check check =
              new Check(
                  key, workspace, Check.ANY_ENVIRONMENT, List.of(), List.of(), address, false);
          return new Facts(found.entry(), found.generation(), check, now).decide(position);
        }
      }
    }
    return Decision.miss(DecisionCode.NOT_FOUND, position);
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

  private KeyIndex.@Nullable Found lookUp(Check check) {
    String workspace = check.workspace();
    byte[] sha256 = check.key().sha256();
    for (int version : peppers.versions()) {
      if (version == peppers.currentVersion() || index.needsPepper(version)) {
        KeyIndex.Found issued = index.find(peppers.issued(version, sha256));
        if (isKnownTo(workspace, issued)) {
          return issued;
        }
        KeyIndex.Found imported = index.find(peppers.imported(version, workspace, sha256));
        if (isKnownTo(workspace, imported)) {
          return imported;
        }
      }
    }
    return null;
  }

  /** A key of another workspace is a miss like any other: this one may have imported the secret. */
  private boolean isKnownTo(String workspace, KeyIndex.@Nullable Found found) {
    return found != null
        && found.entry().view().workspace().equals(workspace)
        && !index.isClosed(workspace);
  }

  /** All that a decision on a known key follows from. */
  private record Facts(KeyEntry entry, int generation, Check check, Instant now) {

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
          code,
          entry.view(),
          generation,
          missing,
          entry.decidedBy(code, generation),
          check.explain() ? conditions(missing) : List.of(),
          position);
    }

    private List<Condition> conditions(List<Permission> missing) {
      return CONDITIONS.stream().map(code -> new Condition(code, meets(code, missing))).toList();
    }

    private boolean meets(DecisionCode condition, List<Permission> missing) {
      KeyView view = entry.view();
      return switch (condition) {
        case REVOKED -> !(view.state() instanceof KeyState.Revoked);
        case ROTATED_OUT -> entry.isAlive(generation, now);
        case SUSPENDED -> !(view.state() instanceof KeyState.Suspended);
        case NOT_YET_ACTIVE -> !view.facts().validity().isNotYetActiveAt(now);
        case EXPIRED -> !view.facts().validity().isExpiredAt(now);
        case WRONG_ENVIRONMENT -> check.environments().contains(view.facts().environment());
        case IP_NOT_ALLOWED -> entry.ipAllowList().contains(check.ip());
        case INSUFFICIENT_PERMISSIONS -> missing.isEmpty();
        case MALFORMED, NOT_FOUND, VALID ->
            throw new IllegalArgumentException(condition + " is no condition of a key");
      };
    }

    private List<Permission> missingPermissions() {
      List<Permission> missing = List.of();
      for (Permission required : check.allOf()) {
        if (!entry.permissions().holds(required)) {
          missing = add(missing, required);
        }
      }
      if (check.anyOf().stream().anyMatch(entry.permissions()::holds)) {
        return missing;
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
