package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.audit.AuditFilter;
import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.audit.AuditTrail.Days;
import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ActorFilter;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.projection.http.ListAnswers.Listed;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The audit of a workspace. */
@RestController
@RequestMapping(path = "/v1/audit", produces = MediaType.APPLICATION_JSON_VALUE)
class AuditController {
  /** The maximum number of days of a summary. */
  static final int DAYS_MAX = 366;

  /** The number of days of a summary unless the request specifies it. */
  static final int DAYS_DEFAULT = 30;

  private final AuditTrail audit;
  private final PositionWatch watch;
  private final ListAnswers answers;
  private final InstantSource clock;

  AuditController(
      AuditTrail audit,
      AuditProjection projection,
      ProjectionDatabase database,
      ListAnswers answers,
      InstantSource clock) {
    this.audit = audit;
    this.clock = clock;
    this.watch = database.watch(projection);
    this.answers = answers;
  }

  @GetMapping
  @Needs("audit:read")
  ResponseEntity<Listed<AuditEntry>> entries(ApiCall call) {
    ListCall list =
        answers.call("audit", call, "keyId", "owner", "actor", "type", "from", "to", "order");
    Instant from = list.time("from");
    Instant to = list.time("to");
    ListCall.requirePeriod(from, to);
    ActorFilter actor = list.value("actor", ActorFilter::parse);
    var filter =
        new AuditFilter(
            list.value("keyId", KeyId::new),
            list.owners("owner"),
            actor == null ? List.of() : List.of(actor.type()),
            actor == null ? null : actor.id(),
            list.values(
                "type",
                text ->
                    ListCall.named(
                        text, EventType.all().toArray(EventType[]::new), EventType::wireName)),
            from,
            to);
    Order order =
        Objects.requireNonNullElse(
            list.oneOf("order", Order.values(), Order::toString), Order.NEWEST_FIRST);
    int limit = list.limit();
    Long after = list.cursor(place -> Long.valueOf(place.getFirst()));
    Caller caller = call.caller(watch::await);
    return answers.answer(
        () -> audit.entries(caller.workspace(), filter, order, after, limit), list::next);
  }

  /** The commands of each day. */
  record Summary(List<DayCommands> commandsByDay) {}

  /**
   * @param date the day, in UTC
   */
  record DayCommands(String date, long commands) {}

  @GetMapping("/summary")
  @Needs("audit:read")
  ResponseEntity<Summary> summary(ApiCall call) {
    var _ = call.allowQuery("from", "to");
    Instant from = call.query("from", Rfc3339::parseParameter);
    Instant to =
        Objects.requireNonNullElseGet(call.query("to", Rfc3339::parseParameter), clock::instant);
    ListCall.requirePeriod(from, to);
    LocalDate end = dayOf(to.minusNanos(1)).plusDays(1);
    LocalDate first = from == null ? end.minusDays(DAYS_DEFAULT) : dayOf(from);
    if (ChronoUnit.DAYS.between(first, end) > DAYS_MAX) {
      throw ProblemException.unreadable("from", "must be at most " + DAYS_MAX + " days before to");
    }
    Caller caller = call.caller(watch::await);
    Days days = ListAnswers.ask(() -> audit.commandsByDay(caller.workspace(), first, end));
    return answers.at(
        days.position(),
        new Summary(
            days.commands().entrySet().stream()
                .map(day -> new DayCommands(day.getKey().toString(), day.getValue()))
                .toList()));
  }

  private static LocalDate dayOf(Instant time) {
    return LocalDate.ofInstant(time, ZoneOffset.UTC);
  }
}
