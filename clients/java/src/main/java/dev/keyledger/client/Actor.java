package dev.keyledger.client;

import org.jspecify.annotations.Nullable;

/**
 * The sender of a command.
 *
 * @param type {@code root}, {@code operator}, {@code holder}, {@code system} or {@code anonymous}
 * @param id the keyId of an operator or a holder; null for the others
 */
public record Actor(String type, @Nullable String id) {
  static Actor of(Fields fields) {
    return new Actor(fields.text("type"), fields.optionalText("id"));
  }

  /** Returns {@code type} or {@code type:id}, as queries have it. */
  @Override
  public String toString() {
    return id == null ? type : type + ":" + id;
  }
}
