package dev.keyledger.lifecycle.http;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.lifecycle.RequestedExpiry;

/** The field {@code lifetime}: a duration from now, or {@code never}. */
record Lifetime(RequestedExpiry requested) {
  Lifetime {
    // Jackson calls this constructor for an empty object.
    if (requested == null) {
      throw new IllegalArgumentException("must be a string");
    }
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Lifetime of(String text) {
    return new Lifetime(
        text.equals(Expiry.NEVER)
            ? new RequestedExpiry.Never()
            : new RequestedExpiry.After(IsoDuration.parse(text)));
  }
}
