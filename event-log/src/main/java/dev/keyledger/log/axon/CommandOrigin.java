package dev.keyledger.log.axon;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.LogAppender;
import java.util.List;
import java.util.Map;
import org.axonframework.messaging.Message;

/**
 * Where a command comes from: what the log records beside each event that the command causes. It
 * travels in the metadata of the command under {@link #KEY}.
 *
 * @param workspace the tenant
 * @param actor who sent the command
 * @param requestId the request that it came with
 * @param context what was said about it
 * @param answers what is to be kept of the answer to it, by the append of its events
 * @param workspacesKnown the position of the last event of any workspace that it is decided with
 *     the knowledge of
 */
public record CommandOrigin(
    String workspace,
    Actor actor,
    String requestId,
    EventContext context,
    List<AnswerRecord> answers,
    long workspacesKnown) {
  /** The key of the origin in a message's metadata. */
  public static final String KEY = "keyledger.origin";

  public CommandOrigin {
    answers = List.copyOf(answers);
  }

  /** An origin of which no answer is kept, and that no workspace matters to. */
  public CommandOrigin(String workspace, Actor actor, String requestId, EventContext context) {
    this(workspace, actor, requestId, context, List.of(), LogAppender.WORKSPACES_ALL_KNOWN);
  }

  /** The metadata to send a command with. */
  public Map<String, Object> asMetaData() {
    return Map.of(KEY, this);
  }

  /**
   * The origin that a command carries.
   *
   * @throws IllegalStateException if it carries none, so that no event is recorded without an actor
   */
  public static CommandOrigin of(Message<?> message) {
    if (message.getMetaData().get(KEY) instanceof CommandOrigin origin) {
      return origin;
    }
    throw new IllegalStateException(message.getPayloadType() + " does not say where it comes from");
  }
}
