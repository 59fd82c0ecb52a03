package dev.keyledger.verification;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyId;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.FoundKey;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
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
    KeyFormat.Form form = format.formOf(check.key());
    FoundKey found = lookUp(check.key().sha256(), check.workspace());
    if (form == KeyFormat.Form.UNREADABLE) {
      return Decision.miss(DecisionCode.MALFORMED, position);
    }
    if (found == null) {
      boolean malformed = form == KeyFormat.Form.WRONG_CHECKSUM;
      return Decision.miss(malformed ? DecisionCode.MALFORMED : DecisionCode.NOT_FOUND, position);
    }
    return Decision.on(found, check, now, position);
  }

  /**
   * Whether the key of that name is good for what the check asks, at that time, to whoever has its
   * current secret; what the check presents does not matter.
   */
  public Decision verifyNamed(KeyId keyId, Check check, Instant now) {
    long position = index.position();
    FoundKey found = index.findNamed(keyId);
    return found != null && isKnownTo(check.workspace(), found)
        ? Decision.on(found, check, now, position)
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
        if (found != null && !index.isClosed(found.workspace())) {
          String workspace = found.workspace();
          Check check =
              new Check(
                  key, workspace, Check.ANY_ENVIRONMENT, List.of(), List.of(), address, false);
          return Decision.on(found, check, now, position);
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
    var found = new ArrayList<FoundKey>();
    if (format.formOf(secret) == KeyFormat.Form.UNREADABLE) {
      return found;
    }
    byte[] sha256 = secret.sha256();
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
    return found != null && found.workspace().equals(workspace) && !index.isClosed(workspace);
  }
}
