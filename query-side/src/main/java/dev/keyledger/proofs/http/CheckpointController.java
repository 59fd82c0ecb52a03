package dev.keyledger.proofs.http;

import dev.keyledger.http.request.ApiCall;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The data for monitors and witnesses of the log: its checkpoint, its keys and the hashes of its
 * tree (C2SP tlog-tiles). A setting makes them public.
 */
@RestController
@RequestMapping("/v1/log")
class CheckpointController {
  /** The media type of a checkpoint, a text whose signature lines have a dash that ASCII lacks. */
  static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

  private static final String PERMISSION = "audit:read";

  private final LogProofs proofs;
  private final Checkpoints checkpoints;
  private final boolean open;

  CheckpointController(LogProofs proofs, Checkpoints checkpoints, ProofProperties properties) {
    this.proofs = proofs;
    this.checkpoints = checkpoints;
    this.open = properties.publicCheckpoints();
  }

  /** The keys of the log, as {@code GET /v1/log/key} shows them. */
  record Key(String name, String publicKey, String verifierKey, List<String> verifierKeys) {
    static Key of(SignedCheckpoint checkpoint) {
      String ed25519 = checkpoint.verifierKeys().getFirst();
      byte[] typed = Base64.getDecoder().decode(ed25519.split("\\+", 3)[2]);
      return new Key(
          checkpoint.origin(),
          Base64.getEncoder().encodeToString(Arrays.copyOfRange(typed, 1, typed.length)),
          ed25519,
          checkpoint.verifierKeys());
    }
  }

  @GetMapping(path = "/checkpoint", produces = MediaType.TEXT_PLAIN_VALUE)
  ResponseEntity<byte[]> checkpoint(ApiCall call) {
    admit(call);
    return ResponseEntity.ok()
        .contentType(TEXT)
        .cacheControl(CacheControl.noStore())
        .body(checkpoints.last().note().getBytes(StandardCharsets.UTF_8));
  }

  @GetMapping(path = "/key", produces = MediaType.APPLICATION_JSON_VALUE)
  Key key(ApiCall call) {
    admit(call);
    return Key.of(checkpoints.last());
  }

  @GetMapping(
      path = "/tile/{level:0|[1-9][0-9]?}/{*index}",
      produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  ResponseEntity<byte[]> tile(@PathVariable int level, @PathVariable String index, ApiCall call) {
    admit(call);
    TilePath tile = TilePath.parse(index);
    return TilePath.answer(
        proofs.tile(level, tile.index(), tile.width()).orElseThrow(TilePath::notFound), open);
  }

  private void admit(ApiCall call) {
    if (open) {
      call.allowQuery().awaitAtLeast(checkpoints);
    } else {
      var _ = call.authorize(PERMISSION).allowQuery().caller(checkpoints);
    }
  }
}
