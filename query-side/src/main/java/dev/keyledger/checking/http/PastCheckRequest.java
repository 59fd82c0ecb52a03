package dev.keyledger.checking.http;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyId;
import dev.keyledger.pointintime.http.RequestedPoint;
import dev.keyledger.verification.decision.Check;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A check at a point in the past, as read from a body.
 *
 * @param body the check itself, and the fields of the whole body that are outside their limits
 * @param keyId the key to check if no secret is given
 */
record PastCheckRequest(
    CheckRequest.Body body,
    @Nullable KeyId keyId,
    @Nullable Instant time,
    @Nullable Long position) {

  /** Returns the point in the past, after {@link CheckRequest.Body#requireWithinLimits}. */
  RequestedPoint point() {
    return RequestedPoint.of(time, position);
  }

  /** Returns the check as its caller may make it, as {@link CheckRequest#of} does. */
  Check of(Caller caller) {
    return body.checks().getFirst().of(caller);
  }
}
