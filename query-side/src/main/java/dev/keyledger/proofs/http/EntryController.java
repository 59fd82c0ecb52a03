package dev.keyledger.proofs.http;

import dev.keyledger.access.Caller;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import dev.keyledger.pointintime.http.PositionText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The hashed entries of the log, and proofs of them. An operator sees those of its workspace, the
 * root key all.
 */
@RestController
@RequestMapping("/v1/log")
class EntryController {
  private static final String POSITION = "position";
  private static final String SIZE = "size";
  private static final String FROM = "from";
  private static final String TO = "to";

  private final LogProofs proofs;
  private final Checkpoints checkpoints;
  private final Freshness freshness;

  EntryController(LogProofs proofs, Checkpoints checkpoints, Freshness freshness) {
    this.proofs = proofs;
    this.checkpoints = checkpoints;
    this.freshness = freshness;
  }

  /** An entry, as {@code GET /v1/log/entries/{position}} shows it. */
  record Entry(long position, String bytes, String leafHash) {}

  /** A proof that an entry is in a tree, its hashes lowest first. */
  record Inclusion(long leafIndex, long treeSize, String leafHash, List<String> hashes) {}

  /** A proof that a tree extends an earlier one, as in RFC 6962 section 2.1.2. */
  record Consistency(long from, long to, List<String> hashes) {}

  @GetMapping(path = "/entries/{position}", produces = MediaType.APPLICATION_JSON_VALUE)
  @Needs("audit:read")
  Entry entry(@PathVariable String position, ApiCall call) {
    Caller caller = call.allowQuery().caller();
    long at = positionOf(position);
    LogProofs.Entry entry = entryOf(caller, at);
    return new Entry(at, base64(entry.bytes()), base64(entry.leafHash()));
  }

  @GetMapping(path = "/entries/{position}.tlog-proof", produces = MediaType.TEXT_PLAIN_VALUE)
  @Needs("audit:read")
  ResponseEntity<byte[]> proofFile(@PathVariable String position, ApiCall call) {
    Caller caller = call.allowQuery().caller(checkpoints);
    long at = positionOf(position);
    var _ = entryOf(caller, at);
    String file = proofs.proofFile(at, checkpoints.covering(at));
    return ResponseEntity.ok()
        .contentType(CheckpointController.TEXT)
        .body(file.getBytes(StandardCharsets.UTF_8));
  }

  @GetMapping(path = "/proofs/inclusion", produces = MediaType.APPLICATION_JSON_VALUE)
  @Needs("audit:read")
  Inclusion inclusion(ApiCall call) {
    var _ = call.allowQuery(POSITION, SIZE);
    long at = required(POSITION, call.query(POSITION, this::positionOf));
    Long size = call.query(SIZE, PositionText::position);
    Caller caller = call.caller(checkpoints);
    LogProofs.Entry entry = entryOf(caller, at);
    SignedCheckpoint last = checkpoints.covering(at);
    long treeSize = size == null ? last.size() : within(SIZE, size, at, last.size());
    return new Inclusion(
        at - 1,
        treeSize,
        base64(entry.leafHash()),
        base64(proofs.tree(treeSize).inclusionProof(at - 1)));
  }

  @GetMapping(path = "/proofs/consistency", produces = MediaType.APPLICATION_JSON_VALUE)
  @Needs("audit:read")
  Consistency consistency(ApiCall call) {
    var _ = call.allowQuery(FROM, TO);
    long from = required(FROM, call.query(FROM, PositionText::positionOrZero));
    Long to = call.query(TO, PositionText::positionOrZero);
    var _ = call.caller(checkpoints);
    long last = checkpoints.last().size();
    long end = to == null ? last : within(TO, to, 0, last);
    long begin = within(FROM, from, 0, end);
    return new Consistency(begin, end, base64(proofs.tree(end).consistencyProof(begin)));
  }

  @GetMapping(path = "/tile/entries/{*index}", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  @Needs(Needs.ROOT_KEY)
  ResponseEntity<byte[]> entryBundle(@PathVariable String index, ApiCall call) {
    var _ = call.allowQuery().caller(checkpoints);
    TilePath bundle = TilePath.parse(index);
    return TilePath.answer(
        proofs.entryBundle(bundle.index(), bundle.width()).orElseThrow(TilePath::notFound), false);
  }

  private LogProofs.Entry entryOf(Caller caller, long position) {
    return proofs
        .entry(position)
        .filter(entry ->
            caller.actor().equals(Actor.ROOT) || entry.workspace().equals(caller.workspace()))
        .orElseThrow(() ->
            new ProblemException(ProblemCode.NOT_FOUND, "There is no such entry of the log."));
  }

  /** Returns the position in a number or a position token. */
  private long positionOf(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? position(text)
        : freshness.positionOf(text);
  }

  private static long position(String text) {
    try {
      return PositionText.position(text);
    } catch (IllegalArgumentException noPosition) {
      throw ProblemException.unreadable(POSITION, String.valueOf(noPosition.getMessage()));
    }
  }

  private static long required(String name, @Nullable Long value) {
    if (value == null) {
      throw ProblemException.unreadable(name, "is required");
    }
    return value;
  }

  private static long within(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw ProblemException.unreadable(
          name, "must be %d to %d, the size of a tree".formatted(min, max));
    }
    return value;
  }

  private static List<String> base64(List<byte[]> hashes) {
    return hashes.stream().map(EntryController::base64).toList();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
