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
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides from the index alone whether a key is valid at present. Thread-safe.
 *
 * <p>A presented string is looked up before its form is considered, and every miss makes the same
 * lookups, so that the response time does not reveal how close a guess was.
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

  /** Returns the decision on a check at a time. */
  public Decision verify(Check check, Instant now) {
    // Read before the data: the answer then reflects at least the events up to this position.
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
   * Returns the decision on a key at a time, as if its current secret had been presented; the
   * secret of the check is ignored.
   */
  public Decision verifyById(KeyId keyId, Check check, Instant now) {
    long position = index.position();
    FoundKey found = index.findById(keyId);
    return found != null && isKnownTo(check.workspace(), found)
        ? Decision.on(found, check, now, position)
        : Decision.miss(DecisionCode.NOT_FOUND, position);
  }

  /**
   * Returns the decision on a minted secret at a time, in the workspace of its key and in any
   * environment. An imported secret is a miss, because two workspaces may have imported the same
   * one.
   *
   * @param address the address from which it is presented
   */
  public Decision verifyInOwnWorkspace(KeySecret key, @Nullable String address, Instant now) {
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
   * Returns the key of its holder, in any state: the key that this secret was minted for, in any
   * workspace, or the key of one workspace that imported it. Null if there is none, or its
   * workspace is closed.
   *
   * @param importer the workspace that may have imported the secret
   */
  public @Nullable FoundKey keyOf(KeySecret secret, String importer) {
    FoundKey found = null;
    for (Digest digest : digestsOf(secret, importer)) {
      found = found == null ? index.find(digest) : found;
    }
    return found == null || index.isClosed(found.workspace()) ? null : found;
  }

  /**
   * Returns the keys that have or had this secret, in any state: the key that it was minted for and
   * the keys that imported it. At most one key in each workspace has it.
   *
   * <p>Makes {@link #lookupsPerSecret} lookups: for leak reports, not for checks.
   *
   * @param workspace the workspace to search; null: all
   */
  public List<FoundKey> keysWith(KeySecret secret, @Nullable String workspace) {
    var found = new ArrayList<FoundKey>();
    for (Digest digest : digestsOf(secret, workspace)) {
      FoundKey key = index.find(digest);
      if (key != null && (workspace == null || workspace.equals(key.workspace()))) {
        found.add(key);
      }
    }
    return found;
  }

  /** Returns the secrets that a text may be or contain. */
  public List<KeySecret> candidatesIn(KeySecret text) {
    return format.candidatesIn(text);
  }

  /**
   * Returns the number of lookups that {@link #keysWith} makes for a secret: one for each pepper,
   * and one for each workspace that imported secrets under it.
   */
  public int lookupsPerSecret(@Nullable String workspace) {
    int lookups = 0;
    for (int version : peppers.versions()) {
      lookups += 1 + importersUnder(version, workspace).size();
    }
    return lookups;
  }

  /** Returns the digests that the keys with a secret can have. */
  List<Digest> digestsOf(KeySecret secret, @Nullable String workspace) {
    if (format.formOf(secret) == KeyFormat.Form.UNREADABLE) {
      return List.of();
    }
    byte[] sha256 = secret.sha256();
    var digests = new ArrayList<Digest>();
    for (int version : peppers.versions()) {
      digests.add(peppers.issued(version, sha256));
      for (String importer : importersUnder(version, workspace)) {
        digests.add(peppers.imported(version, importer, sha256));
      }
    }
    return digests;
  }

  private Set<String> importersUnder(int version, @Nullable String workspace) {
    Set<String> importers = index.importersUnder(version);
    if (workspace == null) {
      return importers;
    }
    return importers.contains(workspace) ? Set.of(workspace) : Set.of();
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

  /**
   * Returns whether a workspace may know a key. A key of another workspace is a miss: this
   * workspace may have imported the same secret.
   */
  private boolean isKnownTo(String workspace, @Nullable FoundKey found) {
    return found != null && found.workspace().equals(workspace) && !index.isClosed(workspace);
  }
}
