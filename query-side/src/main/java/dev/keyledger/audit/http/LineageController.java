package dev.keyledger.audit.http;

import dev.keyledger.audit.AuditFilter;
import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.audit.AuditTrail.Order;
import dev.keyledger.directory.Directory;
import dev.keyledger.directory.Directory.Descendant;
import dev.keyledger.directory.Directory.DescendantCursor;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.freshness.AppliedPosition;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.QueryReaders;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.projection.http.ListAnswers.Listed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The lineage of a key: its issuers, its descendants, and the commands that it sent. */
@RestController
@RequestMapping(path = "/v1/keys/{keyId}", produces = MediaType.APPLICATION_JSON_VALUE)
class LineageController {
  /** The maximum number of events in a lineage, of which a key can have thousands. */
  private static final int EVENTS_MAX = 200;

  /** The types of the events that gave the key a secret or an owner. */
  private static final List<EventType> ORIGINS =
      EventType.all().stream()
          .filter(type ->
              KeyEvent.NamesOwner.class.isAssignableFrom(type.eventClass())
                  || KeyEvent.IntroducesSecret.class.isAssignableFrom(type.eventClass()))
          .toList();

  private final Directory directory;
  private final AuditTrail audit;
  private final AppliedPosition directoryApplied;
  private final AppliedPosition auditApplied;
  private final LogReader log;
  private final ListAnswers answers;
  private final PositionTokens tokens;
  private final InstantSource clock;

  LineageController(
      Directory directory,
      DirectoryProjection directoryProjection,
      AuditTrail audit,
      AuditProjection auditProjection,
      ProjectionDatabase database,
      QueryReaders readers,
      ListAnswers answers,
      PositionTokens tokens,
      InstantSource clock) {
    this.directory = directory;
    this.audit = audit;
    this.directoryApplied = database.watch(directoryProjection)::await;
    this.auditApplied = database.watch(auditProjection)::await;
    this.log = readers.log();
    this.answers = answers;
    this.tokens = tokens;
    this.clock = clock;
  }

  /** A key that descends from another one. */
  record Child(
      String keyId,
      Actor issuedBy,
      int depth,
      String name,
      Owner owner,
      KeyStatus status,
      Instant createdAt) {
    static Child of(Descendant descendant, Instant now) {
      KeyView key = descendant.key();
      return new Child(
          key.keyId().value(),
          key.issuedBy(),
          descendant.depth(),
          key.facts().name(),
          key.facts().owner(),
          key.statusAt(now),
          key.createdAt());
    }
  }

  /**
   * The lineage of a key.
   *
   * @param issuers its issuer, the issuer of that key, and so on
   * @param events the events that gave the key its secrets and owners, oldest first; only on the
   *     first page
   */
  record Lineage(
      List<Actor> issuers,
      @Nullable List<AuditEntry> events,
      List<Child> data,
      @Nullable String nextCursor) {}

  @GetMapping("/lineage")
  @Needs("audit:read")
  ResponseEntity<Lineage> lineage(@PathVariable String keyId, ApiCall call) {
    ListCall list = answers.call("lineage " + keyId, call);
    int limit = list.limit();
    DescendantCursor after = list.cursor(LineageController::cursor);
    String workspace = call.caller(directoryApplied.and(auditApplied)).workspace();
    KeyView key = existing(keyId, workspace);
    Instant now = clock.instant();
    List<Actor> issuers = ListAnswers.ask(() -> directory.issuers(key));
    List<AuditEntry> events = after == null ? ListAnswers.ask(() -> origins(key, workspace)) : null;
    Page<Descendant, DescendantCursor> page =
        ListAnswers.ask(() -> directory.descendants(key, after, limit));
    DescendantCursor next = page.next();
    return ResponseEntity.ok()
        .header(KeyAnswers.POSITION_HEADER, tokens.issue(page.position()))
        .body(
            new Lineage(
                issuers,
                events,
                page.entries().stream().map(child -> Child.of(child, now)).toList(),
                next == null ? null : list.next(next.depth(), next.createdPosition())));
  }

  private List<AuditEntry> origins(KeyView key, String workspace) {
    var filter = new AuditFilter(key.keyId(), List.of(), List.of(), null, ORIGINS, null, null);
    return audit.entries(workspace, filter, Order.OLDEST_FIRST, null, EVENTS_MAX).entries();
  }

  private static DescendantCursor cursor(List<String> place) {
    return new DescendantCursor(
        Integer.parseInt(place.getFirst()), Long.parseLong(place.getLast()));
  }

  @GetMapping("/touched")
  @Needs("audit:read")
  ResponseEntity<Listed<AuditEntry>> touched(@PathVariable String keyId, ApiCall call) {
    ListCall list = answers.call("touched " + keyId, call, "from", "to", "order");
    Instant from = list.time("from");
    Instant to = list.time("to");
    ListCall.requirePeriod(from, to);
    Order order =
        Objects.requireNonNullElse(
            list.oneOf("order", Order.values(), Order::toString), Order.NEWEST_FIRST);
    int limit = list.limit();
    Long after = list.cursor(place -> Long.valueOf(place.getFirst()));
    String workspace = call.caller(auditApplied).workspace();
    KeyId commander = existing(keyId, workspace).keyId();
    var filter =
        new AuditFilter(
            null,
            List.of(),
            List.of(ActorType.OPERATOR, ActorType.HOLDER),
            commander.value(),
            List.of(),
            from,
            to);
    return answers.answer(() -> audit.entries(workspace, filter, order, after, limit), list::next);
  }

  private KeyView existing(String keyId, String workspace) {
    return log.key(KeyResource.idOf(keyId), workspace).orElseThrow(KeyResource::notFound);
  }
}
