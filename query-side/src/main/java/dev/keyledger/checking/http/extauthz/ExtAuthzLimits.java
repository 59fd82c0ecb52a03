package dev.keyledger.checking.http.extauthz;

import java.time.Duration;

/**
 * The limits of the port's gateways.
 *
 * @param connections open connections
 * @param connectionsPerSource open connections of one source
 * @param calls calls in progress on one connection
 * @param arrival the longest time for a call to arrive
 * @param unread the longest time for which an answer may stay unread
 * @param idle the longest time for which a connection may be without a call
 * @param age the longest lifetime of a connection
 * @param goodbye the time for which calls are still accepted after the GOAWAY frame
 */
record ExtAuthzLimits(
    int connections,
    int connectionsPerSource,
    int calls,
    Duration arrival,
    Duration unread,
    Duration idle,
    Duration age,
    Duration goodbye) {
  static final ExtAuthzLimits DEFAULT =
      new ExtAuthzLimits(
          1024,
          512,
          100,
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofHours(1),
          Duration.ofSeconds(1));

  /** The maximum length of a message: more than the headers that Envoy accepts, 60 KiB. */
  static final int MESSAGE_BYTES_MAX = 128 * 1024;

  /** The maximum length of the headers of a call, which are the gateway's own. */
  static final int METADATA_BYTES_MAX = 8 * 1024;

  /** The bytes that an unfinished call counts for, besides its own. */
  static final int UNFINISHED_CALL_BYTES = 4 * 1024;
}
