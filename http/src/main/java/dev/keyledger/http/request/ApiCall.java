package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Holder;
import dev.keyledger.access.Source;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.arrival.BodyLength;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.freshness.AppliedPosition;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.ProofReceipts;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request, checked in the order of the contract: {@link #expectJson} checks its head (413,
 * 415), {@code authorize} its caller (503, 401, 403), the methods that read its query and its body
 * check their form (413, 400), and {@link #caller} checks its position (400, 503) and the workspace
 * (404).
 *
 * <p>Not thread-safe.
 */
public final class ApiCall {
  /** The parameters that change the wait of a command, not its effect. */
  private static final Set<String> WAITING =
      Set.of(AppliedEverywhere.PARAMETER, ProofReceipts.PARAMETER);

  private final ApiRequest request;
  private final ApiCalls node;
  private final QueryParameters query;
  private byte[] commandBody = {};

  /** Authorizes the caller again; null if no caller is authorized yet. */
  private @Nullable Supplier<Caller> authorization;

  private @Nullable Caller authorized;
  private Consumer<String> entering = _ -> {};
  private @Nullable Holder holder;

  ApiCall(ApiRequest request, ApiCalls node) {
    this.request = request;
    this.node = node;
    this.query = new QueryParameters(request);
  }

  /**
   * Refuses path parameters, and query parameters that are unknown, repeated or empty.
   *
   * @param known the names of the parameters that the operation knows
   */
  public ApiCall allowQuery(String... known) {
    query.allow(Set.of(known));
    return this;
  }

  /**
   * Refuses parameters as {@link #allowQuery(String...)} does, except that some may be repeated;
   * their values are alternatives.
   */
  public ApiCall allowQuery(Set<String> repeatable, String... known) {
    query.allow(Set.of(known), repeatable);
    return this;
  }

  /** Returns the values of a query parameter that may be repeated. */
  public List<String> queryValues(String name) {
    return query.values(name);
  }

  /**
   * Returns the parsed values of a query parameter that may be repeated, each once.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  public <T> List<T> queryValues(String name, Function<String, T> parse) {
    return query.values(name, parse);
  }

  /** Returns the value of a query parameter, or null if it is absent. */
  public @Nullable String query(String name) {
    return query.value(name);
  }

  /**
   * Returns the parsed value of a query parameter, or null if it is absent.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  public <T> @Nullable T query(String name, Function<String, T> parse) {
    return query.value(name, parse);
  }

  /** Returns the body of a command, and checks the headers of commands. */
  public <T> T command(Class<T> type) {
    return command(type, BodyLength.BYTES_MAX);
  }

  /** Returns the body of a command, and checks the headers of commands. */
  public <T> T command(Class<T> type, int bytesMax) {
    commandBody = RequestBody.json(request, bytesMax);
    T body = StrictJson.read(commandBody, type);
    var _ = ifMatch();
    var _ = idempotencyKey();
    return body;
  }

  /**
   * Refuses a client that does not accept the only media type of the answer.
   *
   * @throws ProblemException with {@code not-acceptable}
   */
  public ApiCall expectAccept(String mediaType) {
    AcceptHeader.require(request, mediaType);
    return this;
  }

  /**
   * Refuses a body that the head of the request shows to be invalid.
   *
   * @throws ProblemException with {@code too-large} or {@code unsupported-media-type}
   */
  public ApiCall expectJson() {
    RequestBody.expectJson(request);
    return this;
  }

  /**
   * Returns the paths of the fields of the command's body that are null. In {@code PATCH}, null
   * clears a field.
   */
  public Set<String> clearedFields() {
    return StrictJson.nullFields(commandBody);
  }

  /** Returns the body, whose media type must be JSON. The content is not checked. */
  public byte[] jsonBody() {
    return RequestBody.json(request, BodyLength.BYTES_MAX);
  }

  /**
   * Returns the value of a header that signs the request, or null if it is absent.
   *
   * @throws ProblemException with {@code bad-request} if it is repeated
   */
  public @Nullable String header(String name) {
    return request.header(name);
  }

  /** Counts this request, whose signature is missing or invalid, and returns its refusal. */
  public ProblemException unauthorized() {
    return node.limits().unauthorized(request);
  }

  /** Refuses a body as {@link #expectJson} does, if it is not a form. */
  ApiCall expectForm() {
    RequestBody.expectForm(request);
    return this;
  }

  /** Returns the body as a form. */
  public FormBody form() {
    return RequestBody.form(request);
  }

  /** Returns the versions that {@code If-Match} allows, or null if it allows any. */
  public @Nullable Set<Long> ifMatch() {
    return EntityTags.ifMatch(request);
  }

  /**
   * Refuses {@code If-Match} on a command whose target has no version.
   *
   * @throws ProblemException with {@code bad-request}
   */
  public ApiCall refuseIfMatch() {
    EntityTags.refuse(request);
    return this;
  }

  /**
   * Returns the {@code Idempotency-Key}, or null if there is none. It opens sealed secrets and is
   * never logged or stored.
   */
  public @Nullable String idempotencyKey() {
    return IdempotencyKey.of(request);
  }

  /** Returns the parts of this command that a repetition must share. */
  public List<byte[]> commandParts() {
    return IdempotencyKey.commandParts(request, query.without(WAITING), commandBody);
  }

  /**
   * Returns the longest wait of the command until every node has applied it, or null if it does not
   * ask for one.
   */
  public @Nullable Duration appliedWait() {
    return AppliedEverywhere.waitOf(request, query(AppliedEverywhere.PARAMETER));
  }

  /** Returns the longest wait of the command for a proof, or null if it asks for none. */
  public @Nullable Duration proofWait() {
    return ProofReceipts.waitOf(request, query(ProofReceipts.PARAMETER));
  }

  /**
   * Identifies the caller of a query or a check.
   *
   * @param permission the required permission, without the prefix {@code keyledger:}
   * @throws ProblemException with {@code stale}, {@code unauthorized}, {@code rate-limited} or
   *     {@code forbidden}
   */
  public ApiCall authorize(String permission) {
    return authorized(() -> authorization(Freshness.STALENESS_MAX).require(permission));
  }

  /**
   * Identifies the caller of a command, as {@link #authorize(String)} does. The target key itself
   * may call, too, if it has the permission for that.
   *
   * @param keyId from the path
   * @param ofItself the permission of a key to change itself in this way, without the prefix {@code
   *     keyledger:}
   */
  public ApiCall authorizeOrSelf(String permission, String keyId, String ofItself) {
    return authorized(() ->
        authorization(Freshness.COMMAND_STALENESS_MAX).requireOrSelf(permission, keyId, ofItself));
  }

  /**
   * Identifies the caller, as {@link #authorize(String)} does, and returns the body. Also accepts
   * Basic credentials in the form of OAuth 2.0: {@code keyId:secret}, and {@code root:secret} for
   * the root key; or the same in the fields {@code client_id} and {@code client_secret} of the form
   * (RFC 6749 section 2.3.1).
   */
  public FormBody authorizeClient(String permission) {
    Authorization authorization = authorization(Freshness.STALENESS_MAX);
    if (!authorization.hasHeader()) {
      FormBody form = form();
      var _ = authorized(() -> authorization.requireClient(permission, form));
      return form;
    }
    var _ = authorized(() -> authorization.requireClient(permission));
    FormBody form = form();
    if (form.optional("client_secret") != null) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "Send one credential only.");
    }
    return form;
  }

  /**
   * Identifies the caller by the needs of a handler method, as {@link #authorize(String)} does.
   *
   * @param freshly whether the data about the caller must be as fresh as for a command
   * @param keyId the key in the path; empty if there is none
   */
  void authorize(Needs needs, boolean freshly, String keyId) {
    Authorization authorization =
        authorization(freshly ? Freshness.COMMAND_STALENESS_MAX : Freshness.STALENESS_MAX);
    var _ = authorized(() -> authorized(authorization, needs, keyId));
  }

  private Caller authorized(Authorization authorization, Needs needs, String keyId) {
    return switch (needs.value()) {
      case Needs.ROOT_KEY -> authorization.requireRoot();
      case Needs.THE_KEY_ITSELF ->
          needs.or().equals(Needs.ROOT_KEY)
              ? authorization.root().orElseGet(() -> authorizedHolder(authorization))
              : authorizedHolder(authorization);
      case String permission when !needs.ofItself().isEmpty() ->
          authorization.requireOrSelf(permission, keyId, needs.ofItself());
      case String permission when !needs.workspaceParameter().isEmpty() ->
          authorization.requireIn(() -> query(needs.workspaceParameter()), permission);
      case String permission when !needs.or().isEmpty() ->
          authorization.require(permission, needs.or());
      case String permission -> authorization.require(permission);
    };
  }

  private Caller authorizedHolder(Authorization authorization) {
    Holder found = authorization.requireHolder();
    holder = found;
    return found.asCaller();
  }

  private ApiCall authorized(Supplier<Caller> authorization) {
    authorized = authorization.get();
    Supplier<Caller> before = this.authorization;
    this.authorization =
        before == null
            ? authorization
            : () -> {
              var _ = before.get();
              return authorization.get();
            };
    return this;
  }

  /** Returns the caller where no credential is needed. A credential that is sent must be valid. */
  public Actor identify() {
    return authorization(Freshness.COMMAND_STALENESS_MAX).identify();
  }

  /**
   * Sets an action before a query is answered: after its caller is known, and after all waits.
   *
   * @param entering receives the workspace, possibly more than once
   */
  void beforeQuery(Consumer<String> entering) {
    this.entering = entering;
  }

  /**
   * Returns the identified caller. Whether its workspace exists is not known before {@link
   * #caller()}.
   */
  public Caller identified() {
    if (authorized == null) {
      throw new IllegalStateException("nobody is authorized");
    }
    return authorized;
  }

  /** Returns the holder of the key that is the credential, where that is needed. */
  public Holder holder() {
    if (holder == null) {
      throw new IllegalStateException("no holder is authorized");
    }
    return holder;
  }

  /**
   * Returns the caller, once this node's index has applied the position that the request names.
   *
   * @throws ProblemException with {@code invalid-position-token}, {@code not-yet-applied}, or
   *     {@code not-found} if the workspace does not exist
   */
  public Caller caller() {
    return caller(node.freshness().index());
  }

  /**
   * Returns the caller, as {@link #caller()} does. If the request names a position, the caller is
   * authorized again when this node's index has applied it: the position may be that of the
   * caller's own revocation.
   *
   * @param applied the position of the source of the answer, if it is not this node's index
   */
  public Caller caller(AppliedPosition applied) {
    Caller caller = identified();
    if (awaitNamed(applied) && authorization != null) {
      awaitAtLeast();
      caller = authorization.get();
      authorized = caller;
    }
    if (node.workspaces().find(caller.workspace()).isEmpty()) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such workspace.");
    }
    entering.accept(caller.workspace());
    return caller;
  }

  /**
   * Authorizes the caller of a long answer again.
   *
   * @throws ProblemException as {@code authorize} does
   */
  public void authorizeAgain() {
    if (authorization != null) {
      authorized = authorization.get();
    }
  }

  /**
   * Waits until this node's index has applied the position of a token from another place than
   * {@code Keyledger-At-Least}; returns that position.
   *
   * @throws ProblemException with {@code invalid-position-token} or {@code not-yet-applied}
   */
  public long awaitPosition(String token) {
    return node.freshness().awaitPosition(token, request, this::source);
  }

  /** Waits for the position that a request names where no credential is needed. */
  public void awaitAtLeast() {
    awaitAtLeast(node.freshness().index());
  }

  /**
   * Waits for the position that a request names where the caller does not matter.
   *
   * @param applied the position of the source of the answer
   */
  public void awaitAtLeast(AppliedPosition applied) {
    var _ = awaitNamed(applied);
  }

  /** Waits for the position that a request names; returns whether it names one. */
  private boolean awaitNamed(AppliedPosition applied) {
    return node.freshness().awaitAtLeast(request, this::source, applied);
  }

  /** Returns the workspace in the header of a request without a credential, or null. */
  public @Nullable String namedWorkspace() {
    return Authorization.namedWorkspace(request);
  }

  /**
   * Counts secrets that a client asks to look up.
   *
   * @throws ProblemException with {@code rate-limited} if its address has sent too many
   */
  public void countSecrets(long secrets) {
    node.limits().countSecrets(request, secrets);
  }

  /** Returns the source of this request. */
  public Source source() {
    return Source.of(node.addresses().of(request));
  }

  /** Returns the id of this request. */
  public String requestId() {
    return request.requestId();
  }

  /** Returns the information about the caller that may be personal data. */
  public EventContext context(@Nullable String reason) {
    return node.addresses().contextOf(request, reason);
  }

  /** Returns whether the request has a credential of the scheme Basic, well-formed or not. */
  boolean usesBasic() {
    String authorization = request.header("Authorization");
    return authorization != null && BasicCredential.isOfScheme(authorization);
  }

  /**
   * @param stalenessMax the maximum age of this node's data about operators
   */
  private Authorization authorization(Duration stalenessMax) {
    return new Authorization(request, node, stalenessMax);
  }
}
