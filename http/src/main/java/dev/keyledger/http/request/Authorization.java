package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
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

  /**
   * Returns the caller, who must hold a permission and may present a Basic credential, in the
   * header or in the form.
   */
  Caller requireClient(String permission, FormBody form) {
    String header = header();
    String secret = form.optional("client_secret");
    if (secret != null && header != null) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "Send one credential only.");
    }
    BasicCredential basic = null;
    if (secret != null) {
      basic = new BasicCredential(form.required("client_id"), secret);
    } else if (header != null) {
      basic = BasicCredential.parse(header);
    }
    AppliedPosition index = node.freshness().index();
    return basic == null
        ? require(permission, index)
        : require(permission, index, namedWorkspace(request), basic.secret(), basic::names);
  }

  /**
   * Returns the caller, who must hold a permission; or who is the key that the request is about,
   * and holds the permission to do that to itself. The latter needs no ceiling.
   *
   * @param keyId as the path has it
   * @param ofItself the permission of a key to do that to itself
   */
  Caller requireOrSelf(String permission, String keyId, String ofItself) {
    await(node.freshness().index());
    Identity identity = identify(bearer(), true, _ -> true);
    String workspace = workspaceOf(identity, namedWorkspace(request));
    if (identity.isKey(keyId) && identity.holds(ofItself)) {
      return new Caller(identity.actor(), existing(workspace), Ceiling.NONE);
    }
    requirePermission(identity, permission);
    return new Caller(identity.actor(), existing(workspace), identity.ceiling());
  }

  /** Returns the caller, who must hold the root key. */
  Caller requireRoot() {
    await(node.freshness().index());
    Identity identity = identify(bearer(), false, _ -> true);
    if (identity.workspace() != null) {
      throw new ProblemException(ProblemCode.FORBIDDEN, "This needs the root key.");
    }
    return new Caller(identity.actor(), Workspaces.DEFAULT, identity.ceiling());
  }

  /** Returns who is calling; anonymous without a credential. */
  Actor identify() {
    await(node.freshness().index());
    return header() == null ? Actor.ANONYMOUS : identify(bearer(), false, _ -> true).actor();
  }

  private Caller require(
      String permission,
      AppliedPosition applied,
      @Nullable String namedWorkspace,
      @Nullable String credential,
      Predicate<Identity> accepted) {
    await(applied);
    Identity identity = identify(credential, false, accepted);
    String workspace = workspaceOf(identity, namedWorkspace);
    requirePermission(identity, permission);
    return new Caller(identity.actor(), existing(workspace), identity.ceiling());
  }

  private static void requirePermission(Identity identity, String permission) {
    if (!identity.holds(permission)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "This needs the permission keyledger:" + permission + ".");
    }
  }

  private String existing(String workspace) {
    if (node.workspaces().find(workspace).isEmpty()) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such workspace.");
    }
    return workspace;
  }

  private void await(AppliedPosition applied) {
    node.freshness().awaitAtLeast(request, () -> Source.of(node.addresses().of(request)), applied);
  }

  private Identity identify(
      @Nullable String credential, boolean ofHolders, Predicate<Identity> accepted) {
    return Optional.ofNullable(credential)
        .map(text ->
            new Credential(
                KeySecret.of(text), node.addresses().of(request), stalenessMax, ofHolders))
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
