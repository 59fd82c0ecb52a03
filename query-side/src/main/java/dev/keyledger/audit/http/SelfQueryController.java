package dev.keyledger.audit.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Holder;
import dev.keyledger.access.Workspaces;
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

/** A key, asked for by its holder with nothing but the key itself. */
@RestController
@RequestMapping(path = "/v1/self", produces = MediaType.APPLICATION_JSON_VALUE)
class SelfQueryController {
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

  @GetMapping
  @Needs(Needs.THE_KEY_ITSELF)
  SelfResource self(ApiCall call, HttpServletResponse answer) {
    Holder holder = call.holder();
    Caller caller = call.allowQuery().caller();
    KeyId keyId = holder.key().keyId();
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
