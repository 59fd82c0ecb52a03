package dev.keyledger.projection.http;

import dev.keyledger.projection.Projection;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.verification.index.KeyIndex;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Shows whether two nodes, or one node before and after a rebuild, have the same content: a digest
 * over the whole index and each projection. It reads everything, so it is served only if the
 * configuration exposes it.
 */
@Endpoint(id = "digests")
final class DigestEndpoint {
  private final KeyIndex index;
  private final ProjectionDatabase database;
  private final List<Projection> projections;

  DigestEndpoint(KeyIndex index, ProjectionDatabase database, List<Projection> projections) {
    this.index = index;
    this.database = database;
    this.projections = projections;
  }

  /** Returns the digests by the names of the index and the projections. */
  @ReadOperation
  public Map<String, String> digests() {
    var digests = new TreeMap<>(Map.of("index", index.digestOfState()));
    for (Projection projection : projections) {
      digests.put(projection.name(), database.digest(projection));
    }
    return digests;
  }
}
