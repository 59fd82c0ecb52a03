package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of a log's tree in a signed note (C2SP tlog-checkpoint, signed-note).
 *
 * @param storeId the log's store, a UUID in lower case
 * @param incarnation the log's incarnation, in decimal
 * @param size the number of leaves, 0 to 2^62
 * @param text what is signed: the note up to and with the newline of its third line
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares these records
record Checkpoint(
    String origin,
    String storeId,
    String incarnation,
    long size,
    byte[] root,
    byte[] text,
    List<SignatureLine> signatures) {
  /** The maximum length of a note, in bytes; a signature by ML-DSA-44 takes 3,400. */
  static final int BYTES_MAX = 65_536;

  /** The largest size of a tree, 2^62. */
  static final long SIZE_MAX = 1L << 62;

  private static final Pattern ORIGIN =
      Pattern.compile(
          "keyledger\\.dev/log/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([1-9][0-9]{0,9})");
  private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,18}");
  private static final Pattern SIGNATURE =
      Pattern.compile("\u2014 ([^ +]+) ([A-Za-z0-9+/]+={0,2})");

  /** A line below the text: the key's name and id, and what follows these in the base64. */
  record SignatureLine(String name, int keyId, byte[] signature) {}

  /**
   * Reads a note.
   *
   * @throws WrongException if it is none
   */
  static Checkpoint parse(byte[] note) throws WrongException {
    String whole = utf8(note);
    if (note.length > BYTES_MAX
        || !whole.endsWith("\n")
        || whole.chars().anyMatch(c -> c < ' ' && c != '\n')) {
      throw new WrongException("is not a signed note: text, an empty line, signatures");
    }
    int end = whole.lastIndexOf("\n\n");
    String[] lines = whole.substring(0, Math.max(end, 0)).split("\n", -1);
    if (lines.length != 3) {
      throw new WrongException("is not a checkpoint: three lines, an empty line, signatures");
    }
    Matcher origin = ORIGIN.matcher(lines[0]);
    if (!origin.matches()) {
      throw new WrongException("has the origin of another kind of log");
    }
    byte[] root = base64(lines[2]);
    if (root.length != Sha256.BYTES) {
      throw new WrongException("has a root that is not 32 bytes");
    }
    var signatures = new ArrayList<SignatureLine>();
    for (String line : whole.substring(end + 2).lines().toList()) {
      signatures.add(signature(line));
    }
    return new Checkpoint(
        lines[0],
        origin.group(1),
        origin.group(2),
        size(lines[1]),
        root,
        whole.substring(0, end + 1).getBytes(UTF_8),
        List.copyOf(signatures));
  }

  private static long size(String text) throws WrongException {
    if (SIZE.matcher(text).matches()) {
      long size = Long.parseUnsignedLong(text);
      if (size >= 0 && size <= SIZE_MAX) {
        return size;
      }
    }
    throw new WrongException("has a size that is not a number from 0 to 2^62");
  }

  private static SignatureLine signature(String line) throws WrongException {
    Matcher parts = SIGNATURE.matcher(line);
    if (!parts.matches()) {
      throw new WrongException("has a signature line of another form");
    }
    byte[] signature = base64(parts.group(2));
    if (signature.length < Integer.BYTES) {
      throw new WrongException("has a signature line without a key id");
    }
    return new SignatureLine(
        parts.group(1),
        ByteBuffer.wrap(signature).getInt(),
        Arrays.copyOfRange(signature, Integer.BYTES, signature.length));
  }

  private static byte[] base64(String text) throws WrongException {
    byte[] bytes = text.getBytes(UTF_8);
    return StrictBase64.decode(bytes, 0, bytes.length);
  }

  private static String utf8(byte[] note) throws WrongException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(note)).toString();
    } catch (CharacterCodingException _) {
      throw new WrongException("is not UTF-8");
    }
  }

  /** Returns the source of the log's events in an export. */
  String source() {
    return "urn:keyledger:log:" + storeId + ":" + incarnation;
  }

  boolean isOfSameTree(Checkpoint other) {
    return size == other.size && Arrays.equals(root, other.root);
  }
}
