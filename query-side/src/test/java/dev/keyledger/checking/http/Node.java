package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.access.Authenticator;
import dev.keyledger.access.Ceiling;
import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.Identity;
import dev.keyledger.access.QueryTurns;
import dev.keyledger.access.RootKeys;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.access.Workspaces;
import dev.keyledger.checking.Explainer;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.WaitLimit;
import dev.keyledger.http.request.ApiCalls;
import dev.keyledger.http.request.Authentication;
import dev.keyledger.http.request.ClientAddress;
import dev.keyledger.http.request.SourceLimits;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;

/**
 * A node that verifies: everything is real except the log, whose events a test adds, and the clock.
 */
public final class Node {
  public static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  public static final String ROOT_KEY = "root-key-of-this-test-0123456789abcdef";
  static final String OPERATOR = "operator-of-default-who-may-verify-000";
  static final String NAMED = "operator-of-default-who-has-a-name-000";
  static final String NAMED_ID = "key_01k0000000000000000000000a";
  static final String READER = "operator-of-default-who-may-only-read0";
  static final String STRANGER = "operator-of-a-workspace-that-is-gone-0";
  public static final String GATEWAY_TOKEN = "the-gateway's-token";
  public static final String TRUSTED_PROXY = "10.0.0.1";

  private static final KeyFormat FORMAT = new KeyFormat(KeyFormat.DEFAULT_BRAND);
  private static final Peppers PEPPERS =
      Peppers.parse("1:" + Base64.getEncoder().encodeToString("1".repeat(32).getBytes(US_ASCII)));

  /** The specification of a key to issue. */
  public record KeySpec(
      String workspace,
      Environment environment,
      List<String> permissions,
      @Nullable Instant expiresAt,
      List<String> ipAllowList) {
    public static final KeySpec USUAL =
        new KeySpec("default", Environment.LIVE, List.of("read:*"), null, List.of());

    KeySpec in(String other) {
      return new KeySpec(other, environment, permissions, expiresAt, ipAllowList);
    }

    KeySpec of(Environment other) {
      return new KeySpec(workspace, other, permissions, expiresAt, ipAllowList);
    }

    KeySpec until(Instant end) {
      return new KeySpec(workspace, environment, permissions, end, ipAllowList);
    }

    KeySpec holding(String... patterns) {
      return new KeySpec(workspace, environment, List.of(patterns), expiresAt, ipAllowList);
    }

    public KeySpec fromAddresses(String... ranges) {
      return new KeySpec(workspace, environment, permissions, expiresAt, List.of(ranges));
    }
  }

  /** A key and its secret. */
  public record Issued(KeyId id, String secret) {}

  /** The position of the log and its state, set by the test. */
  private final class Log implements AppliedLog {
    @Override
    public long position() {
      return index.position();
    }

    @Override
    public Instant asOf() {
      return asOf;
    }

    @Override
    public Instant storeClock() {
      return asOf;
    }

    @Override
    public Duration sinceContact() {
      return sinceContact;
    }

    @Override
    public boolean caughtUpOnce() {
      return caughtUp;
    }

    @Override
    public Optional<String> failure() {
      return Optional.ofNullable(failure);
    }

    @Override
    public boolean await(long awaited, Duration max) {
      lastWait = max;
      whileWaiting.run();
      return index.position() >= awaited;
    }

    @Override
    public boolean awaitTime(Instant time, Duration max) {
      return !asOf().isBefore(time);
    }
  }

  /** A lease that the test grants and revokes. */
  private final class TestLease implements Lease {
    @Override
    public long term() {
      return term;
    }

    @Override
    public boolean runs(long asked) {
      whileDeciding.run();
      return term == asked;
    }
  }

  public final PositionTokens tokens = tokens("store");
  final WaitLimit waitLimit = new WaitLimit();
  final KeyIndex index = new KeyIndex();
  boolean ready = true;
  Instant now = START.plusSeconds(3600);
  Instant asOf = START.plusSeconds(3599);
  Duration sinceContact = Duration.ofMillis(200);
  boolean caughtUp = true;
  long nanoTime;
  @Nullable String failure;
  long term;
  @Nullable Duration lastWait;
  public Runnable whileWaiting = () -> {};

  /** Runs while the log is read for an explanation; may throw like the log. */
  Runnable whileExplaining = () -> {};

  private final Map<KeyId, List<LoggedEvent>> events = new ConcurrentHashMap<>();
  public Runnable whileDeciding = () -> {};

  /** The operators that this node does not know any more. */
  final Set<String> revokedOperators = ConcurrentHashMap.newKeySet();

  private final Map<KeyId, Long> sequences = new HashMap<>();
  private final Map<KeyId, String> workspaces = new HashMap<>();
  private final ApiCalls calls;
  private final FreshVerifier verifier;
  public final VerificationHandler handler;

  public Node() {
    this(null, SourceQuota.AMOUNT_MAX, FreshVerifier.AGE_MAX);
  }

  private Node(@Nullable KeySecret gatewayToken, long failuresMax, Duration maxStaleness) {
    var addresses = new ClientAddress(List.of(TRUSTED_PROXY));
    calls =
        new ApiCalls(
            new Authentication(List.of(new RootKeys(ROOT_KEY), operators())),
            new HolderKeys(new KeyVerifier(FORMAT, PEPPERS, index), new Log(), () -> now),
            new Workspaces(),
            new Freshness(tokens, new Log(), waitLimit),
            new SourceLimits(
                addresses,
                new SourceQuota("failures", 1, failuresMax, () -> nanoTime, 100),
                new SourceQuota("secrets", 1, 1, () -> nanoTime, 100)),
            addresses);
    verifier =
        new FreshVerifier(
            new KeyVerifier(FORMAT, PEPPERS, index),
            new Log(),
            new TestLease(),
            () -> now,
            maxStaleness,
            (_, _) -> {});
    handler =
        new VerificationHandler(
            calls,
            verifier,
            new Explainer(this::forEachEvent, new QueryTurns()),
            gatewayToken,
            probe -> ready || probe.equals("liveness"));
  }

