package dev.keyledger.client;

import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The audit: every change of a key, its actor, its time and its reason. Thread-safe. */
public final class Audit {
  private final Call.Maker calls;

  Audit(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * The result of an erasure.
   *
   * @param events the number of events
   * @param more whether events remain; then repeat the call
   */
  public record Erased(long events, boolean more) {
    static Erased of(Fields fields) {
      return new Erased(fields.number("erased"), fields.flag("more"));
    }
  }

  /** Returns a page of entries. */
  public Page<AuditEntry> list(AuditFilter filter) {
    return page(filter, null);
  }

  /** Returns the entries of all pages. Each page is read when it is needed. */
  public Stream<AuditEntry> all(AuditFilter filter) {
    return Page.all(cursor -> page(filter, cursor));
  }

  /**
   * Returns the workspace's events, each as one line of JSON (CloudEvents 1.0), in order of
   * position. The last line is a trailer with their number. Close the stream; reading it throws
   * {@link UncheckedIOException} if the connection breaks.
   *
   * @param after begins after this position; 0: at the first event
   */
  public Stream<String> export(long after) {
    return calls
        .get("audit", "export")
        .accepting("application/x-ndjson, application/problem+json")
        .query("after", after)
        .lines();
  }

  /** Erases the reasons, addresses and user agents of an actor's commands. */
  public Erased eraseContextsOf(Actor actor) {
    return calls.command("POST", "erasures").with("actor", actor.toString()).send(Erased::of);
  }

  /** Erases the reasons, addresses and user agents in the events of a key. */
  public Erased eraseContextsOn(String keyId) {
    return calls.command("POST", "erasures").with("keyId", keyId).send(Erased::of);
  }

  private Page<AuditEntry> page(AuditFilter filter, @Nullable String cursor) {
    return calls
        .get("audit")
        .query(filter.parameters(), cursor)
        .send(fields -> Page.of(fields, AuditEntry::of));
  }
}
