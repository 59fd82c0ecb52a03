package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares the readable fields of an export's lines with their leaves, and checks inclusion proofs.
 * Not thread-safe.
 */
final class LineCheck {
  private static final int SPECVERSION = 0;
  private static final int ID = 1;
  private static final int SOURCE = 2;
  private static final int TYPE = 3;
  private static final int SUBJECT = 4;
  private static final int TIME = 5;
  private static final int WORKSPACE = 6;
  private static final int CONTENT_TYPE = 7;
  private static final int DATA = 8;
  private static final int POSITION = 9;
  private static final int LEAF = 10;
  private static final int PROOF = 11;

  private static final int DATA_POSITION = 0;
  private static final int DATA_TIME = 1;
  private static final int DATA_TYPE = 2;
  private static final int DATA_KEY_ID = 3;
  private static final int DATA_OWNER = 4;
  private static final int DATA_ACTOR = 5;
  private static final int DATA_REQUEST_ID = 6;
  private static final int DATA_DATA = 7;

  private static final byte[] SPEC = "1.0".getBytes(UTF_8);
  private static final byte[] JSON = "application/json".getBytes(UTF_8);
  private static final byte[] OWNER = "owner".getBytes(UTF_8);
  private static final byte[] SECRET = "secret".getBytes(UTF_8);
  private static final byte[] DIGEST = "digest".getBytes(UTF_8);
  private static final byte[] PEPPER_VERSION = "pepperVersion".getBytes(UTF_8);
  private static final String PREFIX = "dev.keyledger.";

  private final Checkpoint trailer;
  private final byte[] source;
  private final Sha256 sha256 = new Sha256();
  private final LeafFields leaf = new LeafFields();
  private final JsonScanner line =
      new JsonScanner(
          "specversion",
          "id",
          "source",
          "type",
          "subject",
          "time",
          "workspace",
          "datacontenttype",
          "data",
          "position",
          "leaf",
          "inclusionproof");

  /** The last ones are the context, whose salt is not exported. */
  private final JsonScanner data =
      new JsonScanner(
          "position",
          "time",
          "type",
          "keyId",
          "owner",
          "actor",
          "requestId",
          "data",
          "ip",
          "userAgent",
          "reason",
          "erased");

  private final JsonScanner reference = new JsonScanner("type", "id");
  private final JsonScanner payload = new JsonScanner();
  private final JsonScanner shown = new JsonScanner();
  private final JsonScanner secret = new JsonScanner();
  private final JsonScanner shownSecret = new JsonScanner();
  private final byte[] proven = new byte[Sha256.BYTES];
  private final Set<String> unknown = new TreeSet<>();
  private int end;

  /**
   * Creates the check of an export.
   *
   * @param trailer the checkpoint at its end
   */
  LineCheck(Checkpoint trailer) {
    this.trailer = trailer;
    source = trailer.source().getBytes(UTF_8);
    line.with(DATA, data);
  }

  /**
   * The statements of a line that only other lines can confirm.
   *
   * @param hasProof whether its inclusion proof leads to the export's checkpoint
   * @param keyId the key; null: it is about a workspace
   * @param owner the key's owner, as shown; null exactly without a key
   * @param namesOwner whether the leaf names the owner
   */
  record Checked(
      long position,
      boolean hasProof,
      @Nullable String keyId,
      @Nullable String owner,
      boolean namesOwner) {}

  /** Returns the names of the attributes that lines have beyond those that are compared. */
  Set<String> unknown() {
    return unknown;
  }

  /** Returns where the line after the last one that was checked begins. */
  int end() {
    return end;
  }

