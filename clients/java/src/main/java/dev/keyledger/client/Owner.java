package dev.keyledger.client;

import java.util.Map;

/**
 * The party to which a key was issued.
 *
 * @param id a reference, 1 to 255 visible ASCII characters; better no personal data
 */
public record Owner(Type type, String id) implements Call.Body {
  /** The kind of party. */
  public enum Type {
    APP,
    SERVICE,
    USER,
    /** A kind that this version of the client does not know; not for requests. */
    OTHER
  }

  /** Returns an application. */
  public static Owner app(String id) {
    return new Owner(Type.APP, id);
  }

  /** Returns a service. */
  public static Owner service(String id) {
    return new Owner(Type.SERVICE, id);
  }

  /** Returns a person. */
  public static Owner user(String id) {
    return new Owner(Type.USER, id);
  }

  static Owner of(Fields fields) {
    return new Owner(fields.constant("type", Type.OTHER), fields.text("id"));
  }

  @Override
  public Map<String, ?> fields() {
    return Map.of("type", type, "id", id);
  }

  /** Returns {@code type:id}, as queries have it. */
  @Override
  public String toString() {
    return Fields.textOf(type) + ":" + id;
  }
}
