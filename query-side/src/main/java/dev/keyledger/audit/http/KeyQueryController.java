package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.audit.AuditEntry;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.pointintime.http.AskedPoint;
import dev.keyledger.pointintime.http.PointsInTime;
import jakarta.servlet.http.HttpServletResponse;
import java.time.InstantSource;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** A key and its history, read from the log itself and therefore always current. */
@RestController
@RequestMapping(path = "/v1/keys/{keyId}", produces = MediaType.APPLICATION_JSON_VALUE)
class KeyQueryController {
  private final LogReader log;
  private final EventCodec codec;
  private final LastUseTable lastUses;
  private final PointsInTime points;
  private final InstantSource clock;

  KeyQueryController(
      LogReader log,
      EventCodec codec,
      LastUseTable lastUses,
      PointsInTime points,
      InstantSource clock) {
    this.log = log;
    this.points = points;
    this.lastUses = lastUses;
    this.codec = codec;
    this.clock = clock;
  }

  /** The audit entries of a key. */
  record History(List<AuditEntry> data) {}

  @GetMapping
  KeyResource key(@PathVariable String keyId, ApiCall call, HttpServletResponse answer) {
    call.allowQuery();
    Caller caller = call.authorize("keys:read");
    KeyView key = KeyView.fold(eventsOf(KeyResource.idOf(keyId), caller));
    if (key == null) {
      throw KeyResource.notFound();
    }
    // Set here, not on a ResponseEntity: Spring would answer If-None-Match with 304, although the
    // status changes with the clock while the version stays the same.
    answer.setHeader(HttpHeaders.ETAG, "\"" + key.facts().version() + "\"");
    return KeyResource.of(
        key, clock.instant(), lastUses.read(List.of(key.keyId())).get(key.keyId()));
  }

  @GetMapping("/history")
  History history(@PathVariable String keyId, ApiCall call) {
    call.allowQuery();
    Caller caller = call.authorize("audit:read");
    return new History(AuditEntry.history(eventsOf(KeyResource.idOf(keyId), caller), codec));
  }

  @GetMapping("/at")
  DeferredResult<KeyResource> keyAt(@PathVariable String keyId, ApiCall call) {
    AskedPoint asked = AskedPoint.of(call.allowQuery(AskedPoint.TIME, AskedPoint.POSITION));
    Caller caller = call.authorize("audit:read");
    return points.answer(asked, point -> keyAt(KeyResource.idOf(keyId), caller, point));
  }

  private KeyResource keyAt(KeyId keyId, Caller caller, PointInTime point) {
    List<LoggedEvent> until =
        eventsOf(keyId, caller).stream()
            .filter(event -> event.position() <= point.position())
            .toList();
    KeyView key = KeyView.fold(until);
    if (key == null) {
      throw KeyResource.notFound();
    }
    return KeyResource.of(key, point.time());
  }

  private List<LoggedEvent> eventsOf(KeyId keyId, Caller caller) {
    List<LoggedEvent> events = log.readStream(StreamId.of(keyId));
    if (events.isEmpty() || !events.getFirst().workspace().equals(caller.workspace())) {
      throw KeyResource.notFound();
    }
    return events;
  }
}