  /**
   * Checks a line.
   *
   * @param to the end of the lines, after a newline
   * @param hash where to write the leaf hash
   * @throws WrongException if it is not an event's, or says something else than its leaf
   */
  Checked check(byte[] bytes, int from, int to, byte[] hash, int hashAt) throws WrongException {
    end = line.readLine(bytes, from, to, unknown);
    line.require(LEAF);
    leaf.read(base64(bytes, line, LEAF, "leaf"));
    sha256.leaf(leaf.bytes(), 0, leaf.bytes().length, hash, hashAt);
    long position = leaf.number(LeafFields.POSITION);
    byte[] digits = Long.toString(position).getBytes(UTF_8);
    byte[] time = leaf.time().getBytes(UTF_8);
    byte[] type = (PREFIX + leaf.text(LeafFields.TYPE)).getBytes(UTF_8);
    boolean ofKey = leaf.isOfKey();
    int subject = ofKey ? LeafFields.STREAM_ID : LeafFields.WORKSPACE;
    require(line.isText(SPECVERSION, SPEC, 0, SPEC.length), "specversion");
    require(line.isText(CONTENT_TYPE, JSON, 0, JSON.length), "datacontenttype");
    require(line.isText(SOURCE, source, 0, source.length), "source");
    require(line.isText(ID, digits, 0, digits.length), "id");
    require(line.isRaw(POSITION, digits), "position");
    require(line.isText(TIME, time, 0, time.length), "time");
    require(line.isText(TYPE, type, 0, type.length), "type");
    require(isField(line, SUBJECT, subject), "subject");
    require(isField(line, WORKSPACE, LeafFields.WORKSPACE), "workspace");
    line.require(DATA);
    if (bytes[line.from(DATA)] != '{') {
      throw new WrongException("has data that is not an object");
    }
    require(data.isRaw(DATA_POSITION, digits), "data.position");
    require(data.isText(DATA_TIME, time, 0, time.length), "data.time");
    require(data.isText(DATA_TYPE, type, PREFIX.length(), type.length), "data.type");
    require(isField(data, DATA_REQUEST_ID, LeafFields.REQUEST_ID), "data.requestId");
    require(isFieldIf(ofKey, data, DATA_KEY_ID, LeafFields.STREAM_ID), "data.keyId");
    checkActor(bytes);
    data.require(DATA_DATA);
    require(isPayload(bytes, data.from(DATA_DATA), data.to(DATA_DATA)), "data.data");
    boolean namesOwner = checkOwner(bytes, ofKey);
    return new Checked(
        position,
        checkProof(bytes, hash, hashAt, position),
        ofKey ? leaf.text(LeafFields.STREAM_ID) : null,
        ofKey ? owner(bytes, data.from(DATA_OWNER), data.to(DATA_OWNER)) : null,
        namesOwner);
  }

  private static void require(boolean same, String field) throws WrongException {
    if (!same) {
      throw new WrongException(field + " is not what its leaf says");
    }
  }

  private static byte[] base64(byte[] bytes, JsonScanner object, int name, String what)
      throws WrongException {
    int from = object.from(name);
    if (bytes[from] != '"') {
      throw new WrongException(what + " is not a string");
    }
    try {
      return StrictBase64.decode(bytes, from + 1, object.to(name) - 1);
    } catch (WrongException e) {
      throw new WrongException(what + " " + e.getMessage());
    }
  }

  private boolean isField(JsonScanner object, int name, int field) throws WrongException {
    return object.isText(name, leaf.bytes(), leaf.from(field), leaf.to(field));
  }

  /** Returns whether a member has a field's text; or is absent, if it has to be. */
  private boolean isFieldIf(boolean present, JsonScanner object, int name, int field)
      throws WrongException {
    return present ? isField(object, name, field) : !object.has(name);
  }

  private void checkActor(byte[] bytes) throws WrongException {
    data.require(DATA_ACTOR);
    reference.read(bytes, data.from(DATA_ACTOR), data.to(DATA_ACTOR), unknown);
    require(isField(reference, 0, LeafFields.ACTOR_TYPE), "data.actor.type");
    boolean hasId = !leaf.isEmpty(LeafFields.ACTOR_ID);
    require(isFieldIf(hasId, reference, 1, LeafFields.ACTOR_ID), "data.actor.id");
  }

