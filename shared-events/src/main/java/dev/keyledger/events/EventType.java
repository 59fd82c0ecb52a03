package dev.keyledger.events;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What an event is called on the wire. Java's class and package names never get there, so that the
 * code can move while the ledger stays.
 */
public enum EventType {
  KEY_ISSUED("KeyIssued", 1, KeyIssued.class),
  KEY_IMPORTED("KeyImported", 1, KeyImported.class),
  KEY_RENEWED("KeyRenewed", 1, KeyRenewed.class),
  KEY_ROTATED("KeyRotated", 1, KeyRotated.class),
  SECRET_RETIRED("SecretRetired", 1, SecretRetired.class),
  KEY_SUSPENDED("KeySuspended", 1, KeySuspended.class),
  KEY_RESUMED("KeyResumed", 1, KeyResumed.class),
  KEY_REVOKED("KeyRevoked", 1, KeyRevoked.class),
  PERMISSIONS_CHANGED("PermissionsChanged", 1, PermissionsChanged.class),
  RESTRICTIONS_CHANGED("RestrictionsChanged", 1, RestrictionsChanged.class),
  KEY_DESCRIBED("KeyDescribed", 1, KeyDescribed.class),
  KEY_TRANSFERRED("KeyTransferred", 1, KeyTransferred.class),
  LEAK_REPORTED("LeakReported", 1, LeakReported.class),
  EXPIRY_APPROACHING("ExpiryApproaching", 1, ExpiryApproaching.class),
  KEY_EXPIRED("KeyExpired", 1, KeyExpired.class),
  WORKSPACE_OPENED("WorkspaceOpened", 1, WorkspaceOpened.class),
  POLICY_CHANGED("PolicyChanged", 1, PolicyChanged.class),
  WORKSPACE_CLOSED("WorkspaceClosed", 1, WorkspaceClosed.class);

  private static final Map<Class<?>, EventType> BY_CLASS = by(EventType::eventClass);
  private static final Map<String, EventType> BY_NAME_AND_VERSION =
      by(type -> nameAndVersion(type.wireName, type.version));

  private final String wireName;
  private final int version;
  private final Class<? extends LedgerEvent> eventClass;

  EventType(String wireName, int version, Class<? extends LedgerEvent> eventClass) {
    this.wireName = wireName;
    this.version = version;
    this.eventClass = eventClass;
  }

  /** The type of an event. */
  public static EventType of(LedgerEvent event) {
    EventType type = BY_CLASS.get(event.getClass());
    if (type == null) {
      throw new IllegalStateException(event.getClass() + " has no wire name");
    }
    return type;
  }

  /** The type of that name and version, or empty if this version of Keyledger does not know it. */
  public static Optional<EventType> find(String wireName, int version) {
    return Optional.ofNullable(BY_NAME_AND_VERSION.get(nameAndVersion(wireName, version)));
  }

  /** The name on the wire. */
  public String wireName() {
    return wireName;
  }

  /** The version of the event's form on the wire, 1 or more. */
  public int version() {
    return version;
  }

  /** The class that holds the event in this version of Keyledger. */
  public Class<? extends LedgerEvent> eventClass() {
    return eventClass;
  }

  private static String nameAndVersion(String wireName, int version) {
    return wireName + "." + version;
  }

  private static <K> Map<K, EventType> by(Function<EventType, K> key) {
    return Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(key, type -> type));
  }
}
