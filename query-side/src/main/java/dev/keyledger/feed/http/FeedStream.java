package dev.keyledger.feed.http;

import dev.keyledger.events.EventType;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.feed.Feed;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.log.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The feed of one client, from its position on. Buffers one part of the feed. Used by one thread,
 * which waits while the client does not read.
 */
final class FeedStream {
  /** The time between heartbeats. Half a second is promised. */
  static final Duration HEARTBEAT_EVERY = Duration.ofMillis(250);

  /** The longest time for which a client may not read; after it, the client is too slow. */
  static final Duration UNREAD_MAX = Duration.ofSeconds(2);

  /**
   * The maximum number of events, of all workspaces, that a client may fall behind once it had
   * caught up; beyond it, it is too slow.
   */
  static final long BEHIND_MAX = 20_000;

  static final String TOO_SLOW = "too-slow";
  static final String NODE_STOPS = "node-stops";

  private final Feed feed;
  private final FeedMessages messages;
  private final FeedMeters meters;
  private final Wanted wanted;
  private final Access access;
  private final OutputStream out;
  private final LongSupplier nanoTime;

  private long position;
  private @Nullable Instant asOf;
  private boolean caughtUp;
  private long heartbeatNanos;
  private boolean tooSlow;

  /**
   * The request of a client.
   *
   * @param types the wire names of the events to send; empty: all
   * @param after the position after which the feed begins
   */
  record Wanted(String workspace, Set<String> types, long after) {
    Wanted {
      types = Set.copyOf(types);
    }
  }

  /** The client's permission to continue. */
  interface Access {
    /**
     * Returns the code with which the stream ends; null if it continues.
     *
     * @param position the position that the client has seen
     */
    @Nullable String refusal(long position);
  }

  /**
   * @param nanoTime a monotonic clock
   */
  FeedStream(
      Feed feed,
      FeedMessages messages,
      FeedMeters meters,
      Wanted wanted,
      Access access,
      OutputStream out,
      LongSupplier nanoTime) {
    this.feed = feed;
    this.messages = messages;
    this.meters = meters;
    this.wanted = wanted;
    this.access = access;
    this.position = wanted.after();
    this.out = out;
    this.nanoTime = nanoTime;
    this.heartbeatNanos = nanoTime.getAsLong() - HEARTBEAT_EVERY.toNanos();
  }

  /**
   * Sends events until the stream ends, and then the reason.
   *
   * @return the code of the last message
   * @throws IOException if the client has left
   */
  String run() throws IOException {
    String code = follow();
    out.write(messages.end(code));
    out.flush();
    return code;
  }

  /** Returns whether the client was too slow, even if the message to it could not be sent. */
  boolean wasTooSlow() {
    return tooSlow;
  }

  private String follow() throws IOException {
    while (true) {
      feed.await(position, untilHeartbeat());
      if (!feed.isOpen()) {
        return NODE_STOPS;
      }
      Optional<Feed.Part> part;
      try {
        part = feed.after(wanted.workspace(), position);
      } catch (StoreUnavailableException unavailable) {
        return ProblemCode.STORE_UNAVAILABLE.code();
      }
      if (part.isPresent() && isTooFarBehind(part.get())) {
        return TOO_SLOW;
      }
      String refusal = access.refusal(position); // at a later position than the part's
      if (refusal != null) {
        return refusal;
      }
      var message = new ByteArrayOutputStream();
      part.ifPresent(next -> add(next, message));
      addHeartbeat(message);
      if (!isTakenInTime(message)) {
        return TOO_SLOW;
      }
    }
  }

  private Duration untilHeartbeat() {
    return HEARTBEAT_EVERY.minusNanos(nanoTime.getAsLong() - heartbeatNanos);
  }

  private boolean isTooFarBehind(Feed.Part part) {
    caughtUp |= part.behind() == 0;
    tooSlow = caughtUp && part.behind() > BEHIND_MAX;
    return tooSlow;
  }

  private void add(Feed.Part part, ByteArrayOutputStream message) {
    int sent = 0;
    for (LoggedEvent event : part.events()) {
      if (wanted.types().isEmpty()
          || wanted.types().contains(EventType.of(event.event()).wireName())) {
        message.writeBytes(messages.event(event));
        sent++;
      }
    }
    meters.sent(sent);
    position = part.position();
    asOf = part.asOf();
  }

  private void addHeartbeat(ByteArrayOutputStream message) {
    if (asOf != null && !untilHeartbeat().isPositive()) {
      message.writeBytes(messages.heartbeat(position, asOf));
      heartbeatNanos = nanoTime.getAsLong();
    }
  }

  private boolean isTakenInTime(ByteArrayOutputStream message) throws IOException {
    if (message.size() == 0) {
      return true;
    }
    long began = nanoTime.getAsLong();
    try {
      message.writeTo(out);
      out.flush();
    } finally {
      tooSlow = nanoTime.getAsLong() - began > UNREAD_MAX.toNanos();
    }
    return !tooSlow;
  }
}
