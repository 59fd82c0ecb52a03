package dev.keyledger.checking.http.fast;

import dev.keyledger.checking.http.RequestTimers;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;

/** The state that the connections of one listener share. Thread-safe. */
record FastContext(
    VerificationHandler handler,
    RequestTimers timers,
    InstantSource clock,
    UnfinishedBodies unfinished,
    ClientFailures failures) {

  static FastContext of(
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      UnfinishedBodies unfinished) {
    return new FastContext(
        handler,
        new RequestTimers(registry),
        clock,
        unfinished,
        new ClientFailures(registry, "keyledger.fast.failures", "fast listener"));
  }
}
