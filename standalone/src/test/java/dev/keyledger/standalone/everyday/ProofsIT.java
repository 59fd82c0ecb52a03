package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checkpoints, proofs, receipts and exports, verified by the rules of RFC 9162. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ProofsIT {
  private static final String AT_LEAST = "Keyledger-At-Least";
  private static final JsonMapper JSON = new JsonMapper();

  private Client root;
  private Client workspace;
  private Client operator;
  private Issuer issuer;
  private IssuedKey key;

  @BeforeEach
  void inAWorkspaceOfItsOwn(KeyledgerProcess keyledger) {
    String name = WorkspacesIT.name();
    root = keyledger.root();
    WorkspacesIT.open(root, name, "");
    workspace = WorkspacesIT.in(root, name);
    issuer = new Issuer(workspace);
    operator =
        keyledger
            .client()
            .bearer(issuer.issued("keyledger:audit:read", "keyledger:keys:revoke").secret());
    key = issuer.issued("read:users");
  }

  /** A tree head, as a checkpoint has it. */
  private record Head(String origin, long size, String hash) {
    static Head of(String note) {
      List<String> lines = note.lines().toList();
      return new Head(lines.get(0), Long.parseLong(lines.get(1)), lines.get(2));
    }
  }

  private static byte[] node(byte[] left, byte[] right) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) 1);
      sha256.update(left);
      return sha256.digest(right);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Verifies an inclusion proof (RFC 9162 section 2.1.3.2). */
  private static boolean includes(long index, byte[] leafHash, List<byte[]> proof, Head head) {
    long fn = index;
    long sn = head.size() - 1;
    byte[] r = leafHash;
    for (byte[] p : proof) {
      if (fn % 2 == 1 || fn == sn) {
        r = node(p, r);
        while (fn % 2 == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        r = node(r, p);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && head(r).equals(head.hash());
  }

  /** Verifies a consistency proof (RFC 9162 section 2.1.4.2). */
  private static boolean isExtended(Head earlier, Head later, List<byte[]> proof) {
    var path = new ArrayList<byte[]>(proof);
    if (Long.bitCount(earlier.size()) == 1) {
      path.addFirst(Base64.getDecoder().decode(earlier.hash()));
    }
    long fn = earlier.size() - 1;
    long sn = later.size() - 1;
    while (fn % 2 == 1) {
      fn >>= 1;
      sn >>= 1;
    }
    byte[] fr = path.removeFirst();
    byte[] sr = fr;
    for (byte[] c : path) {
      if (fn % 2 == 1 || fn == sn) {
        fr = node(c, fr);
        sr = node(c, sr);
        while (fn % 2 == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        sr = node(sr, c);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && head(fr).equals(earlier.hash()) && head(sr).equals(later.hash());
  }

  private static String head(byte[] hash) {
    return Base64.getEncoder().encodeToString(hash);
  }

  private static List<byte[]> hashes(JsonNode texts) {
    return texts.valueStream().map(text -> Base64.getDecoder().decode(text.asString())).toList();
  }

  private String after(Answer command, Client client, String path) {
    Answer answer = client.header(AT_LEAST, command.header("Keyledger-Position")).get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.text();
  }

  private long positionOfKey() {
    return issuer.history(key).at("/0/position").asLong();
  }

  @Test
  void theCheckpointCoversWhatTheRequestNames() {
    Head head = Head.of(after(key.answer(), root, "/v1/log/checkpoint"));
    assertThat(head.size()).isGreaterThanOrEqualTo(positionOfKey());
    JsonNode keys = operator.get("/v1/log/key").body();
    assertThat(keys.path("name").asString())
        .isEqualTo(head.origin())
        .startsWith("keyledger.dev/log/");
    assertThat(Base64.getDecoder().decode(keys.path("publicKey").asString())).hasSize(32);
    assertThat(keys.path("verifierKeys")).hasSize(2);
    assertThat(keys.at("/verifierKeys/0")).isEqualTo(keys.path("verifierKey"));
  }

  @Test
  void anEventIsProvenToBeInTheLog() {
    Head head = Head.of(after(key.answer(), root, "/v1/log/checkpoint"));
    long position = positionOfKey();
    JsonNode entry = operator.get("/v1/log/entries/" + position).body();
    byte[] leafHash = Base64.getDecoder().decode(entry.path("leafHash").asString());
    JsonNode proof =
        operator
            .get("/v1/log/proofs/inclusion?position=%d&size=%d".formatted(position, head.size()))
            .body();
    assertThat(proof.path("leafIndex").asLong()).isEqualTo(position - 1);
    assertThat(proof.path("leafHash")).isEqualTo(entry.path("leafHash"));
    assertThat(includes(position - 1, leafHash, hashes(proof.path("hashes")), head)).isTrue();
    String token = key.answer().header("Keyledger-Position");
    assertThat(operator.get("/v1/log/entries/" + token).body()).isEqualTo(entry);
    assertThat(operator.get("/v1/log/entries/%s.tlog-proof".formatted(token)).text())
        .startsWith("c2sp.org/tlog-proof@v1\nindex %d\n".formatted(position - 1));
  }

  @Test
  void aCommandReturnsItsProof() {
    Answer revoked = workspace.post(key.path() + "/revoke?proof=inclusion", "{}");
    assertThat(revoked.status()).isEqualTo(200);
    assertThat(revoked.body().path("status").asString()).isEqualTo("revoked");
    List<String> lines = revoked.body().path("proof").asString().lines().toList();
    assertThat(lines.getFirst()).isEqualTo("c2sp.org/tlog-proof@v1");
    long index = Long.parseLong(lines.get(1).substring("index ".length()));
    List<byte[]> proof =
        lines.stream()
            .skip(2)
            .takeWhile(line -> !line.isEmpty())
            .map(Base64.getDecoder()::decode)
            .toList();
    Head head = Head.of(String.join("\n", lines.subList(proof.size() + 3, lines.size())));
    JsonNode entry = operator.get("/v1/log/entries/" + (index + 1)).body();
    byte[] leafHash = Base64.getDecoder().decode(entry.path("leafHash").asString());
    assertThat(new String(Base64.getDecoder().decode(entry.path("bytes").asString()), UTF_8))
        .contains("KeyRevoked", key.id());
    assertThat(includes(index, leafHash, proof, head)).isTrue();

    Answer again = workspace.post(key.path() + "/revoke?proof=inclusion", "{}");
    assertThat(again.body().path("proof").asString())
        .as("no event was added")
        .startsWith("c2sp.org/tlog-proof@v1\nindex %d\n".formatted(index));
    assertThat(
            workspace
                .post("/v1/keys?proof=inclusion", "{" + Issuer.fields("read:users") + "}")
                .body()
                .has("proof"))
        .isTrue();
  }

  @Test
  void aProofThatDoesNotComeInTimeLeavesTheCommandInForce() {
    Client impatient =
        workspace
            .header("Keyledger-Wait", "PT0S")
            .header("Idempotency-Key", "a-key-of-16-characters-" + key.id());
    Answer accepted = impatient.post(key.path() + "/revoke?proof=inclusion", "{}");
    assertThat(accepted.status()).isIn(202, 200);
    assertThat(accepted.body().has("proof")).isEqualTo(accepted.status() == 200);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
    Answer repeated =
        impatient
            .header("Keyledger-Wait", "PT10S")
            .post(key.path() + "/revoke?proof=inclusion", "{}");
    assertThat(repeated.status()).isEqualTo(200);
    assertThat(repeated.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(repeated.body().path("proof").asString()).startsWith("c2sp.org/tlog-proof@v1\n");
  }

  @Test
  void aProofIsForCommandsOnOneKeyOrWorkspace() {
    assertProblem(workspace.post(key.path() + "/revoke?proof=yes", "{}"), 400, "bad-request");
    assertProblem(
        workspace.post(key.path() + "/revoke?proof=inclusion&cascade=true", "{}"),
        400,
        "bad-request");
    assertProblem(
        workspace.post("/v1/owners/user/x/revoke-keys?proof=inclusion", "{}"), 400, "bad-request");
    assertProblem(
        workspace.post("/v1/keys/renew-batch?proof=inclusion", "{\"keyIds\":[]}"),
        400,
        "bad-request");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void anOperatorSeesTheEntriesOfItsWorkspaceOnly() {
    assertThat(root.get("/v1/log/entries/1").status()).isEqualTo(200);
    for (String path :
        List.of(
            "/v1/log/entries/1",
            "/v1/log/entries/1.tlog-proof",
            "/v1/log/proofs/inclusion?position=1",
            "/v1/log/entries/999999999999")) {
      assertProblem(operator.get(path), 404, "not-found");
    }
    assertProblem(operator.get("/v1/log/tile/entries/000"), 403, "forbidden");
    assertProblem(operator.get("/v1/audit/export?workspace=*"), 403, "forbidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "checkpoint",
        "key",
        "entries/1",
        "entries/1.tlog-proof",
        "proofs/inclusion?position=1",
        "proofs/consistency?from=1",
        "tile/0/000.p/1",
        "tile/entries/000.p/1"
      })
  void everyRequestNeedsThePermission(String path) {
    Client stranger = new Client(root.uri());
    assertProblem(stranger.get("/v1/log/" + path), 401, "unauthorized");
    Client other = stranger.bearer(issuer.issued("keyledger:keys:read").secret());
    assertProblem(other.get("/v1/log/" + path), 403, "forbidden");
  }

  @Test
  void anUnknownPositionOrTreeIsRefused() {
    String position = issuer.issued().answer().header("Keyledger-Position");
    Client current = root.header("Keyledger-At-Least", position);
    for (String path :
        List.of(
            "entries/0",
            "entries/01",
            "entries/forged-token",
            "proofs/inclusion",
            "proofs/inclusion?position=1&size=0",
            "proofs/inclusion?position=2&size=1",
            "proofs/inclusion?position=1&size=999999999999",
            "proofs/consistency",
            "proofs/consistency?from=2&to=1",
            "proofs/consistency?from=1&to=999999999999",
            "checkpoint?a=b")) {
      assertThat(current.get("/v1/log/" + path).status()).as(path).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0/000.p/0",
        "0/000.p/256",
        "0/0",
        "0/x000/001",
        "0/999999",
        "0/x999/999.p/1",
        "64/000",
        "00/000",
        "0/000.p/1/",
        "0/",
        "entries/x999/999"
      })
  void anInvalidTileIsNotFound(String tile) {
    assertThat(root.get("/v1/log/tile/" + tile).status()).isEqualTo(404);
  }

  @Test
  void tilesHaveTheHashesOfTheLeaves() {
    long size = Head.of(after(key.answer(), root, "/v1/log/checkpoint")).size();
    int width = (int) (size % 256);
    String tile = "%03d".formatted(size / 256) + ".p/" + width;
    Answer hashes = operator.get("/v1/log/tile/0/" + tile);
    assertThat(hashes.status()).isEqualTo(200);
    assertThat(hashes.header("Cache-Control")).contains("immutable", "private");
    assertThat(hashes.header("Content-Type")).isEqualTo("application/octet-stream");
    assertThat(root.get("/v1/log/tile/entries/" + tile).status()).isEqualTo(200);
  }

  @Test
  void laterCheckpointsExtendEarlierOnes() {
    Head earlier = Head.of(after(key.answer(), root, "/v1/log/checkpoint"));
    Head later = Head.of(after(issuer.issued("a:b").answer(), root, "/v1/log/checkpoint"));
    JsonNode proof =
        operator
            .get("/v1/log/proofs/consistency?from=%d&to=%d".formatted(earlier.size(), later.size()))
            .body();
    assertThat(isExtended(earlier, later, hashes(proof.path("hashes")))).isTrue();
    assertThat(isExtended(later, later, hashes(proof.path("hashes")))).isFalse();
    assertThat(root.get("/v1/log/proofs/consistency?from=0").body().path("hashes")).isEmpty();
  }

  @Test
  void anExportEndsWithItsCheckpointAndProvesItsLines() {
    List<JsonNode> lines =
        after(key.answer(), operator, "/v1/audit/export").lines().map(JSON::readTree).toList();
    JsonNode trailer = lines.getLast();
    assertThat(trailer.path("type").asString()).isEqualTo("dev.keyledger.ExportTrailer");
    assertThat(trailer.at("/data/count").asInt()).isEqualTo(lines.size() - 1).isEqualTo(3);
    Head head = Head.of(trailer.at("/data/checkpoint").asString());
    for (JsonNode line : lines.subList(0, lines.size() - 1)) {
      byte[] leaf = Base64.getDecoder().decode(line.path("leaf").asString());
      byte[] joined = Base64.getDecoder().decode(line.path("inclusionproof").asString());
      List<byte[]> proof = new ArrayList<>();
      for (int at = 0; at < joined.length; at += 32) {
        proof.add(Arrays.copyOfRange(joined, at, at + 32));
      }
      long index = line.path("position").asLong() - 1;
      assertThat(line.path("id").asString()).isEqualTo(line.path("position").asString());
      assertThat(includes(index, leafHash(leaf), proof, head)).isTrue();
    }
    List<JsonNode> all =
        after(key.answer(), root, "/v1/audit/export?workspace=*")
            .lines()
            .map(JSON::readTree)
            .toList();
    assertThat(all.getFirst().path("position").asLong()).isEqualTo(1);
    assertThat(all.getFirst().has("inclusionproof")).isFalse();
    assertThat(all.get(all.size() - 2).path("position").asInt()).isEqualTo(all.size() - 1);
  }

  private static byte[] leafHash(byte[] leaf) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) 0);
      return sha256.digest(leaf);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
