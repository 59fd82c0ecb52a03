package dev.keyledger.checking.http;

import dev.keyledger.events.KeyId;
import dev.keyledger.pointintime.http.AskedPoint;
import dev.keyledger.verification.decision.Check;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A check of the past as a body has it.
 *
 * @param body the check itself, and which of all is outside the limits
 * @param keyId the key in place of a string that is presented
 */
record PastCheckRequest(
    CheckRequest.Body body,
    @Nullable KeyId keyId,
    @Nullable Instant time,
    @Nullable Long position) {

  /** When it is asked about, once the body was found to be within the limits. */
  AskedPoint point() {
    return AskedPoint.of(time, position);
  }

  /** The check, once the body was found to be within the limits. */
  Check in(String workspace) {
    return body.checks().getFirst().in(workspace);
  }
}
