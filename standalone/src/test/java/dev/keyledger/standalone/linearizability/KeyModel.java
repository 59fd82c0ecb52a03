package dev.keyledger.standalone.linearizability;

import java.util.List;
import java.util.Optional;

/**
 * The state of a key after its commands, as far as their answers show it. Immutable.
 *
 * @param life {@code active}, {@code suspended} or {@code revoked}
 * @param overlap whether two secrets are alive
 */
record KeyModel(
    String life, boolean overlap, int generation, List<String> permissions, long version) {

  /** A request of a client. */
  sealed interface Request {
    record Renew() implements Request {}

    record Suspend() implements Request {}

    record Resume() implements Request {}

    record Rotate(boolean closeOverlap) implements Request {}

    record RetireSecret() implements Request {}

    record Revoke() implements Request {}

    /** A change of the permissions, sorted. */
    record ChangePermissions(List<String> permissions) implements Request {}

    /** A renewal, if the key still has that version. */
    record RenewIf(long version) implements Request {}

    record Read() implements Request {}
  }

  /** The response to it. */
  sealed interface Response {
    /** The key after the command. */
    record Key(String life, int generation, List<String> permissions, long version)
        implements Response {}

    /** A problem's code, of a command that did nothing. */
    record Problem(String code) implements Response {}
  }

  /** The state after a request, and the expected response. */
  record Step(KeyModel after, Response response) {}

  static KeyModel issued(List<String> permissions) {
    return new KeyModel("active", false, 1, permissions, 1);
  }

  Step step(Request request) {
    return switch (request) {
      case Request.Read _ -> told(this);
      case Request.RenewIf(long expected) when expected != version -> refused("version-mismatch");
      case Request.Revoke _ ->
          told(
              life.equals("revoked")
                  ? this
                  : new KeyModel("revoked", overlap, generation, permissions, version + 1));
      case Request _ when life.equals("revoked") -> refused("key-revoked");
      case Request.Renew _, Request.RenewIf _ -> told(moved(life, overlap, generation, 1));
      case Request.Suspend _ ->
          told(life.equals("suspended") ? this : moved("suspended", overlap, generation, 1));
      case Request.Resume _ ->
          life.equals("active")
              ? refused("key-not-suspended")
              : told(moved("active", overlap, generation, 1));
      case Request.Rotate(boolean closeOverlap) ->
          overlap && !closeOverlap
              ? refused("rotation-in-progress")
              : told(moved(life, true, generation + 1, overlap ? 2 : 1));
      case Request.RetireSecret _ -> told(overlap ? moved(life, false, generation, 1) : this);
      case Request.ChangePermissions(List<String> changed) ->
          told(
              changed.equals(permissions)
                  ? this
                  : new KeyModel(life, overlap, generation, changed, version + 1));
    };
  }

  /** Returns the state after a request with that response; empty if the response is impossible. */
  Optional<KeyModel> after(Request request, Response response) {
    Step step = step(request);
    return step.response.equals(response) ? Optional.of(step.after) : Optional.empty();
  }

  private KeyModel moved(String changedLife, boolean open, int changedGeneration, int events) {
    return new KeyModel(changedLife, open, changedGeneration, permissions, version + events);
  }

  private Step refused(String code) {
    return new Step(this, new Response.Problem(code));
  }

  private static Step told(KeyModel after) {
    return new Step(
        after, new Response.Key(after.life, after.generation, after.permissions, after.version));
  }
}
