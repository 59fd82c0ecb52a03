package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A log with its tree, its checkpoints and its exports, written anew from the specification: the
 * tree by the recursive definitions of RFC 6962.
 */
final class TestLog {
  static final String STORE = "0b3c8f4e-7a52-4d7e-9c11-2f6d5e8a9b01";
  static final String ORIGIN = "keyledger.dev/log/" + STORE + "/1";
  static final String SOURCE = "urn:keyledger:log:" + STORE + ":1";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final List<String> FIRST = List.of("KeyIssued", "KeyImported", "KeyIssued");
  private static final List<String> LATER =
      List.of(
          "KeyRenewed",
          "KeyRotated",
          "KeyTransferred",
          "PermissionsChanged",
          "LeakReported",
          "KeyDescribed",
          "KeyRevoked");
  private static final List<String> OF_WORKSPACE =
      List.of("WorkspaceOpened", "PolicyChanged", "WebhookCreated", "WebhookDisabled");

  final List<Event> events = new ArrayList<>();
  final KeyPair ed25519 = keyPair("Ed25519");
  final KeyPair mlDsa = keyPair("ML-DSA-44");
  private final List<byte[]> leaves = new ArrayList<>();

  /** An event as its row is. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these records
  record Event(
      long position,
      String kind,
      String streamId,
      long sequence,
      String workspace,
      String type,
      Instant time,
      String actorType,
      @Nullable String actorId,
      String requestId,
      byte[] payload,
      byte[] context,
      byte[] salt) {
    byte[] contextHash() {
      return sha256(salt, context);
    }

    byte[] leaf() {
      var bytes = new ByteArrayOutputStream();
      var out = new DataOutputStream(bytes);
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, time);
      List<Object> fields =
          List.of(
              position,
              kind,
              streamId,
              sequence,
              workspace,
              type,
              1L,
              micros,
              actorType,
              actorId == null ? "" : actorId,
              requestId,
              payload,
              contextHash());
      try {
        for (Object field : fields) {
          byte[] written =
              switch (field) {
                case Long number -> ByteBuffer.allocate(8).putLong(number).array();
                case String text -> text.getBytes(UTF_8);
                default -> (byte[]) field;
              };
          out.writeInt(written.length);
          out.write(written);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }

  /** Creates a log of two workspaces. */
  static TestLog of(int size, long seed) {
    var random = new Random(seed);
    var log = new TestLog();
    var keys = new ArrayList<String>();
    var next = new HashMap<String, Long>();
    Instant time = Instant.parse("2026-03-01T08:00:00Z");
    for (int position = 1; position <= size; position++) {
      int kind = random.nextInt(10);
      String workspace = random.nextInt(3) == 0 ? "acme" : "default";
      String stream;
      String type;
      if (kind == 0) {
        stream = workspace;
        type = OF_WORKSPACE.get(random.nextInt(OF_WORKSPACE.size()));
      } else if (kind < 5 || keys.isEmpty()) {
        stream = workspace + " key_01" + HexFormat.of().toHexDigits(random.nextLong()) + "abcdefgh";
        keys.add(stream);
        type = FIRST.get(random.nextInt(FIRST.size()));
      } else {
        stream = keys.get(random.nextInt(keys.size()));
        type = LATER.get(random.nextInt(LATER.size()));
      }
      time = time.plus(random.nextInt(3) * 333_250L, ChronoUnit.MICROS);
      byte[] salt = new byte[32];
      random.nextBytes(salt);
      boolean operator = random.nextBoolean();
      log.add(
          new Event(
              position,
              kind == 0 ? "workspace" : "key",
              stream.substring(stream.indexOf(' ') + 1),
              next.merge(stream, 1L, Long::sum) - 1,
              kind == 0 ? workspace : stream.substring(0, stream.indexOf(' ')),
              type,
              time,
              operator ? "operator" : "root",
              operator ? "key_0123" : null,
              "request \"" + position + "\" é",
              golden(type),
              "{\"reason\":\"because\",\"ip\":\"192.0.2.7\"}".getBytes(UTF_8),
              salt));
    }
    return log;
  }

