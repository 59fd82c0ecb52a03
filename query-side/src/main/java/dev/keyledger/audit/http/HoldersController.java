package dev.keyledger.audit.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.conditions.Permission;
import dev.keyledger.directory.Directory;
import dev.keyledger.directory.Directory.HoldersCursor;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.log.QueryReaders;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.pointintime.http.PointsInTime;
import dev.keyledger.pointintime.http.RequestedPoint;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ListAnswers;
import dev.keyledger.projection.http.ListAnswers.Listed;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** Lists the keys that had a permission, now or in the past. */
@RestController
@RequestMapping(path = "/v1/permissions/holders", produces = MediaType.APPLICATION_JSON_VALUE)
class HoldersController {
  private static final String PERMISSION = "permission";
  private static final String AT = "at";

  private final Directory directory;
  private final PositionWatch watch;
  private final LogReader log;
  private final PointsInTime points;
  private final ListAnswers answers;
  private final InstantSource clock;

  HoldersController(
      Directory directory,
      DirectoryProjection projection,
      ProjectionDatabase database,
      QueryReaders readers,
      PointsInTime points,
      ListAnswers answers,
      InstantSource clock) {
    this.directory = directory;
    this.watch = database.watch(projection);
    this.log = readers.log();
    this.points = points;
    this.answers = answers;
    this.clock = clock;
  }

  /**
   * A key that had the permission.
   *
   * @param key as it was then
   * @param pattern the permission of the key that covers the requested one
   */
  record Holder(@JsonUnwrapped KeyResource key, String pattern) {}

  @GetMapping
  @Needs("audit:read")
  DeferredResult<ResponseEntity<Listed<Holder>>> holders(ApiCall call) {
    ListCall list = answers.call("holders", call, PERMISSION, AT);
    List<Permission> asked = list.values(PERMISSION, HoldersController::literal);
    if (asked.size() != 1) {
      throw ProblemException.unreadable(PERMISSION, "must be given once");
    }
    Instant at = list.time(AT);
    int limit = list.limit();
    HoldersCursor after = list.cursor(HoldersController::cursor);
    String workspace = call.caller(watch::await).workspace();
    var question = new Question(workspace, asked.getFirst(), after, limit, list);
    if (after != null || at == null) {
      var result = new DeferredResult<ResponseEntity<Listed<Holder>>>();
      result.setResult(answer(question, after == null ? null : after.at()));
      return result;
    }
    return points.answer(
        new RequestedPoint.AtTime(at, AT),
        workspace,
        point -> {
          Freshness.require(
              watch::await,
              point.position(),
              Freshness.INDEX_WAIT_MAX,
              "This list has not reached that time; try again.");
          return answer(question, point);
        });
  }

  /**
   * The parameters of a query.
   *
   * @param after the place after which the page begins; null: the beginning
   */
  private record Question(
      String workspace,
      Permission permission,
      @Nullable HoldersCursor after,
      int limit,
      ListCall list) {}

  /**
   * @param point the point in time of the query; null: now
   */
  private ResponseEntity<Listed<Holder>> answer(Question asked, @Nullable PointInTime point) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Long before = asked.after == null ? null : asked.after.createdPosition();
    return answers.answer(
        () ->
            directory
                .holders(asked.workspace, asked.permission, point, now, log, before, asked.limit)
                .map(holding ->
                    new Holder(
                        KeyResource.of(holding.key(), point == null ? now : point.time()),
                        holding.pattern().value())),
        next -> asked.list.next(next.createdPosition(), next.at().position(), next.at().time()));
  }

  private static Permission literal(String text) {
    var permission = new Permission(text);
    if (!permission.isLiteral()) {
      throw new IllegalArgumentException("must not contain *");
    }
    return permission;
  }

  private static HoldersCursor cursor(List<String> place) {
    return new HoldersCursor(
        Long.parseLong(place.getFirst()),
        new PointInTime(Long.parseLong(place.get(1)), Instant.parse(place.getLast())));
  }
}
