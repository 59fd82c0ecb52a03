package dev.keyledger.lifecycle.http;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.lifecycle.RequestedExpiry;
import java.time.temporal.ChronoUnit;

/** The field {@code expiresAt}: a time, or {@code never}. */
record Expiry(RequestedExpiry requested) {
  static final String NEVER = "never";

  Expiry {
    // Jackson calls this constructor for an empty object.
    if (requested == null) {
      throw new IllegalArgumentException("must be a string");
    }
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Expiry of(String text) {
    return new Expiry(
        text.equals(NEVER)
            ? new RequestedExpiry.Never()
            : new RequestedExpiry.At(Rfc3339.parse(text).truncatedTo(ChronoUnit.MICROS)));
  }
}
