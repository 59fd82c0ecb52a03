package dev.keyledger.audit.http;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.keyledger.access.Caller;
import dev.keyledger.access.Holder;
import dev.keyledger.access.Workspaces;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.SelfResource;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.QueryReaders;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The identity behind a credential: a key, as its holder sees it, or the root key. */
@RestController
@RequestMapping(path = "/v1/self", produces = MediaType.APPLICATION_JSON_VALUE)
class SelfQueryController {
  /** The permissions of the root key, as an operator's key of the same power would hold them. */
  private static final List<String> ROOT_PERMISSIONS = List.of("keyledger:*");

  /** The permissions whose commands the policy restricts. */
  private static final List<Permission> BOUND_BY_POLICY =
      Stream.of("issue", "import", "renew", "rotate", "change")
          .map(command -> new Permission("keyledger:keys:" + command))
          .toList();

  private final LogReader log;
  private final LastUseTable lastUses;
  private final Workspaces workspaces;
  private final InstantSource clock;

  SelfQueryController(QueryReaders readers, Workspaces workspaces, InstantSource clock) {
    this.log = readers.log();
    this.lastUses = readers.lastUses();
    this.workspaces = workspaces;
    this.clock = clock;
  }

  /**
   * The root key.
   *
   * @param workspace the workspace of the request
   */
  record RootSelf(Actor actor, String workspace, List<String> permissions, BindingPolicy policy) {}

  /**
   * A key, and the policy on its commands.
   *
   * @param policy null if the policy restricts no command of the key
   */
  @JsonPropertyOrder({"key", "policy"})
  record KeySelf(@JsonUnwrapped SelfResource key, @Nullable BindingPolicy policy) {}

  /**
   * The part of a policy that restricts the fields of commands on keys.
   *
   * @param allowedPermissions the patterns that keys may hold; null: no restriction, and for
   *     holders
   */
  record BindingPolicy(
      Duration defaultLifetime,
      Duration maxLifetime,
      boolean allowNoExpiry,
      Duration defaultOverlap,
      @Nullable List<String> allowedPermissions) {
    static BindingPolicy ofOperators(WorkspacePolicy policy) {
      return of(policy, policy.allowedPermissions());
    }

    static BindingPolicy ofHolders(WorkspacePolicy policy) {
      return of(policy, null);
    }

    private static BindingPolicy of(WorkspacePolicy policy, @Nullable List<String> allowed) {
      return new BindingPolicy(
          policy.defaultLifetime(),
          policy.maxLifetime(),
          policy.allowNoExpiry(),
          policy.defaultOverlap(),
          allowed);
    }
  }

  /** Returns a {@link KeySelf} or a {@link RootSelf}. */
  @GetMapping
  @Needs(value = Needs.THE_KEY_ITSELF, or = Needs.ROOT_KEY)
  Object self(ApiCall call, HttpServletResponse answer) {
    Caller caller = call.allowQuery().caller();
    WorkspacePolicy policy =
        workspaces
            .find(caller.workspace())
            .map(WorkspaceView::policy)
            .orElseThrow(KeyResource::notFound);
    if (caller.actor().type() == ActorType.ROOT) {
      return new RootSelf(
          caller.actor(), caller.workspace(), ROOT_PERMISSIONS, BindingPolicy.ofOperators(policy));
    }
    KeyId keyId = call.holder().key().keyId();
    KeyView key = log.key(keyId, caller.workspace()).orElseThrow(KeyResource::notFound);
    Instant now = clock.instant();
    // As in KeyQueryController, so that If-None-Match finds no 304.
    answer.setHeader(HttpHeaders.ETAG, "\"" + key.facts().version() + "\"");
    List<HolderAction> may = Holder.may(key, policy.allowedToHolders(), now);
    return new KeySelf(
        SelfResource.of(key, now, lastUses.read(List.of(keyId)).get(keyId), may),
        binding(policy, key, may));
  }

  private static @Nullable BindingPolicy binding(
      WorkspacePolicy policy, KeyView key, List<HolderAction> may) {
    PermissionSet held = PermissionSet.of(key.facts().permissions());
    if (BOUND_BY_POLICY.stream().anyMatch(held::holds)) {
      return BindingPolicy.ofOperators(policy);
    }
    return may.isEmpty() ? null : BindingPolicy.ofHolders(policy);
  }
}
