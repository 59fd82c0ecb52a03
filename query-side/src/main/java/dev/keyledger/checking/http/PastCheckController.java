package dev.keyledger.checking.http;

import dev.keyledger.access.Caller;
import dev.keyledger.checking.PastVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.pointintime.http.PointsInTime;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** Returns the result that a check would have had at a time in the past. */
@RestController
@RequestMapping(path = "/v1/verify/at", produces = MediaType.APPLICATION_JSON_VALUE)
class PastCheckController {
  private final PastVerifier verifier;
  private final PointsInTime points;

  PastCheckController(PastVerifier verifier, PointsInTime points) {
    this.verifier = verifier;
    this.points = points;
  }

  @PostMapping
  @Needs("audit:read")
  DeferredResult<ResponseEntity<byte[]>> verify(ApiCall call) {
    PastCheckRequest asked = CheckReader.past(call.allowQuery().jsonBody());
    Caller caller = call.caller();
    asked.body().requireWithinLimits();
    return points.answer(
        asked.point(),
        caller.workspace(),
        point -> answer(verifier.verify(asked.of(caller), asked.keyId(), point)));
  }

  private static ResponseEntity<byte[]> answer(Verdict verdict) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .body(VerdictWriter.one(verdict, false));
  }
}
