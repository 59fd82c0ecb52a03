package dev.keyledger.events;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The facts about a key, folded from its events, in any state. The fields have the same meaning as
 * in the events.
 *
 * @param version the number of events that commands have caused, 1 or more
 */
public record KeyFacts(
    String name,
    Map<String, String> metadata,
    Owner owner,
    Environment environment,
    Secrets secrets,
    List<String> permissions,
    List<String> ipAllowList,
    Validity validity,
    long version) {

  static KeyFacts of(KeyEvent.BeginsKey e) {
    return new KeyFacts(
        e.name(),
        e.metadata(),
        e.owner(),
        e.environment(),
        Secrets.first(e.secret()),
        e.permissions(),
        e.ipAllowList(),
        new Validity(e.notBefore(), e.expiresAt(), e.renewableUntil(), e.reminders()),
        1);
  }

  /** Returns the facts after an event that a command or a timer added to an issued key. */
  KeyFacts after(KeyEvent event) {
    KeyFacts changed =
        switch (event) {
          case KeyEvent.BeginsKey _ -> throw new IllegalStateException("a key is issued only once");
          case KeyRenewed e -> with(validity.renewed(e));
          case PermissionsChanged e -> withPermissions(e);
          case RestrictionsChanged e -> withIpAllowList(e.ipAllowList());
          case KeyRotated e -> with(secrets.rotated(e));
          case OverlapStarted e -> with(secrets.overlapStarted(e));
          case SecretRetired _ -> with(secrets.previousRetired());
          case RotationCompleted _ -> with(secrets.rotationCompleted());
          case LeakReported e -> with(secrets.leakReported(e.generation()));
          case KeyDescribed e -> withDescription(e.name(), e.metadata());
          case KeyTransferred e -> withOwner(e.owner());
          case KeyEvent.ChangesState _, KeyEvent.RecordsNote _ -> this;
        };
    return event.movesVersion() ? changed.withVersion(version + 1) : changed;
  }

  private KeyFacts with(Secrets changed) {
    return new KeyFacts(
        name, metadata, owner, environment, changed, permissions, ipAllowList, validity, version);
  }

  private KeyFacts with(Validity changed) {
    return new KeyFacts(
        name, metadata, owner, environment, secrets, permissions, ipAllowList, changed, version);
  }

  private KeyFacts withPermissions(PermissionsChanged event) {
    var changed = new TreeSet<>(permissions);
    event.removed().forEach(changed::remove);
    changed.addAll(event.added());
    return new KeyFacts(
        name,
        metadata,
        owner,
        environment,
        secrets,
        List.copyOf(changed),
        ipAllowList,
        validity,
        version);
  }

  private KeyFacts withIpAllowList(List<String> changed) {
    return new KeyFacts(
        name, metadata, owner, environment, secrets, permissions, changed, validity, version);
  }

  private KeyFacts withDescription(String changedName, Map<String, String> changedMetadata) {
    return new KeyFacts(
        changedName,
        changedMetadata,
        owner,
        environment,
        secrets,
        permissions,
        ipAllowList,
        validity,
        version);
  }

  private KeyFacts withOwner(Owner changed) {
    return new KeyFacts(
        name, metadata, changed, environment, secrets, permissions, ipAllowList, validity, version);
  }

  private KeyFacts withVersion(long changed) {
    return new KeyFacts(
        name, metadata, owner, environment, secrets, permissions, ipAllowList, validity, changed);
  }
}
