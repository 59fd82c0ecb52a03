package dev.keyledger.feed.http;

import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.EventType;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.feed.Feed;
import dev.keyledger.http.AnswerCutShortException;
import dev.keyledger.http.ContainerProtocol;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.PositionTokens;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Streams the events of a workspace to clients, each on the virtual thread of its request. */
@RestController
@RequestMapping(path = "/v1/feed", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
class FeedController {
  /** The maximum number of clients of one workspace on a node. */
  static final int CLIENTS_OF_WORKSPACE_MAX = 1_000;

  /** The maximum number of clients of a node, which leaves places whatever one workspace does. */
  static final int CLIENTS_MAX = 1_100;

  /** The size of the system's buffer for a client that does not read. */
  static final int UNREAD_BYTES_MAX = 64 * 1024;

  /**
   * The time for which a client that does not read stays connected, so that it can receive the
   * reason for the end.
   */
  static final Duration UNREAD_MAX = Duration.ofMinutes(1);

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String TYPE = "type";
  private static final Logger LOG = LoggerFactory.getLogger(FeedController.class);

  private final Feed feed;
  private final FeedMessages messages;
  private final FeedMeters meters;
  private final Workspaces workspaces;
  private final ConcurrencyLimit<String> places =
      new ConcurrencyLimit<>(CLIENTS_MAX, CLIENTS_OF_WORKSPACE_MAX);

  FeedController(Feed feed, PositionTokens tokens, FeedMeters meters, Workspaces workspaces) {
    this.feed = feed;
    this.messages = new FeedMessages(tokens);
    this.meters = meters;
    this.workspaces = workspaces;
  }

  @GetMapping
  @Needs("feed:read")
  void feed(ApiCall call, HttpServletRequest request, HttpServletResponse answer)
      throws IOException {
    var _ = call.allowQuery(Set.of(TYPE), TYPE);
    Set<String> types =
        call.queryValues(TYPE, FeedController::typeOf).stream()
            .map(EventType::wireName)
            .collect(Collectors.toUnmodifiableSet());
    String lastEventId = call.header(LAST_EVENT_ID);
    Long after = lastEventId == null ? null : call.awaitPosition(lastEventId);
    String workspace = call.caller().workspace();
    if (request.getMethod().equals(HttpMethod.HEAD.name())) {
      setHeaders(answer);
      return;
    }
    if (!places.tryTake(workspace)) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED,
          "This node has as many clients of the feed as it can, or as one workspace may have.");
    }
    try {
      setHeaders(answer);
      ContainerProtocol.limitUnread(request, UNREAD_BYTES_MAX, UNREAD_MAX);
      send(
          new FeedStream(
              feed,
              messages,
              meters,
              new FeedStream.Wanted(workspace, types, after == null ? feed.position() : after),
              seen -> refusal(call, workspace, seen),
              answer.getOutputStream(),
              System::nanoTime));
    } finally {
      places.leave(workspace);
    }
  }

  private static void setHeaders(HttpServletResponse answer) {
    answer.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    answer.setHeader("Cache-Control", "no-store");
    answer.setHeader("X-Accel-Buffering", "no");
    answer.setHeader("Connection", "close");
  }

  private void send(FeedStream stream) throws IOException {
    meters.began();
    String code = FeedMeters.CLIENT_LEFT;
    try {
      code = stream.run();
    } catch (RuntimeException defect) {
      code = ProblemCode.INTERNAL_ERROR.code();
      LOG.error("A stream of the feed failed", defect);
      throw new AnswerCutShortException();
    } finally {
      meters.ended(stream.wasTooSlow() ? FeedStream.TOO_SLOW : code);
    }
  }

  private @Nullable String refusal(ApiCall call, String workspace, long seen) {
    Optional<WorkspaceView> closed = workspaces.find(workspace).filter(WorkspaceView::isClosed);
    try {
      call.authorizeAgain();
    } catch (ProblemException refused) {
      return (closed.isPresent() ? ProblemCode.WORKSPACE_CLOSED : endOf(refused)).code();
    }
    return closed.filter(view -> seen >= view.position()).isPresent()
        ? ProblemCode.WORKSPACE_CLOSED.code()
        : null;
  }

  /**
   * Returns the reason for which the caller is refused, also if its address has sent too many
   * invalid credentials.
   */
  private static ProblemCode endOf(ProblemException refused) {
    return refused.code() == ProblemCode.RATE_LIMITED ? ProblemCode.UNAUTHORIZED : refused.code();
  }

  private static EventType typeOf(String text) {
    return ListCall.named(text, EventType.all().toArray(EventType[]::new), EventType::wireName);
  }
}
