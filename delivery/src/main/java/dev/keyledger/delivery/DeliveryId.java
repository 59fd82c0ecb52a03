package dev.keyledger.delivery;

import dev.keyledger.events.KeyId;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * The ids of webhooks, deliveries and stored values: a prefix and 26 characters, as in the ids of
 * keys. Later ids are greater.
 */
public enum DeliveryId {
  WEBHOOK("whk_"),
  DELIVERY("dlv_"),
  VALUE("val_");

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEY_PREFIX_LENGTH = 4;

  private final String prefix;
  private final Pattern form;

  DeliveryId(String prefix) {
    this.prefix = prefix;
    this.form = Pattern.compile(prefix + "[0-7][0-9a-hjkmnp-tv-z]{25}");
  }

  /** Returns a new id. */
  public String next(Instant now) {
    KeyId key = KeyId.of(now.toEpochMilli(), RANDOM.nextLong(), RANDOM.nextLong());
    return prefix + key.value().substring(KEY_PREFIX_LENGTH);
  }

  /** Returns whether a text has the form of such an id. */
  public boolean matches(String text) {
    return form.matcher(text).matches();
  }
}
