package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Credential;
import dev.keyledger.access.Identity;
import dev.keyledger.access.Source;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.AppliedPosition;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The authorization of one request. Each method reads the headers (400), waits for the position
 * that the request names (503), identifies the caller (503, 401), and checks the workspace and the
 * permission (403, 404), in this order.
 */
final class Authorization {
  private static final String WORKSPACE = "Keyledger-Workspace";

  private final ApiRequest request;
  private final ApiCalls node;
  private final Duration stalenessMax;

  /**
   * @param stalenessMax how old the node's knowledge of operators may be
   */
  Authorization(ApiRequest request, ApiCalls node, Duration stalenessMax) {
    this.request = request;
    this.node = node;
    this.stalenessMax = stalenessMax;
  }

  /** Returns the workspace that the header of the request names, or null if it names none. */
  static @Nullable String namedWorkspace(ApiRequest request) {
    return request.header(WORKSPACE);
  }

  /** Returns the caller, who must hold a permission. */
  Caller require(String permission, AppliedPosition applied) {
    return require(permission, applied, namedWorkspace(request), bearer(), _ -> true);
  }

  /**
   * Returns the caller, who must hold a permission.
   *
   * @param workspace the workspace that the query names; null if it names none
   */
  Caller requireIn(@Nullable String workspace, String permission, AppliedPosition applied) {
    String named = namedWorkspace(request);
    if (workspace != null && named != null && !workspace.equals(named)) {
      throw ProblemException.unreadable(WORKSPACE, "names another workspace than the query");
    }
    return require(permission, applied, workspace == null ? named : workspace, bearer(), _ -> true);
  }

  /** Returns the caller, who must hold a permission and may present a Basic credential. */
  Caller requireClient(String permission) {
    String header = header();
    BasicCredential basic = header == null ? null : BasicCredential.parse(header);
    AppliedPosition index = node.freshness().index();
    return basic == null
        ? require(permission, index)
        : require(permission, index, namedWorkspace(request), basic.secret(), basic::names);
  }

  /** Returns the caller, who must hold the root key. */
  Caller requireRoot() {
    await(node.freshness().index());
    Identity identity = identify(bearer(), _ -> true);
    if (identity.workspace() != null) {
      throw new ProblemException(ProblemCode.FORBIDDEN, "This needs the root key.");
    }
    return new Caller(identity.actor(), Workspaces.DEFAULT, identity.ceiling());
  }

  /** Returns who is calling; anonymous without a credential. */
  Actor identify() {
    await(node.freshness().index());
    return header() == null ? Actor.ANONYMOUS : identify(bearer(), _ -> true).actor();
  }

  private Caller require(
      String permission,
      AppliedPosition applied,
      @Nullable String namedWorkspace,
      @Nullable String credential,
      Predicate<Identity> accepted) {
    await(applied);
    Identity identity = identify(credential, accepted);
    String workspace = workspaceOf(identity, namedWorkspace);
    if (!identity.holds(permission)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "This needs the permission keyledger:" + permission + ".");
    }
    if (node.workspaces().find(workspace).isEmpty()) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such workspace.");
    }
    return new Caller(identity.actor(), workspace, identity.ceiling());
  }

  private void await(AppliedPosition applied) {
    node.freshness().awaitAtLeast(request, () -> Source.of(node.addresses().of(request)), applied);
  }

  private Identity identify(@Nullable String credential, Predicate<Identity> accepted) {
    return Optional.ofNullable(credential)
        .map(text -> new Credential(KeySecret.of(text), node.addresses().of(request), stalenessMax))
        .flatMap(node.authentication()::identify)
        .filter(accepted)
        .orElseThrow(() -> node.limits().unauthorized(request));
  }

  private static String workspaceOf(Identity identity, @Nullable String named) {
    String own = identity.workspace();
    if (own == null) {
      return named == null ? Workspaces.DEFAULT : named;
    }
    if (named != null && !named.equals(own)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "The credential acts in its own workspace only.");
    }
    return own;
  }

  /** Returns the credential of the scheme Bearer; null if there is none, or none is well-formed. */
  private @Nullable String bearer() {
    String header = header();
    return header == null ? null : BearerCredential.parse(header);
  }

  private @Nullable String header() {
    String header = request.header("Authorization");
    if (header != null && (header.indexOf(',') >= 0 || !request.headers("X-API-Key").isEmpty())) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "Send one credential only.");
    }
    return header;
  }
}
