package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Credential;
import dev.keyledger.access.Holder;
import dev.keyledger.access.Identity;
import dev.keyledger.access.Source;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the caller of one request (503, 401), then checks the workspace and the permission
 * (403), in this order. A refused caller that names a position beyond this node's is checked again
 * once the node has applied it: the position may be that of the caller's own key.
 */
final class Authorization {
  private static final String WORKSPACE = "Keyledger-Workspace";

  private final ApiRequest request;
  private final ApiCalls node;
  private final Duration stalenessMax;

  /**
   * @param stalenessMax the maximum age of the node's data about operators
   */
  Authorization(ApiRequest request, ApiCalls node, Duration stalenessMax) {
    this.request = request;
    this.node = node;
    this.stalenessMax = stalenessMax;
  }

  /** Returns the workspace in the header of the request, or null if there is none. */
  static @Nullable String namedWorkspace(ApiRequest request) {
    return request.header(WORKSPACE);
  }

  /** Returns the caller, who must hold one of these permissions. */
  Caller require(String... anyOf) {
    return require(List.of(anyOf), () -> namedWorkspace(request), bearer(), _ -> true);
  }

  /**
   * Returns the caller, who must hold a permission.
   *
   * @param ofQuery the workspace in the query; null if there is none
   */
  Caller requireIn(Supplier<@Nullable String> ofQuery, String permission) {
    return require(List.of(permission), () -> onlyOf(ofQuery.get()), bearer(), _ -> true);
  }

  private @Nullable String onlyOf(@Nullable String workspace) {
    String named = namedWorkspace(request);
    if (workspace != null && named != null && !workspace.equals(named)) {
      throw ProblemException.unreadable(WORKSPACE, "names another workspace than the query");
    }
    return workspace == null ? named : workspace;
  }

  /** Returns whether the request has a credential in its header. */
  boolean hasHeader() {
    return header() != null;
  }

  /** Returns the caller, who must hold a permission and may use the scheme Basic. */
  Caller requireClient(String permission) {
    String header = header();
    BasicCredential basic = header == null ? null : BasicCredential.parse(header);
    return basic == null ? require(permission) : require(permission, basic);
  }

  /**
   * Returns the caller, who must hold a permission and presents a credential in the form.
   *
   * @throws ProblemException with {@code bad-request} if the form has half a credential
   */
  Caller requireClient(String permission, FormBody form) {
    String secret = form.optional("client_secret");
    return secret == null
        ? require(permission)
        : require(permission, new BasicCredential(form.required("client_id"), secret));
  }

  private Caller require(String permission, BasicCredential basic) {
    return require(
        List.of(permission), () -> namedWorkspace(request), basic.secret(), basic::names);
  }

  /**
   * Returns the caller, who must hold a permission; or be the target key, with the permission to
   * change itself in this way. The latter needs no ceiling.
   *
   * @param keyId from the path
   * @param ofItself the permission of a key to change itself in this way
   */
  Caller requireOrSelf(String permission, String keyId, String ofItself) {
    return identified(
        bearer(),
        true,
        _ -> true,
        identity -> {
          String workspace = workspaceOf(identity, namedWorkspace(request));
          if (identity.isKey(keyId) && identity.holds(ofItself)) {
            return new Caller(identity.actor(), workspace, Ceiling.NONE);
          }
          requirePermission(identity, List.of(permission));
          return new Caller(identity.actor(), workspace, identity.ceiling());
        });
  }

  /** Returns the holder of the key that is the credential. */
  Holder requireHolder() {
    String credential = bearer();
    Optional<Holder> holder = holder(credential);
    if (holder.isEmpty()
        && credential != null
        && node.freshness().awaitIndexAhead(request, this::source)) {
      holder = holder(credential);
    }
    return holder.orElseThrow(this::unauthorized);
  }

  private Optional<Holder> holder(@Nullable String credential) {
    return Optional.ofNullable(credential)
        .flatMap(text ->
            Authentication.fresh(
                () -> node.holders().authenticate(presented(text, true), namedWorkspace(request))));
  }

  /** Returns the caller if the credential is the root key, in the workspace that it names. */
  Optional<Caller> root() {
    return known(bearer(), false, identity -> identity.workspace() == null)
        .map(identity ->
            new Caller(
                identity.actor(),
                workspaceOf(identity, namedWorkspace(request)),
                identity.ceiling()));
  }

  /** Returns the caller, who must hold the root key. */
  Caller requireRoot() {
    return identified(
        bearer(),
        false,
        _ -> true,
        identity -> {
          if (identity.workspace() != null) {
            throw new ProblemException(ProblemCode.FORBIDDEN, "This needs the root key.");
          }
          return new Caller(identity.actor(), Workspaces.DEFAULT, identity.ceiling());
        });
  }

  /** Returns the caller; anonymous without a credential. */
  Actor identify() {
    return hasHeader()
        ? identified(bearer(), false, _ -> true, Authorization::anywhere).actor()
        : Actor.ANONYMOUS;
  }

  private static Caller anywhere(Identity identity) {
    return new Caller(identity.actor(), workspaceOf(identity, null), identity.ceiling());
  }

  private Caller require(
      List<String> anyOf,
      Supplier<@Nullable String> namedWorkspace,
      @Nullable String credential,
      Predicate<Identity> accepted) {
    return identified(
        credential,
        false,
        accepted,
        identity -> {
          String workspace = workspaceOf(identity, namedWorkspace.get());
          requirePermission(identity, anyOf);
          return new Caller(identity.actor(), workspace, identity.ceiling());
        });
  }

  private static void requirePermission(Identity identity, List<String> anyOf) {
    if (anyOf.stream().noneMatch(identity::holds)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN,
          "This needs the permission keyledger:" + String.join(" or keyledger:", anyOf) + ".");
    }
  }

  /**
   * @param allowed returns the caller, or throws if it is forbidden
   */
  private Caller identified(
      @Nullable String credential,
      boolean ofHolders,
      Predicate<Identity> accepted,
      Function<Identity, Caller> allowed) {
    Optional<Identity> known = known(credential, ofHolders, accepted);
    ProblemException forbidden = null;
    if (known.isPresent()) {
      try {
        return allowed.apply(known.get());
      } catch (ProblemException refused) {
        forbidden = refused;
      }
    }
    boolean mayBeKnown = credential != null && (forbidden == null || isForbidden(forbidden));
    if (mayBeKnown && node.freshness().awaitIndexAhead(request, this::source)) {
      return allowed.apply(known(credential, ofHolders, accepted).orElseThrow(this::unauthorized));
    }
    throw forbidden == null ? unauthorized() : forbidden;
  }

  private static boolean isForbidden(ProblemException refused) {
    return refused.code() == ProblemCode.FORBIDDEN;
  }

  private Optional<Identity> known(
      @Nullable String credential, boolean ofHolders, Predicate<Identity> accepted) {
    return Optional.ofNullable(credential)
        .map(text -> presented(text, ofHolders))
        .flatMap(node.authentication()::identify)
        .filter(accepted);
  }

  private Credential presented(String text, boolean ofHolders) {
    return new Credential(
        KeySecret.of(text), node.addresses().of(request), stalenessMax, ofHolders);
  }

  private ProblemException unauthorized() {
    return node.limits().unauthorized(request);
  }

  private Source source() {
    return Source.of(node.addresses().of(request));
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
