package dev.keyledger.http.request;

import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.freshness.Freshness;

/**
 * Makes an {@link ApiCall} of each request. Thread-safe.
 *
 * @param authentication recognises credentials
 * @param holders recognises keys that call about themselves
 * @param workspaces the workspaces that exist
 * @param freshness waits for positions
 * @param limits counts what an address sends
 * @param addresses tells where a request came from
 */
public record ApiCalls(
    Authentication authentication,
    HolderKeys holders,
    Workspaces workspaces,
    Freshness freshness,
    SourceLimits limits,
    ClientAddress addresses) {

  /** Returns the call of a request. */
  public ApiCall of(ApiRequest request) {
    return new ApiCall(request, this);
  }
}
