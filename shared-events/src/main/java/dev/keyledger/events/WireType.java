package dev.keyledger.events;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name and the version that an event has on the wire. Every event class carries it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface WireType {
  /** The name, unique to the event. It never changes, whatever the class is called. */
  String name();

  /** The version of the event's form, 1 or more. */
  int version();
}
