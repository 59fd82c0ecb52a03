package dev.keyledger.client;

import dev.keyledger.conditions.IpAddress;
import dev.keyledger.conditions.Permission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A question about a key that a client presented. Immutable; shows nothing of the key. */
public final class Check implements Call.Body {
  /** The maximum number of permissions in {@link #anyOf} and in {@link #allOf}. */
  public static final int PERMISSIONS_MAX = 100;

  private final String key;
  private final List<Permission> anyOf;
  private final List<Permission> allOf;
  private final @Nullable String ip;
  private final @Nullable Environment environment;
  private final boolean explain;
  private final @Nullable Duration maxAge;

  private Check(
      String key,
      List<Permission> anyOf,
      List<Permission> allOf,
      @Nullable String ip,
      @Nullable Environment environment,
      boolean explain,
      @Nullable Duration maxAge) {
    this.key = key;
    this.anyOf = anyOf;
    this.allOf = allOf;
    this.ip = ip;
    this.environment = environment;
    this.explain = explain;
    this.maxAge = maxAge;
  }

  /** Returns a check without conditions, in the live environment. */
  public static Check of(String key) {
    return new Check(key, List.of(), List.of(), null, Environment.LIVE, false, null);
  }

  /**
   * Returns the check with other permissions of which the key must hold one; none: no condition.
   *
   * @throws IllegalArgumentException if one is not a permission or has a wildcard, or there are
   *     more than {@value #PERMISSIONS_MAX}
   */
  public Check anyOf(String... permissions) {
    return new Check(key, literals(permissions), allOf, ip, environment, explain, maxAge);
  }

  /**
   * Returns the check with other permissions that the key must all hold; none: no condition.
   *
   * @throws IllegalArgumentException as {@link #anyOf}
   */
  public Check allOf(String... permissions) {
    return new Check(key, anyOf, literals(permissions), ip, environment, explain, maxAge);
  }

  /**
   * Returns the check with the address of the client that presented the key. A key with a list of
   * addresses fails without it.
   *
   * @param address IPv4 or IPv6, with or without a port; null if it is unknown
   * @throws IllegalArgumentException if it is neither
   */
  public Check ip(@Nullable String address) {
    IpAddress parsed = address == null ? null : IpAddress.parseWithPort(address);
    if (address != null && parsed == null) {
      throw new IllegalArgumentException("an IP address must be IPv4 or IPv6");
    }
    String literal = parsed == null ? null : parsed.toString();
    return new Check(key, anyOf, allOf, literal, environment, explain, maxAge);
  }

  /** Returns the check with another environment. */
  public Check environment(Environment required) {
    return new Check(key, anyOf, allOf, ip, required, explain, maxAge);
  }

  /** Returns the check in any environment. */
  public Check anyEnvironment() {
    return new Check(key, anyOf, allOf, ip, null, explain, maxAge);
  }

  /**
   * Returns the check that also returns the outcome of every condition; always sent to the service.
   */
  public Check explained() {
    return new Check(key, anyOf, allOf, ip, environment, true, maxAge);
  }

  /** Returns the check with a maximum age of the data that the decision rests on. */
  public Check maxAge(Duration age) {
    return new Check(key, anyOf, allOf, ip, environment, explain, age);
  }

  String key() {
    return key;
  }

  List<Permission> requiredAny() {
    return anyOf;
  }

  List<Permission> requiredAll() {
    return allOf;
  }

  @Nullable String address() {
    return ip;
  }

  boolean accepts(Environment held) {
    return environment == null || environment == held;
  }

  boolean isExplained() {
    return explain;
  }

  @Nullable Duration age() {
    return maxAge;
  }

  @Override
  public Map<String, ?> fields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("key", key);
    if (!anyOf.isEmpty() || !allOf.isEmpty()) {
      fields.put("permissions", Map.of("anyOf", texts(anyOf), "allOf", texts(allOf)));
    }
    if (ip != null) {
      fields.put("ip", ip);
    }
    if (environment != Environment.LIVE) {
      fields.put("environment", environment == null ? "any" : environment);
    }
    if (explain) {
      fields.put("explain", true);
    }
    if (maxAge != null) {
      fields.put("maxAge", maxAge);
    }
    return fields;
  }

  /** Returns the requirements, without the key. */
  @Override
  public String toString() {
    return "Check[anyOf=" + anyOf + ", allOf=" + allOf + ", ip=" + ip + "]";
  }

  private static List<String> texts(List<Permission> permissions) {
    return permissions.stream().map(Permission::value).toList();
  }

  private static List<Permission> literals(String... texts) {
    if (texts.length > PERMISSIONS_MAX) {
      throw new IllegalArgumentException(
          "a check may require at most " + PERMISSIONS_MAX + " permissions");
    }
    var literals = new ArrayList<Permission>(texts.length);
    Stream.of(texts).map(Permission::new).forEach(literals::add);
    if (!literals.stream().allMatch(Permission::isLiteral)) {
      throw new IllegalArgumentException("a required permission must not contain *");
    }
    return List.copyOf(literals);
  }
}
