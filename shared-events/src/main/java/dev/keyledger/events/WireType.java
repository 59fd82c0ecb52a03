package dev.keyledger.events;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name and version of an event on the wire. Every event class has this annotation. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface WireType {
  /** The name, unique to the event. It never changes, even if the class is renamed. */
  String name();

  /** The version of the event's form, 1 or more. */
  int version();
}
