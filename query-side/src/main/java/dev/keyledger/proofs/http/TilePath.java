package dev.keyledger.proofs.http;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * The place of a tile in a path (C2SP tlog-tiles).
 *
 * @param index the index of the tile in its level, from 0
 * @param width the number of requested entries or hashes, 1 to 256
 */
record TilePath(long index, int width) {
  private static final int FULL = 256;
  private static final Duration FOREVER = Duration.ofDays(365);

  /** The form of a path. A tile has only one path: there is no group of zeros before the others. */
  private static final Pattern PATH =
      Pattern.compile(
          "/((?:x(?!000)[0-9]{3}/(?:x[0-9]{3}/){0,4})?[0-9]{3})"
              + "(?:\\.p/([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?");

  /**
   * Reads the part of a path after the level.
   *
   * @throws ProblemException with {@code not-found} if it does not name a tile
   */
  static TilePath parse(String path) {
    Matcher matcher = PATH.matcher(path);
    if (!matcher.matches()) {
      throw notFound();
    }
    String width = matcher.group(2);
    return new TilePath(
        Long.parseLong(matcher.group(1).replaceAll("[x/]", "")),
        width == null ? FULL : Integer.parseInt(width));
  }

  static ProblemException notFound() {
    return new ProblemException(
        ProblemCode.NOT_FOUND, "The last checkpoint covers no such tile, or there is none.");
  }

  /**
   * Returns the answer with the content of a tile, which never changes.
   *
   * @param open whether it is public
   */
  static ResponseEntity<byte[]> answer(byte[] content, boolean open) {
    CacheControl immutable = CacheControl.maxAge(FOREVER).immutable();
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .cacheControl(open ? immutable.cachePublic() : immutable.cachePrivate())
        .body(content);
  }
}
