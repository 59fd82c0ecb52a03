package dev.keyledger.verification;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the index holds of a key after its latest event: the view, what checks need ready made, and
 * which event is behind what. Immutable, so that a reader sees one moment of the key.
 */
record KeyEntry(
    KeyView view, PermissionSet permissions, IpAllowList ipAllowList, Provenance provenance) {

  /**
   * The events behind the decisions on a key.
   *
   * @param issued its first event
   * @param validity the latest that changed its validity
   * @param permissions the latest that set its permissions
   * @param restrictions the latest that set its IP list
   * @param state the latest that suspended, resumed or revoked it, or its first
   * @param endings for each generation but the current one, what ended it or set its end
   */
  record Provenance(
      DecidedBy issued,
      DecidedBy validity,
      DecidedBy permissions,
      DecidedBy restrictions,
      DecidedBy state,
      Map<Integer, DecidedBy> endings) {

    static Provenance first(DecidedBy first) {
      return new Provenance(first, first, first, first, first, Map.of());
    }

    Provenance withValidity(DecidedBy event) {
      return new Provenance(issued, event, permissions, restrictions, state, endings);
    }

    Provenance withPermissions(DecidedBy event) {
      return new Provenance(issued, validity, event, restrictions, state, endings);
    }

    Provenance withRestrictions(DecidedBy event) {
      return new Provenance(issued, validity, permissions, event, state, endings);
    }

    Provenance withState(DecidedBy event) {
      return new Provenance(issued, validity, permissions, restrictions, event, endings);
    }

    Provenance withEnding(int generation, DecidedBy event) {
      var all = new HashMap<>(endings);
      all.put(generation, event);
      return new Provenance(issued, validity, permissions, restrictions, state, Map.copyOf(all));
    }
  }

  /**
   * The entry after one more event of the key.
   *
   * @param before null before the first event
   */
  static KeyEntry after(@Nullable KeyEntry before, LoggedEvent logged, KeyEvent event) {
    KeyView view = KeyView.after(before == null ? null : before.view, logged);
    List<String> permissions = view.facts().permissions();
    List<String> ipAllowList = view.facts().ipAllowList();
    if (before == null) {
      return new KeyEntry(
          view,
          PermissionSet.of(permissions),
          IpAllowList.parse(ipAllowList),
          Provenance.first(DecidedBy.of(logged)));
    }
    return new KeyEntry(
        view,
        event instanceof PermissionsChanged ? PermissionSet.of(permissions) : before.permissions,
        event instanceof RestrictionsChanged ? IpAllowList.parse(ipAllowList) : before.ipAllowList,
        before.provenanceAfter(logged, event));
  }

  /** Whether the secret of that generation is good at that time, as far as rotations decide it. */
  boolean isAlive(int generation, Instant now) {
    Secrets secrets = view.facts().secrets();
    return generation == secrets.generation()
        || (generation == secrets.generation() - 1 && secrets.previousAliveAt(now) != null);
  }

  /** The event behind a decision on this key, made with its secret of that generation. */
  DecidedBy decidedBy(DecisionCode code, int generation) {
    return switch (code) {
      case REVOKED, SUSPENDED -> provenance.state;
      case ROTATED_OUT -> requireNonNull(provenance.endings.get(generation));
      case NOT_YET_ACTIVE, WRONG_ENVIRONMENT -> provenance.issued;
      case IP_NOT_ALLOWED -> provenance.restrictions;
      case INSUFFICIENT_PERMISSIONS -> provenance.permissions;
      case EXPIRED, VALID -> provenance.validity;
      case MALFORMED, NOT_FOUND -> throw new IllegalArgumentException("no key is behind " + code);
    };
  }

  /** The secrets that no command has ended; those that only the clock ended are among them. */
  List<StoredSecret> secretsInUse() {
    if (view.state() instanceof KeyState.Revoked) {
      return List.of();
    }
    Secrets secrets = view.facts().secrets();
    Secrets.Previous previous = secrets.previous();
    return previous == null
        ? List.of(secrets.current())
        : List.of(secrets.current(), previous.secret());
  }

  private Provenance provenanceAfter(LoggedEvent logged, KeyEvent event) {
    DecidedBy latest = DecidedBy.of(logged);
    return switch (event) {
      case KeyRenewed _ -> provenance.withValidity(latest);
      case KeyResumed _ -> provenance.withValidity(latest).withState(latest);
      case KeyRotated _ -> afterRotation(logged, latest).withValidity(latest);
      case SecretRetired _ -> closedOverlap(logged, latest);
      case KeySuspended _ -> provenance.withState(latest);
      case KeyRevoked _ -> provenance.withState(latest);
      case PermissionsChanged _ -> provenance.withPermissions(latest);
      case RestrictionsChanged _ -> provenance.withRestrictions(latest);
      case KeyIssued _, KeyImported _ -> provenance;
      case KeyDescribed _, KeyTransferred _, LeakReported _ -> provenance;
      case ExpiryApproaching _, KeyExpired _ -> provenance;
    };
  }

  private Provenance afterRotation(LoggedEvent logged, DecidedBy latest) {
    int ended = view.facts().secrets().generation();
    return closedOverlap(logged, latest).withEnding(ended, latest);
  }

  /** An overlap that the clock had closed before stays ended by the rotation that opened it. */
  private Provenance closedOverlap(LoggedEvent logged, DecidedBy latest) {
    Secrets secrets = view.facts().secrets();
    return secrets.previousAliveAt(logged.time()) == null
        ? provenance
        : provenance.withEnding(secrets.generation() - 1, latest);
  }
}
