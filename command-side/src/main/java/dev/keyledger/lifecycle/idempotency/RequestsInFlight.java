package dev.keyledger.lifecycle.idempotency;

import dev.keyledger.events.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The requests in progress on this node. An optimisation: duplicates are safe, here or on two
 * nodes, because the log stores one answer under a name. Thread-safe.
 */
public final class RequestsInFlight {
  /** The maximum number of recorded requests; duplicates of others are not detected here. */
  public static final int REQUESTS_MAX = 10_000;

  private final ConcurrentMap<Digest, Digest> fingerprints = new ConcurrentHashMap<>();

  /** The result of {@link RequestsInFlight#enter}. */
  public sealed interface Entry {}

  /** The request may proceed; closed when its answer is ready. */
  public static final class Place implements Entry, AutoCloseable {
    private final RequestsInFlight requests;
    private final @Nullable Digest name;

    private Place(RequestsInFlight requests, @Nullable Digest name) {
      this.requests = requests;
      this.name = name;
    }

    @Override
    public void close() {
      if (name != null) {
        requests.fingerprints.remove(name);
      }
    }
  }

  /**
   * A request of that name is in progress.
   *
   * @param same whether it is the same request
   */
  public record Taken(boolean same) implements Entry {}

  /** Begins a request, unless one with its name is in progress. */
  public Entry enter(RepeatableRequest request) {
    Digest name = request.names().getFirst();
    Digest other = fingerprints.get(name);
    if (other == null && fingerprints.size() >= REQUESTS_MAX) {
      return new Place(this, null);
    }
    if (other == null) {
      other = fingerprints.putIfAbsent(name, request.fingerprint());
    }
    return other == null ? new Place(this, name) : new Taken(other.equals(request.fingerprint()));
  }
}
