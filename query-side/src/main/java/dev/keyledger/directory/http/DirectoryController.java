package dev.keyledger.directory.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.access.Caller;
import dev.keyledger.conditions.Permission;
import dev.keyledger.directory.AttentionReason;
import dev.keyledger.directory.Directory;
import dev.keyledger.directory.Directory.ExpiringCursor;
import dev.keyledger.directory.Directory.InUse;
import dev.keyledger.directory.Directory.SentReminder;
import dev.keyledger.directory.DirectoryFilter;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.directory.KeySummary;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ActorFilter;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.projection.http.ListAnswers.Listed;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The lists of keys. */
@RestController
@RequestMapping(path = "/v1/keys", produces = MediaType.APPLICATION_JSON_VALUE)
class DirectoryController {
  /** The maximum length of a search text, in characters: that of the longest owner id. */
  static final int TEXT_LENGTH_MAX = Owner.ID_LENGTH_MAX;

  /** The period of {@code expiring} unless the request specifies it. */
  static final Duration WITHIN_DEFAULT = Duration.ofDays(30);

  private final Directory directory;
  private final PositionWatch watch;
  private final ListAnswers answers;
  private final InstantSource clock;

  DirectoryController(
      Directory directory,
      DirectoryProjection projection,
      ProjectionDatabase database,
      ListAnswers answers,
      InstantSource clock) {
    this.directory = directory;
    this.watch = database.watch(projection);
    this.answers = answers;
    this.clock = clock;
  }

  /**
   * A key that expires.
   *
   * @param expiresIn the time until the expiry, in whole seconds; absent if the key no longer
   *     expires after a renewal
   * @param remindersSent the reminders of that expiry, oldest first
   */
  record Expiring(
      @JsonUnwrapped KeyResource key,
      @Nullable Duration expiresIn,
      List<SentReminder> remindersSent) {
    static Expiring of(
        KeyView key, Instant now, @Nullable LastUse used, List<SentReminder> remindersSent) {
      Instant expiresAt = key.facts().validity().expiresAt();
      return new Expiring(
          KeyResource.of(key, now, used),
          expiresAt == null
              ? null
              : Duration.between(now, expiresAt).truncatedTo(ChronoUnit.SECONDS),
          remindersSent);
    }
  }

  @GetMapping
  @Needs("keys:read")
  ResponseEntity<Listed<KeyResource>> keys(ApiCall call) {
    ListCall list =
        answers.call(
            "keys",
            call,
            "owner",
            "status",
            "permission",
            "environment",
            "issuedBy",
            "expiresBefore",
            "unusedSince",
            "q",
            "attention");
    ActorFilter issuedBy = list.value("issuedBy", ActorFilter::parse);
    var filter =
        new DirectoryFilter(
            list.owners("owner"),
            list.values(
                "status", text -> ListCall.named(text, KeyStatus.values(), KeyStatus::toString)),
            list.values("permission", text -> new Permission(text).toString()),
            list.oneOf("environment", Environment.values(), Environment::toString),
            issuedBy == null ? null : issuedBy.type(),
            issuedBy == null ? null : issuedBy.id(),
            list.time("expiresBefore"),
            list.time("unusedSince"),
            list.value("q", DirectoryController::searched));
    AttentionReason attention =
        list.oneOf("attention", AttentionReason.values(), AttentionReason::toString);
    int limit = list.limit();
    Long before = list.cursor(place -> Long.valueOf(place.getFirst()));
    Caller caller = call.caller(watch::await);
    Instant now = now();
    return answers.answer(
        () -> {
          Page<KeyView, Long> page =
              attention == null
                  ? directory.keys(caller.workspace(), filter, before, limit, now)
                  : directory.keysThatNeed(
                      attention, caller.workspace(), filter, before, limit, now);
          Map<KeyId, LastUse> used = directory.lastUses(page.entries());
          return page.map(key -> KeyResource.of(key, now, used.get(key.keyId())));
        },
        list::next);
  }

