package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.QueryReaders;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.pointintime.http.PointsInTime;
import dev.keyledger.pointintime.http.RequestedPoint;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.projection.http.ListAnswers.Listed;
import jakarta.servlet.http.HttpServletResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
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
  private final ListAnswers answers;
  private final InstantSource clock;

  KeyQueryController(
      QueryReaders readers,
      EventCodec codec,
      PointsInTime points,
      ListAnswers answers,
      InstantSource clock) {
    this.log = readers.log();
    this.points = points;
    this.answers = answers;
    this.lastUses = readers.lastUses();
    this.codec = codec;
    this.clock = clock;
  }

  @GetMapping
  @Needs("keys:read")
  KeyResource key(@PathVariable String keyId, ApiCall call, HttpServletResponse answer) {
    Caller caller = call.allowQuery().caller();
    KeyView key =
        log.key(KeyResource.idOf(keyId), caller.workspace()).orElseThrow(KeyResource::notFound);
    // Set here, not on a ResponseEntity: Spring would answer If-None-Match with 304, although the
    // status changes with the clock while the version stays the same.
    answer.setHeader(HttpHeaders.ETAG, "\"" + key.facts().version() + "\"");
    return KeyResource.of(
        key, clock.instant(), lastUses.read(List.of(key.keyId())).get(key.keyId()));
  }

  @GetMapping("/history")
  @Needs("audit:read")
  Listed<AuditEntry> history(@PathVariable String keyId, ApiCall call) {
    ListCall list = answers.call("history " + keyId, call, "order");
    Order order =
        Objects.requireNonNullElse(
            list.oneOf("order", Order.values(), Order::toString), Order.OLDEST_FIRST);
    int limit = list.limit();
    Long after = list.cursor(place -> Long.valueOf(place.getFirst()));
    Caller caller = call.caller();
    boolean newestFirst = order == Order.NEWEST_FIRST;
    LogReader.History part =
        log.history(KeyResource.idOf(keyId), caller.workspace(), newestFirst, after, limit);
    List<LoggedEvent> events = part.events();
    if (events.isEmpty()) {
      throw KeyResource.notFound();
    }
    List<AuditEntry> entries =
        newestFirst
            ? AuditEntry.history(part.ownerBefore(), events.reversed(), codec).reversed()
            : AuditEntry.history(part.ownerBefore(), events, codec);
    return new Listed<>(entries, part.more() ? list.next(events.getLast().sequence()) : null);
  }

  @GetMapping("/at")
  @Needs("audit:read")
  DeferredResult<KeyResource> keyAt(@PathVariable String keyId, ApiCall call) {
    RequestedPoint asked =
        RequestedPoint.of(call.allowQuery(RequestedPoint.TIME, RequestedPoint.POSITION));
    Caller caller = call.caller();
    return points.answer(
        asked, caller.workspace(), point -> keyAt(KeyResource.idOf(keyId), caller, point));
  }

  private KeyResource keyAt(KeyId keyId, Caller caller, PointInTime point) {
    KeyView key =
        log.keyAt(keyId, caller.workspace(), point.position()).orElseThrow(KeyResource::notFound);
    return KeyResource.of(key, point.time());
  }
}
