package dev.keyledger.http.request;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The needs of a handler method about its caller, checked by the head of the request before its
 * body is read.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {
  /** The value instead of a permission: no credential. One that is sent must be valid. */
  String NOTHING = "nothing";

  /** The value instead of a permission: the root key. */
  String ROOT_KEY = "the root key";

  /** The value instead of a permission: the target key itself as the credential. */
  String THE_KEY_ITSELF = "the key itself";

  /** Returns the permission, without the prefix {@code keyledger:}. */
  String value();

  /**
   * Returns another permission that also suffices, or {@link #ROOT_KEY} besides {@link
   * #THE_KEY_ITSELF}; empty if there is none.
   */
  String or() default "";

  /**
   * Returns the permission that the key in the path needs to change itself in this way, without the
   * prefix {@code keyledger:}; empty if there is none.
   */
  String ofItself() default "";

  /** Returns the query parameter that may name the workspace; empty if there is none. */
  String workspaceParameter() default "";

  /**
   * Returns whether the body is a form, instead of JSON. A credential may be part of a form, so the
   * method itself authorizes its caller.
   */
  boolean form() default false;
}
