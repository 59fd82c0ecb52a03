package dev.keyledger.checking.http.extauthz;

import dev.keyledger.checking.http.RequestTimers;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.checking.http.fast.ClientFailures;
import dev.keyledger.http.arrival.UnfinishedBodies;

/** The state that the connections of the port share. Thread-safe. */
record ExtAuthzContext(
    VerificationHandler handler,
    RequestTimers timers,
    UnfinishedBodies unfinished,
    ClientFailures failures,
    ExtAuthzLimits limits) {}
