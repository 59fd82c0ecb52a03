package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Holder;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.SelfResource;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.QueryReaders;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who presents a credential: a key, as its holder sees it, or the root key. */
@RestController
@RequestMapping(path = "/v1/self", produces = MediaType.APPLICATION_JSON_VALUE)
class SelfQueryController {
  /** What the root key may do, as an operator's key would hold it that may do as much. */
  private static final List<String> ROOT_PERMISSIONS = List.of("keyledger:*");

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
   * @param workspace the one that the request names
   */
  record RootSelf(Actor actor, String workspace, List<String> permissions) {}

  /** Returns a {@link SelfResource} or a {@link RootSelf}. */
  @GetMapping
  @Needs(value = Needs.THE_KEY_ITSELF, or = Needs.ROOT_KEY)
  Object self(ApiCall call, HttpServletResponse answer) {
    Caller caller = call.allowQuery().caller();
    if (caller.actor().type() == ActorType.ROOT) {
      return new RootSelf(caller.actor(), caller.workspace(), ROOT_PERMISSIONS);
    }
    KeyId keyId = call.holder().key().keyId();
    KeyView key = log.key(keyId, caller.workspace()).orElseThrow(KeyResource::notFound);
    Instant now = clock.instant();
    // As in KeyQueryController, so that If-None-Match finds no 304.
    answer.setHeader(HttpHeaders.ETAG, "\"" + key.facts().version() + "\"");
    List<HolderAction> allowed =
        workspaces
            .find(caller.workspace())
            .map(workspace -> workspace.policy().allowedToHolders())
            .orElse(List.of());
    return SelfResource.of(
        key, now, lastUses.read(List.of(keyId)).get(keyId), Holder.may(key, allowed, now));
  }
}