  private void add(Event event) {
    events.add(event);
    leaves.add(event.leaf());
  }

  /** Returns the same log, except that one event has another request id. */
  TestLog rewritten(int position) {
    var log = new TestLog();
    for (Event event : events) {
      log.add(
          event.position != position
              ? event
              : new Event(
                  event.position,
                  event.kind,
                  event.streamId,
                  event.sequence,
                  event.workspace,
                  event.type,
                  event.time,
                  event.actorType,
                  event.actorId,
                  "rewritten",
                  event.payload,
                  event.context,
                  event.salt));
    }
    return log;
  }

  private static byte[] golden(String type) {
    String name = "/dev/keyledger/events/golden/" + type + ".v1.json";
    try (InputStream file = TestLog.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), UTF_8).strip().getBytes(UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  int size() {
    return events.size();
  }

  byte[] root(int size) {
    return root(leaves.subList(0, size));
  }

  /** MTH of RFC 6962, section 2.1. */
  static byte[] root(List<byte[]> leaves) {
    int n = leaves.size();
    if (n == 0) {
      return sha256();
    }
    if (n == 1) {
      return sha256(new byte[] {0}, leaves.getFirst());
    }
    int k = Integer.highestOneBit(n - 1);
    return sha256(new byte[] {1}, root(leaves.subList(0, k)), root(leaves.subList(k, n)));
  }

  /** PATH of RFC 6962, section 2.1.1. */
  static List<byte[]> path(int m, List<byte[]> leaves) {
    int n = leaves.size();
    if (n == 1) {
      return new ArrayList<>();
    }
    int k = Integer.highestOneBit(n - 1);
    List<byte[]> path = m < k ? path(m, leaves.subList(0, k)) : path(m - k, leaves.subList(k, n));
    path.add(m < k ? root(leaves.subList(k, n)) : root(leaves.subList(0, k)));
    return path;
  }

  /** A tile of C2SP tlog-tiles. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these records
  record Tile(int level, long index, int width, byte[] hashes) {}

  List<Tile> tiles(int size) {
    var tiles = new ArrayList<Tile>();
    for (int level = 0, span = 1; size / span > 0; level++, span *= 256) {
      int hashes = size / span;
      for (int from = 0; from < hashes; from += 256) {
        int to = Math.min(from + 256, hashes);
        var joined = new ByteArrayOutputStream();
        for (int i = from; i < to; i++) {
          joined.writeBytes(root(leaves.subList(i * span, (i + 1) * span)));
        }
        tiles.add(new Tile(level, from / 256, to - from, joined.toByteArray()));
      }
    }
    return tiles;
  }

  /** Returns the checkpoint of a size, signed with both keys. */
  String note(int size) {
    return note(ORIGIN, size, root(size));
  }

  String note(String origin, long size, byte[] root) {
    String text = "%s\n%d\n%s\n".formatted(origin, size, base64(root));
    byte[] name = origin.getBytes(UTF_8);
    byte[] timestamp = ByteBuffer.allocate(8).putLong(1_772_352_000L).array();
    ByteBuffer message =
        ByteBuffer.allocate(12 + 2 * (1 + name.length) + 3 * 8 + 32)
            .put("subtree/v1\n\0".getBytes(UTF_8))
            .put((byte) name.length)
            .put(name)
            .put(timestamp)
            .put((byte) name.length)
            .put(name)
            .putLong(0)
            .putLong(size)
            .put(root);
    return text
        + "\n— %s %s\n"
            .formatted(
                origin, base64(keyId(origin, 1, ed25519, 32), sign(ed25519, text.getBytes(UTF_8))))
        + "— %s %s\n"
            .formatted(
                origin,
                base64(keyId(origin, 6, mlDsa, 1312), timestamp, sign(mlDsa, message.array())));
  }

  /** Returns the file of keys: Ed25519 first. */
  String verifierKeys() {
    return verifierKeys(ORIGIN);
  }

  String verifierKeys(String name) {
    return verifierKey(name, 1, ed25519, 32) + "\n\n" + verifierKey(name, 6, mlDsa, 1312) + "\n";
  }

  private static String verifierKey(String name, int type, KeyPair key, int length) {
    return name
        + "+"
        + HexFormat.of().formatHex(keyId(name, type, key, length))
        + "+"
        + base64(new byte[] {(byte) type}, raw(key, length));
  }

  private static byte[] keyId(String name, int type, KeyPair key, int length) {
    byte[] hash = sha256((name + "\n").getBytes(UTF_8), new byte[] {(byte) type}, raw(key, length));
    return Arrays.copyOf(hash, 4);
  }

  private static byte[] raw(KeyPair key, int length) {
    byte[] encoded = key.getPublic().getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - length, encoded.length);
  }