  /**
   * The numbers of keys.
   *
   * @param attention the number by reason for attention
   * @param expiriesByWeek the current week first
   * @param position the position of the directory
   * @param asOf the time of the counts
   */
  record Summary(
      long total,
      Map<String, Long> byStatus,
      Map<String, Long> attention,
      List<WeekExpiries> expiriesByWeek,
      long position,
      Instant asOf) {
    static Summary of(KeySummary summary, Instant asOf) {
      return new Summary(
          summary.total(),
          byName(summary.byStatus()),
          byName(summary.attention()),
          summary.expiriesByWeek().entrySet().stream()
              .map(week -> new WeekExpiries(week.getKey(), week.getValue()))
              .toList(),
          summary.position(),
          asOf);
    }

    private static Map<String, Long> byName(Map<?, Long> numbers) {
      var byName = new LinkedHashMap<String, Long>();
      numbers.forEach((name, number) -> byName.put(name.toString(), number));
      return byName;
    }
  }

  /**
   * The keys that expire in a week.
   *
   * @param from its beginning, a Monday in UTC
   */
  record WeekExpiries(Instant from, long keys) {}

  @GetMapping("/summary")
  @Needs("keys:read")
  ResponseEntity<Summary> summary(ApiCall call) {
    Caller caller = call.allowQuery().caller(watch::await);
    Instant asOf = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    Instant firstWeek =
        asOf.atZone(ZoneOffset.UTC)
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
            .truncatedTo(ChronoUnit.DAYS)
            .toInstant();
    KeySummary summary =
        ListAnswers.ask(() -> directory.summary(caller.workspace(), asOf, firstWeek));
    return answers.at(summary.position(), Summary.of(summary, asOf));
  }

  @GetMapping("/expiring")
  @Needs("keys:read")
  ResponseEntity<Listed<Expiring>> expiring(ApiCall call) {
    ListCall list = answers.call("expiring", call, "within", "owner", "inUseFirst");
    Duration within = list.value("within", IsoDuration::parse);
    List<Owner> owners = list.owners("owner");
    boolean inUseFirst =
        Boolean.TRUE.equals(
            list.oneOf("inUseFirst", new Boolean[] {true, false}, Object::toString));
    int limit = list.limit();
    ExpiringCursor after = list.cursor(DirectoryController::expiringCursor);
    Caller caller = call.caller(watch::await);
    Instant now = now();
    Instant until = end(now, within);
    return answers.answer(
        () -> {
          Page<KeyView, ExpiringCursor> page =
              directory.expiring(caller.workspace(), owners, now, until, inUseFirst, after, limit);
          Map<KeyId, LastUse> used = directory.lastUses(page.entries());
          Map<KeyId, List<SentReminder>> sent = directory.remindersSent(page.entries());
          return page.map(key ->
              Expiring.of(
                  key, now, used.get(key.keyId()), sent.getOrDefault(key.keyId(), List.of())));
        },
        next -> list.next(fields(next)));
  }

  private static ExpiringCursor expiringCursor(List<String> place) {
    return new ExpiringCursor(
        Long.parseLong(place.get(0)),
        Long.parseLong(place.get(1)),
        Long.parseLong(place.get(2)),
        place.get(3),
        place.size() == 4
            ? null
            : new InUse(Double.parseDouble(place.get(4)), Boolean.parseBoolean(place.get(5))));
  }

  private static Object[] fields(ExpiringCursor place) {
    var fields = new ArrayList<Object>();
    fields.add(place.asOfPosition());
    fields.add(place.untilMicros());
    fields.add(place.expiresAtMicros());
    fields.add(place.keyId());
    InUse inUse = place.inUse();
    if (inUse != null) {
      fields.add(inUse.atSeconds());
      fields.add(inUse.among());
    }
    return fields.toArray();
  }

  /**
   * Returns the time in microseconds, the precision of the directory, so that status and filter
   * agree.
   */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * Returns the end of the period for expiring keys.
   *
   * @param within the length of the period; null: {@link #WITHIN_DEFAULT}
   */
  static Instant end(Instant now, @Nullable Duration within) {
    try {
      return now.plus(within == null ? WITHIN_DEFAULT : within);
    } catch (DateTimeException | ArithmeticException beyondAllTimes) {
      return Instant.MAX;
    }
  }

  private static String searched(String text) {
    if (text.length() > TEXT_LENGTH_MAX) {
      throw new IllegalArgumentException("must have at most " + TEXT_LENGTH_MAX + " characters");
    }
    return text;
  }
}
