package dev.keyledger.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Credential;
import dev.keyledger.access.Identity;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request, taken apart in the contract's order: what cannot be parsed is refused by the getters
 * (400, 413, 415) before {@link #authorize} asks who is calling (503, 401, 403).
 *
 * <p>Used by one thread.
 */
public final class ApiCall {
  /** The most bytes of an ordinary body. */
  public static final int BODY_BYTES_MAX = 64 * 1024;

  /** The header that names the workspace of the root key's request. */
  public static final String WORKSPACE_HEADER = "Keyledger-Workspace";

  /** The header that names a position which the answering node must have reached. */
  public static final String AT_LEAST_HEADER = "Keyledger-At-Least";

  /** The header that says how long to wait for that position. */
  public static final String WAIT_HEADER = "Keyledger-Wait";

  /** How long a request waits for a position unless it says otherwise. */
  public static final Duration WAIT_DEFAULT = Duration.ofSeconds(2);

  /** The longest that a request may ask to wait. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(10);

  /** How old a node's knowledge of operators may be for a query or a check. */
  public static final Duration KNOWLEDGE_AGE_MAX = Duration.ofMinutes(1);

  /** How old it may be for a command. */
  public static final Duration COMMAND_KNOWLEDGE_AGE_MAX = Duration.ofSeconds(5);

  /** The header that makes a command be carried out once, however often it is sent. */
  public static final String IDEMPOTENCY_HEADER = "Idempotency-Key";

  private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[ -~]{16,255}");
  private static final String BEARER = "Bearer ";
  private static final Pattern ENTITY_TAG = Pattern.compile("\"([0-9]{1,18})\"|(?:W/)?\"[!#-~]*\"");
  private static final byte[] EMPTY_BODY = "{}".getBytes(StandardCharsets.US_ASCII);
  private static final int USER_AGENT_LENGTH_MAX = 256;

  private final ApiRequest request;
  private final Gate gate;
  private @Nullable Map<String, List<String>> query;
  private byte[] commandBody = EMPTY_BODY;
  private Duration knowledgeAgeMax = KNOWLEDGE_AGE_MAX;

  ApiCall(ApiRequest request, Gate gate) {
    this.request = request;
    this.gate = gate;
  }

  /** What the call needs of the node that it runs on. */
  interface Gate {
    Optional<Identity> identify(Credential credential);

    boolean workspaceExists(String workspace);

    Horizon index();

    void awaitApplied(String token, Horizon horizon, Duration max);

    String addressOf(ApiRequest request);

    ProblemException unauthorized(ApiRequest request);

    void countSecrets(ApiRequest request, int secrets);
  }

  /**
   * Refuses query parameters that are not named here, any that comes twice or empty, and path
   * parameters: Spring would drop what is behind a semicolon and find the key before it.
   *
   * @param known the parameters that the operation knows
   */
  public ApiCall allowQuery(String... known) {
    if (request.path().indexOf(';') >= 0) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "A path holds no semicolon here.");
    }
    Set<String> names = Set.of(known);
    query()
        .forEach((name, values) -> {
          if (!names.contains(name)) {
            throw new ProblemException(
                ProblemCode.BAD_REQUEST, "The query has a parameter that is not known here.");
          }
          if (values.size() > 1) {
            throw ProblemException.unreadable(name, "must be given once");
          }
          if (values.getFirst().isEmpty()) {
            throw ProblemException.unreadable(name, "must not be empty");
          }
        });
    return this;
  }

  /** The value of a query parameter, or null if it is absent. */
  public @Nullable String query(String name) {
    List<String> values = query().get(name);
    return values == null ? null : values.getFirst();
  }

  /**
   * What a query parameter says, or null if it is absent.
   *
   * @param parse throws IllegalArgumentException with a message for the client
   */
  public <T> @Nullable T query(String name, Function<String, T> parse) {
    String text = query(name);
    if (text == null) {
      return null;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable(name, String.valueOf(wrong.getMessage()));
    }
  }

  /** The value of a header that may come once, or null if it is absent. */
  public @Nullable String header(String name) {
    List<String> values = request.headers(name);
    if (values.size() > 1) {
      throw ProblemException.unreadable(name, "must be given once");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /** The body of a command; the headers that a command may have are checked as well. */
  public <T> T command(Class<T> type) {
    return command(type, BODY_BYTES_MAX);
  }

  /** The body of a command, up to that many bytes; its headers are checked as well. */
  public <T> T command(Class<T> type, int bytesMax) {
    knowledgeAgeMax = COMMAND_KNOWLEDGE_AGE_MAX;
    byte[] bytes = jsonBody(bytesMax);
    commandBody = bytes.length == 0 ? EMPTY_BODY : bytes;
    T body = StrictJson.read(bytes, type);
    var _ = ifMatch();
    var _ = idempotencyKey();
    return body;
  }

  /**
   * The {@code Idempotency-Key} of a command, 16 to 255 printable ASCII characters; null if there
   * is none. It opens sealed secrets and is never logged or stored.
   */
  public @Nullable String idempotencyKey() {
    String key = header(IDEMPOTENCY_HEADER);
    if (key != null && !IDEMPOTENCY_KEY.matcher(key).matches()) {
      throw ProblemException.unreadable(
          IDEMPOTENCY_HEADER, "must have 16 to 255 printable ASCII characters");
    }
    return key;
  }

  /** What two commands of one caller have in common if they are the same, in a fixed order. */
  public List<byte[]> commandParts() {
    String ifMatch = header("If-Match");
    return List.of(
        request.method().getBytes(StandardCharsets.UTF_8),
        request.path().getBytes(StandardCharsets.UTF_8),
        (ifMatch == null ? "" : ifMatch).getBytes(StandardCharsets.UTF_8),
        commandBody);
  }

  /** The body as JSON of that type; an empty one counts as {@code {}}. */
  public <T> T body(Class<T> type) {
    return body(type, BODY_BYTES_MAX);
  }

  /** The body as JSON of that type, up to that many bytes. */
  public <T> T body(Class<T> type, int bytesMax) {
    return StrictJson.read(jsonBody(bytesMax), type);
  }

  /** The body, up to that many bytes, of which only the media type was judged. */
  public byte[] jsonBody(int bytesMax) {
    return body("application/json", bytesMax);
  }

  /** The body as a form. */
  public FormBody form() {
    return new FormBody(body("application/x-www-form-urlencoded", BODY_BYTES_MAX));
  }

  private byte[] body(String mediaType, int bytesMax) {
    byte[] bytes = request.body(bytesMax);
    if (bytes.length > 0 && !isOf(mediaType, header("Content-Type"))) {
      throw new ProblemException(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must be " + mediaType + ".");
    }
    return bytes;
  }

  /**
   * The key that the path names.
   *
   * @throws ProblemException with {@code not-found} if it cannot be the id of a key
   */
  public static KeyId keyId(String pathSegment) {
    try {
      return new KeyId(pathSegment);
    } catch (IllegalArgumentException otherForm) {
      throw noSuchKey();
    }
  }

  /** The one answer for keys that are unknown, and for those of other workspaces. */
  public static ProblemException noSuchKey() {
    return new ProblemException(ProblemCode.NOT_FOUND, "There is no such key in this workspace.");
  }

  /**
   * Waits for {@code Keyledger-At-Least}, then says who is calling.
   *
   * @param permission what the caller must hold, without the prefix {@code keyledger:}
   */
  public Caller authorize(String permission) {
    return authorize(permission, gate.index());
  }

  /**
   * Likewise, for an answer that does not come from this node's index.
   *
   * @param horizon what the answer comes from
   */
  public Caller authorize(String permission, Horizon horizon) {
    return authorize(permission, horizon, header(WORKSPACE_HEADER), credential(), _ -> true);
  }

  /**
   * Likewise, where the query too may name the workspace.
   *
   * @param workspace as the query has it; null: it names none
   */
  public Caller authorize(String permission, Horizon horizon, @Nullable String workspace) {
    String named = header(WORKSPACE_HEADER);
    if (workspace != null && named != null && !workspace.equals(named)) {
      throw ProblemException.unreadable(WORKSPACE_HEADER, "names another workspace than the query");
    }
    return authorize(
        permission, horizon, workspace == null ? named : workspace, credential(), _ -> true);
  }

  /**
   * Waits for {@code Keyledger-At-Least}, then says who is calling where no credential is needed:
   * one that is presented all the same must be good.
   */
  public Actor anybody() {
    awaitAtLeast(gate.index());
    return authorization() == null ? Actor.ANONYMOUS : identify(credential(), _ -> true).actor();
  }

  /**
   * Likewise, where OAuth lets a caller come with Basic too: as {@code keyId:secret}, the root key
   * as {@code root:secret}.
   */
  public Caller authorizeClient(String permission) {
    String authorization = authorization();
    BasicCredential basic = authorization == null ? null : BasicCredential.parse(authorization);
    return basic == null
        ? authorize(permission)
        : authorize(
            permission, gate.index(), header(WORKSPACE_HEADER), basic.secret(), basic::names);
  }

  /** Likewise, for what nobody may but the root key, whatever an operator holds. */
  public Caller authorizeRoot() {
    awaitAtLeast(gate.index());
    Identity identity = identify(credential(), _ -> true);
    if (identity.workspace() != null) {
      throw new ProblemException(ProblemCode.FORBIDDEN, "This needs the root key.");
    }
    return new Caller(identity.actor(), Workspaces.DEFAULT, identity.ceiling());
  }

  private Caller authorize(
      String permission,
      Horizon horizon,
      @Nullable String namedWorkspace,
      @Nullable String credential,
      Predicate<Identity> isMeant) {
    awaitAtLeast(horizon);
    Identity identity = identify(credential, isMeant);
    String workspace = workspaceOf(identity, namedWorkspace);
    if (!identity.holds(permission)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "This needs the permission keyledger:" + permission + ".");
    }
    if (!gate.workspaceExists(workspace)) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such workspace.");
    }
    return new Caller(identity.actor(), workspace, identity.ceiling());
  }

  /** How long the request would wait for something, {@link #WAIT_MAX} at most. */
  public Duration waitMax() {
    String text = header(WAIT_HEADER);
    if (text == null) {
      return WAIT_DEFAULT;
    }
    try {
      Duration wait = IsoDuration.parse(text);
      if (wait.compareTo(WAIT_MAX) <= 0) {
        return wait;
      }
    } catch (IllegalArgumentException malformed) {
      throw ProblemException.unreadable(WAIT_HEADER, String.valueOf(malformed.getMessage()));
    }
    throw ProblemException.unreadable(WAIT_HEADER, "must be at most " + WAIT_MAX);
  }

  /**
   * The versions that {@code If-Match} names; null if any will do. A weak tag never matches (RFC
   * 9110 section 13.1.1).
   */
  public @Nullable Set<Long> ifMatch() {
    String header = header("If-Match");
    if (header == null || header.strip().equals("*")) {
      return null;
    }
    var versions = new HashSet<Long>();
    for (String tag : header.split(",", -1)) {
      var form = ENTITY_TAG.matcher(tag.strip());
      if (!form.matches()) {
        throw ProblemException.unreadable("If-Match", "must be entity tags such as \"3\", or *");
      }
      if (form.group(1) != null) {
        versions.add(Long.parseLong(form.group(1)));
      }
    }
    return versions;
  }

  /**
   * The credential of an {@code Authorization} header of the scheme Bearer; null if the header has
   * another form, or names more than one.
   */
  public static @Nullable String bearer(String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    int from = BEARER.length();
    while (from < authorization.length() && authorization.charAt(from) == ' ') {
      from++;
    }
    String credential = authorization.substring(from);
    return isCredential(credential) ? credential : null;
  }

  /**
   * Whether the text may be anybody's credential: 1 to {@value KeyFormat#LENGTH_MAX} visible ASCII
   * characters but the comma, with which proxies join what was sent twice.
   */
  public static boolean isCredential(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '!' || c > '~' || c == ',') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= KeyFormat.LENGTH_MAX;
  }

  /** The workspace that a request names which no credential speaks for; null if it names none. */
  public @Nullable String namedWorkspace() {
    return header(WORKSPACE_HEADER);
  }

  /**
   * Counts secrets that somebody without a credential asks to be looked for.
   *
   * @throws ProblemException with {@code rate-limited} if the source has asked for too many
   */
  public void countSecrets(int secrets) {
    gate.countSecrets(request, secrets);
  }

  /** The id of this request. */
  public String requestId() {
    return request.requestId();
  }

  /** What is known about the caller and may be personal. */
  public EventContext context(@Nullable String reason) {
    List<String> userAgents = request.headers("User-Agent");
    String userAgent = userAgents.isEmpty() ? null : userAgents.getFirst();
    return new EventContext(
        reason,
        gate.addressOf(request),
        userAgent == null || userAgent.length() <= USER_AGENT_LENGTH_MAX
            ? userAgent
            : userAgent.substring(0, USER_AGENT_LENGTH_MAX));
  }

  private Map<String, List<String>> query() {
    if (query == null) {
      query = QueryString.parse(request.query());
    }
    return query;
  }

  private void awaitAtLeast(Horizon horizon) {
    String token = header(AT_LEAST_HEADER);
    Duration wait = waitMax();
    if (token != null) {
      gate.awaitApplied(token, horizon, wait);
    }
  }

  /** The bearer's credential, or null if there is none that could be one. */
  private @Nullable String credential() {
    String authorization = authorization();
    return authorization == null ? null : bearer(authorization);
  }

  private @Nullable String authorization() {
    String authorization = header("Authorization");
    if (authorization != null
        && (authorization.indexOf(',') >= 0 || !request.headers("X-API-Key").isEmpty())) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "Send one credential only.");
    }
    return authorization;
  }

  private Identity identify(@Nullable String credential, Predicate<Identity> isMeant) {
    return Optional.ofNullable(credential)
        .map(text -> new Credential(KeySecret.of(text), gate.addressOf(request), knowledgeAgeMax))
        .flatMap(gate::identify)
        .filter(isMeant)
        .orElseThrow(() -> gate.unauthorized(request));
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

  private static boolean isOf(String mediaType, @Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.strip().equalsIgnoreCase(mediaType);
  }
}