  private static KeyPair keyPair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sign(KeyPair key, byte[] message) {
    try {
      Signature signer = Signature.getInstance(key.getPrivate().getAlgorithm());
      signer.initSign(key.getPrivate());
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(byte[]... parts) {
    var joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return Base64.getEncoder().encodeToString(joined.toByteArray());
  }

  /** Returns the lines of an export of the whole log, with the trailer for a size. */
  List<String> export(int size) {
    return export(null, size);
  }

  /**
   * Returns the lines of an export.
   *
   * @param workspace null: the whole log, without inclusion proofs
   */
  List<String> export(@Nullable String workspace, int size) {
    var owners = new HashMap<String, JsonNode>();
    var lines = new ArrayList<String>();
    for (Event event : events.subList(0, size)) {
      ObjectNode line = line(event, owners);
      if (workspace == null) {
        lines.add(line.toString());
      } else if (workspace.equals(event.workspace)) {
        byte[][] proof =
            path((int) event.position - 1, leaves.subList(0, size)).toArray(byte[][]::new);
        lines.add(line.put("inclusionproof", base64(proof)).toString());
      }
    }
    lines.add(trailer(lines.size(), note(size)));
    return lines;
  }

  static String trailer(int count, String note) {
    ObjectNode trailer =
        JSON.createObjectNode()
            .put("specversion", "1.0")
            .put("id", "trailer")
            .put("source", SOURCE)
            .put("type", "dev.keyledger.ExportTrailer");
    trailer.putObject("data").put("count", count).put("checkpoint", note);
    return trailer.toString();
  }

  private static ObjectNode line(Event event, Map<String, JsonNode> owners) {
    boolean ofKey = event.kind.equals("key");
    ObjectNode line = JSON.createObjectNode();
    line.put("specversion", "1.0");
    line.put("id", Long.toString(event.position));
    line.put("source", SOURCE);
    line.put("type", "dev.keyledger." + event.type);
    line.put("subject", ofKey ? event.streamId : event.workspace);
    line.put("time", event.time.toString());
    line.put("workspace", event.workspace);
    line.put("datacontenttype", "application/json");
    ObjectNode data = line.putObject("data");
    data.put("position", event.position);
    data.put("time", event.time.toString());
    data.put("type", event.type);
    ObjectNode fields = (ObjectNode) JSON.readTree(event.payload);
    if (ofKey) {
      if (fields.has("owner")) {
        owners.put(event.streamId, fields.get("owner"));
      }
      data.put("keyId", event.streamId);
      data.set("owner", owners.get(event.streamId));
    }
    ObjectNode actor = data.putObject("actor").put("type", event.actorType);
    if (event.actorId != null) {
      actor.put("id", event.actorId);
    }
    data.put("requestId", event.requestId);
    if (fields.get("secret") instanceof ObjectNode secret) {
      secret.remove(List.of("digest", "pepperVersion"));
      if (secret.isEmpty()) {
        fields.remove("secret");
      }
    }
    data.set("data", fields);
    line.put("position", event.position);
    line.put("leaf", base64(event.leaf()));
    return line;
  }
}
