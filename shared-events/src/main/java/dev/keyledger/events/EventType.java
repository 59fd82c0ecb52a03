package dev.keyledger.events;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The name and version of an event on the wire. Java's class and package names are never written,
 * so that code can move without a change of the ledger. There is one instance for each event class.
 */
public final class EventType {
  private static final List<EventType> ALL = allInOrder();
  private static final Map<Class<?>, EventType> BY_CLASS =
      ALL.stream()
          .collect(toMap(EventType::eventClass, type -> type, (one, _) -> one, HashMap::new));
  private static final Map<String, List<EventType>> BY_NAME =
      ALL.stream().collect(groupingBy(EventType::wireName, HashMap::new, toList()));

  private final int ordinal;
  private final String wireName;
  private final int version;
  private final Class<? extends LedgerEvent> eventClass;

  private EventType(int ordinal, Class<? extends LedgerEvent> eventClass) {
    this.ordinal = ordinal;
    WireType wire = requireNonNull(eventClass.getAnnotation(WireType.class), eventClass::toString);
    this.wireName = wire.name();
    this.version = wire.version();
    this.eventClass = eventClass;
  }

  /** Returns all types, in a fixed order. */
  public static List<EventType> all() {
    return ALL;
  }

  /** Returns the type of an event. */
  public static EventType of(LedgerEvent event) {
    return of(event.getClass());
  }

  /** Returns the type of the events of a class. */
  public static EventType of(Class<? extends LedgerEvent> eventClass) {
    return requireNonNull(BY_CLASS.get(eventClass), eventClass::toString);
  }

  /**
   * Returns the type with a name and version, or empty if this version of Keyledger does not know
   * it.
   */
  public static Optional<EventType> find(String wireName, int version) {
    for (EventType type : BY_NAME.getOrDefault(wireName, List.of())) {
      if (type.version == version) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Returns the place of this type in {@link #all}. */
  public int ordinal() {
    return ordinal;
  }

  /** Returns the name on the wire. */
  public String wireName() {
    return wireName;
  }

  /** Returns the version of the event's form on the wire, 1 or more. */
  public int version() {
    return version;
  }

  /** Returns the class of the event in this version of Keyledger. */
  public Class<? extends LedgerEvent> eventClass() {
    return eventClass;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }

  /** Returns the event classes that a sealed group permits, directly or through other groups. */
  private static Stream<Class<? extends LedgerEvent>> eventsOf(
      Class<? extends LedgerEvent> eventOrGroup) {
    Class<?> @Nullable [] permitted = eventOrGroup.getPermittedSubclasses();
    return permitted == null
        ? Stream.of(eventOrGroup)
        : Arrays.stream(permitted)
            .flatMap(member -> eventsOf(member.asSubclass(LedgerEvent.class)));
  }

  private static List<EventType> allInOrder() {
    List<? extends Class<? extends LedgerEvent>> classes =
        eventsOf(LedgerEvent.class).distinct().toList();
    return IntStream.range(0, classes.size())
        .mapToObj(ordinal -> new EventType(ordinal, classes.get(ordinal)))
        .toList();
  }
}
