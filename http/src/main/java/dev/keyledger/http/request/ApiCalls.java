package dev.keyledger.http.request;

import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.freshness.Freshness;

/**
 * Creates an {@link ApiCall} for each request. Thread-safe.
 *
 * @param authentication recognises credentials
 * @param holders recognises keys that make requests about themselves
 * @param workspaces the workspaces that exist
 * @param freshness waits for positions
 * @param limits counts the requests of an address
 * @param addresses finds the address of a request
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