  /** Returns a node that continues for so long without the log. */
  static Node tolerating(Duration maxStaleness) {
    return new Node(null, SourceQuota.AMOUNT_MAX, maxStaleness);
  }

  public static Node behindGateway() {
    return new Node(KeySecret.of(GATEWAY_TOKEN), SourceQuota.AMOUNT_MAX, FreshVerifier.AGE_MAX);
  }

  /**
   * Returns a node that allows a source so many failures at once, and one a second by its clock.
   */
  public static Node bearing(long failuresMax) {
    return new Node(null, failuresMax, FreshVerifier.AGE_MAX);
  }

  public static PositionTokens tokens(String store) {
    return new PositionTokens(
        UUID.nameUUIDFromBytes(store.getBytes(UTF_8)), 1, List.of(new byte[32]));
  }

  HttpAnswer send(SentRequest request) {
    return handler.answer(request);
  }

  ResponseEntity<byte[]> introspect(SentRequest request) {
    return new IntrospectionController(verifier).introspect(calls.of(request));
  }

  /** Sends an introspection without a token, with that header. */
  public void introspectAs(String authorization) {
    introspect(new SentRequest("POST", "/oauth2/introspect").with("Authorization", authorization));
  }

  /** Reads the body of a check. */
  public static void readCheck(byte[] body) {
    CheckReader.one(body);
  }

  /** Reads the body of a batch. */
  public static void readBatch(byte[] body) {
    CheckReader.batch(body);
  }

  /** Reads the body of a check of the past. */
  public static void readPastCheck(byte[] body) {
    CheckReader.past(body);
  }

  /** Reads the query of a gateway's request. */
  public static void readForwardAuthQuery(String query) {
    ForwardAuthQuery.read(query);
  }

  /** Sends a check as the root key. */
  HttpAnswer verify(String json) {
    return send(new SentRequest("POST", "/v1/verify").bearer(ROOT_KEY).json(json));
  }

  public Issued issue(KeySpec spec) {
    KeySecret secret = FORMAT.mint(spec.environment, new SecureRandom());
    KeyId key = KeyId.of(START.toEpochMilli(), 0, index.position() + 1);
    workspaces.put(key, spec.workspace);
    add(
        key,
        new KeyIssued(
            "Billing",
            new Owner(OwnerType.APP, "billing"),
            spec.environment,
            stored(secret),
            spec.permissions,
            null,
            spec.expiresAt,
            spec.expiresAt == null ? null : spec.expiresAt.plus(Duration.ofDays(30)),
            List.of(Duration.ofDays(30)),
            spec.ipAllowList,
            Map.of("team", "payments")));
    return new Issued(key, secret.revealToItsCaller());
  }

  String rotate(Issued key, int generation, Instant overlapEndsAt) {
    KeySecret secret = FORMAT.mint(Environment.LIVE, new SecureRandom());
    add(key.id, new KeyRotated(generation, stored(secret), overlapEndsAt));
    return secret.revealToItsCaller();
  }

  /** Returns a well-formed secret of no key. */
  static String unknownSecret() {
    return FORMAT.mint(Environment.LIVE, new SecureRandom()).revealToItsCaller();
  }

  long add(KeyId key, KeyEvent event) {
    long position = index.position() + 1;
    var logged =
        new LoggedEvent(
            position,
            StreamId.of(key),
            sequences.merge(key, 1L, Long::sum) - 1,
            workspaces.getOrDefault(key, "default"),
            START.plusSeconds(position),
            Actor.ROOT,
            "req_test",
            event,
            EventContext.NONE);
    events.computeIfAbsent(key, _ -> new CopyOnWriteArrayList<>()).add(logged);
    index.apply(logged);
    return position;
  }

  private void forEachEvent(
      KeyId keyId, String workspace, long upTo, Consumer<LoggedEvent> consumer) {
    whileExplaining.run();
    events.getOrDefault(keyId, List.of()).stream()
        .filter(event -> event.workspace().equals(workspace) && event.position() <= upTo)
        .forEach(consumer);
  }

  static JsonNode json(HttpAnswer answer) {
    return StrictJson.MAPPER.readTree(answer.body());
  }

  static @Nullable String header(HttpAnswer answer, String name) {
    return answer.headers().stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(HttpAnswer.Header::value)
        .findFirst()
        .orElse(null);
  }

  private static StoredSecret stored(KeySecret secret) {
    return new StoredSecret(PEPPERS.issued(1, secret.sha256()), 1, FORMAT.hint(secret));
  }

  private Authenticator operators() {
    Map<String, Identity> known =
        Map.of(
            OPERATOR, operator("default", "keyledger:verify"),
            NAMED, named(NAMED_ID),
            READER, operator("default", "keyledger:keys:read"),
            STRANGER, operator("gone", "keyledger:verify"));
    return credential ->
        known.entrySet().stream()
            .filter(one -> KeySecret.of(one.getKey()).equals(credential.secret()))
            .filter(one -> !revokedOperators.contains(one.getKey()))
            .map(Map.Entry::getValue)
            .findFirst();
  }

  private static Identity named(String keyId) {
    return new Identity(
        new Actor(ActorType.OPERATOR, keyId),
        "default",
        new Ceiling(PermissionSet.of(List.of("keyledger:verify"))));
  }

  private static Identity operator(String workspace, String permission) {
    return new Identity(Actor.ROOT, workspace, new Ceiling(PermissionSet.of(List.of(permission))));
  }
}
