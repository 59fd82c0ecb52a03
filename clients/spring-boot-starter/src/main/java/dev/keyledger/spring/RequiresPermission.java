package dev.keyledger.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Restricts a method, or all methods of a class, to keys with these permissions; the annotation of
 * a method replaces that of its class. The application does not start if the annotation is empty or
 * has a wildcard: wildcards belong to keys.
 *
 * <p>Like all of Spring's method security it works on calls from other beans, and not on private or
 * final methods. In WebFlux the method must return a {@code Mono} or {@code Flux}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface RequiresPermission {
  /** Permissions of which the key must hold all. */
  String[] value() default {};

  /** Permissions of which the key must hold one; none: no condition. */
  String[] anyOf() default {};
}