  /** Returns whether the leaf names the owner, which then is the one that is shown. */
  private boolean checkOwner(byte[] bytes, boolean ofKey) throws WrongException {
    if (!ofKey) {
      require(!data.has(DATA_OWNER), "data.owner");
      return false;
    }
    data.require(DATA_OWNER);
    payload.open(leaf.bytes(), leaf.from(LeafFields.PAYLOAD), leaf.to(LeafFields.PAYLOAD));
    boolean named = false;
    while (payload.next()) {
      if (payload.isNamed(OWNER)) {
        named = true;
        require(isNamedOwner(bytes, data.from(DATA_OWNER), data.to(DATA_OWNER)), "data.owner");
      }
    }
    return named;
  }

  private boolean isNamedOwner(byte[] bytes, int from, int to) throws WrongException {
    int start = payload.valueFrom();
    int stop = payload.valueTo();
    return Arrays.equals(bytes, from, to, leaf.bytes(), start, stop)
        || owner(bytes, from, to).equals(owner(leaf.bytes(), start, stop));
  }

  private String owner(byte[] json, int from, int to) throws WrongException {
    reference.read(json, from, to, unknown);
    return reference.text(0) + ":" + reference.text(1);
  }

  private boolean checkProof(byte[] bytes, byte[] hash, int hashAt, long position)
      throws WrongException {
    if (!line.has(PROOF)) {
      return false;
    }
    byte[] proof = base64(bytes, line, PROOF, "inclusionproof");
    System.arraycopy(hash, hashAt, proven, 0, Sha256.BYTES);
    if (!CompactRange.isIncluded(
        sha256, proven, position - 1, trailer.size(), proof, trailer.root())) {
      throw new WrongException("inclusionproof does not lead to the export's checkpoint");
    }
    return true;
  }

  /** Returns whether a value is the payload without digest and pepper version of a secret. */
  private boolean isPayload(byte[] bytes, int from, int to) throws WrongException {
    int start = leaf.from(LeafFields.PAYLOAD);
    int stop = leaf.to(LeafFields.PAYLOAD);
    return Arrays.equals(bytes, from, to, leaf.bytes(), start, stop)
        || isPayloadInOrder(bytes, from, to, start, stop)
        || isPayloadInAnyForm(bytes, from, to, start, stop);
  }

  /** As the writer writes it: the same bytes, except for the secret. */
  private boolean isPayloadInOrder(byte[] bytes, int from, int to, int start, int stop)
      throws WrongException {
    if (bytes[from] != '{') {
      return false;
    }
    payload.open(leaf.bytes(), start, stop);
    shown.open(bytes, from, to);
    while (payload.next()) {
      if (!payload.isNamed(SECRET) || leaf.bytes()[payload.valueFrom()] != '{') {
        if (!shown.next() || !shown.isSameAs(payload)) {
          return false;
        }
      } else if (!isSecretInOrder(bytes)) {
        return false;
      }
    }
    return !shown.next();
  }

  /**
   * Returns whether what is left of the payload's secret is shown next; nothing, if it is empty.
   */
  private boolean isSecretInOrder(byte[] bytes) throws WrongException {
    secret.open(leaf.bytes(), payload.valueFrom(), payload.valueTo());
    boolean opened = false;
    while (secret.next()) {
      if (!secret.isNamed(DIGEST) && !secret.isNamed(PEPPER_VERSION)) {
        if (!opened) {
          opened = true;
          if (!shown.next() || !shown.isNamed(SECRET) || bytes[shown.valueFrom()] != '{') {
            return false;
          }
          shownSecret.open(bytes, shown.valueFrom(), shown.valueTo());
        }
        if (!shownSecret.next() || !shownSecret.isSameAs(secret)) {
          return false;
        }
      }
    }
    return !opened || !shownSecret.next();
  }

  /** With other escapes, or in another order, as other programs may have written the line anew. */
  private boolean isPayloadInAnyForm(byte[] bytes, int from, int to, int start, int stop)
      throws WrongException {
    JsonNode expected = JsonScanner.tree(leaf.bytes(), start, stop);
    if (expected.get("secret") instanceof ObjectNode stored) {
      stored.remove("digest");
      stored.remove("pepperVersion");
      if (stored.isEmpty()) {
        ((ObjectNode) expected).remove("secret");
      }
    }
    return expected.equals(JsonScanner.tree(bytes, from, to));
  }
}
