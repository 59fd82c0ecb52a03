package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Source;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.arrival.BodyLength;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.freshness.AppliedPosition;
import dev.keyledger.http.freshness.Freshness;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request, read in the order of the contract: the methods that read it refuse what cannot be
 * parsed (400, 413, 415) before {@link #authorize} waits and identifies the caller (503, 401, 403).
 *
 * <p>Used by one thread.
 */
public final class ApiCall {
  private final ApiRequest request;
  private final ApiCalls node;
  private final QueryParameters query;
  private byte[] commandBody = {};
  private Duration stalenessMax = Freshness.STALENESS_MAX;

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

  /** Returns the body of a command, and checks the headers that a command may have. */
  public <T> T command(Class<T> type) {
    return command(type, BodyLength.BYTES_MAX);
  }

  /** Returns the body of a command, and checks the headers that a command may have. */
  public <T> T command(Class<T> type, int bytesMax) {
    stalenessMax = Freshness.COMMAND_STALENESS_MAX;
    commandBody = RequestBody.json(request, bytesMax);
    T body = StrictJson.read(commandBody, type);
    var _ = ifMatch();
    var _ = idempotencyKey();
    return body;
  }

  /**
   * Refuses a body in a content coding.
   *
   * @throws ProblemException with {@code unsupported-media-type}
   */
  public ApiCall requirePlainBody() {
    RequestBody.requirePlain(request);
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

  /** Counts this request, whose signature is missing or not good, and returns its refusal. */
  public ProblemException unauthorized() {
    return node.limits().unauthorized(request);
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
   * Returns the {@code Idempotency-Key}, or null if there is none. It opens sealed secrets and is
   * never logged or stored.
   */
  public @Nullable String idempotencyKey() {
    return IdempotencyKey.of(request);
  }

  /** Returns the parts of this command that a repetition must have in common with it. */
  public List<byte[]> commandParts() {
    return IdempotencyKey.commandParts(
        request, query.without(AppliedEverywhere.PARAMETER), commandBody);
  }

  /**
   * Returns how long the command asks to wait at most until every node has applied it, or null if
   * it does not ask.
   */
  public @Nullable Duration appliedWait() {
    return AppliedEverywhere.waitOf(request, query(AppliedEverywhere.PARAMETER));
  }

  /**
   * Waits for the position in {@code Keyledger-At-Least}, then returns who is calling.
   *
   * @param permission the required permission, without the prefix {@code keyledger:}
   * @throws ProblemException with {@code not-yet-applied}, {@code stale}, {@code unauthorized},
   *     {@code forbidden} or {@code not-found}
   */
  public Caller authorize(String permission) {
    return authorize(permission, node.freshness().index());
  }

  /**
   * Returns who is calling, as {@link #authorize(String)} does.
   *
   * @param applied the position of the source of the answer, if it is not this node's index
   */
  public Caller authorize(String permission, AppliedPosition applied) {
    return authorization().require(permission, applied);
  }

  /**
   * Returns who is calling, as {@link #authorize(String)} does.
   *
   * @param workspace the workspace that the query names; null if it names none
   */
  public Caller authorize(String permission, AppliedPosition applied, @Nullable String workspace) {
    return authorization().requireIn(workspace, permission, applied);
  }

  /**
   * Returns who is calling, as {@link #authorize(String)} does. The key that the request is about
   * may call, too, if it may do that to itself.
   *
   * @param keyId as the path has it
   * @param ofItself the permission of a key to do that to itself, without the prefix {@code
   *     keyledger:}
   */
  public Caller authorizeOrSelf(String permission, String keyId, String ofItself) {
    return authorization().requireOrSelf(permission, keyId, ofItself);
  }

  /**
   * Returns who is calling, as {@link #authorize(String)} does. Accepts Basic credentials too, as
   * OAuth 2.0 has them: {@code keyId:secret}, and {@code root:secret} for the root key; or the same
   * as the fields {@code client_id} and {@code client_secret} of the form (RFC 6749 section 2.3.1).
   */
  public Caller authorizeClient(String permission, FormBody form) {
    return authorization().requireClient(permission, form);
  }

  /** Returns the caller, who must hold the root key, whatever an operator holds. */
  public Caller authorizeRoot() {
    return authorization().requireRoot();
  }

  /**
   * Returns who is calling where no credential is needed. A credential that is sent must be good.
   */
  public Actor identify() {
    return authorization().identify();
  }

  /** Returns the workspace that the header of a request without a credential names, or null. */
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

  private Authorization authorization() {
    return new Authorization(request, node, stalenessMax);
  }
}
