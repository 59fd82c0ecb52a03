package dev.keyledger.console.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.springframework.http.MediaType;

/**
 * A file ready to send, plain and compressed with gzip. Immutable: the arrays are never changed.
 */
final class ConsoleFile {
  /** The only inline script that a page may have. Browsers do not load import maps from files. */
  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  private final MediaType type;
  private final byte[] content;
  private final byte[] packed;
  private final String hash;
  private final String contentSecurityPolicy;

  private ConsoleFile(MediaType type, byte[] content, String importMapHash) {
    this.type = type;
    this.content = content;
    this.packed = pack(content);
    this.hash = sha256(content);
    this.contentSecurityPolicy = policy(importMapHash);
  }

  static ConsoleFile of(MediaType type, byte[] content) {
    Matcher importMap = IMPORT_MAP.matcher(new String(content, UTF_8));
    boolean hasImportMap = type.getSubtype().equals("html") && importMap.find();
    return new ConsoleFile(
        type,
        content,
        hasImportMap ? " 'sha256-%s'".formatted(sha256(importMap.group(1).getBytes(UTF_8))) : "");
  }

  MediaType type() {
    return type;
  }

  byte[] content() {
    return content;
  }

  byte[] packed() {
    return packed;
  }

  /** Returns the strong entity tag of the content. */
  String tag() {
    return "\"" + hash + "\"";
  }

  /** Returns the strong entity tag of the packed content. */
  String packedTag() {
    return "\"" + hash + "-gzip\"";
  }

  String contentSecurityPolicy() {
    return contentSecurityPolicy;
  }

  /**
   * Returns a policy that allows scripts and styles of this origin and the import map, requests to
   * this origin, and the icons that are part of Pico's styles. Only Lit may turn text into HTML.
   */
  private static String policy(String importMapHash) {
    return "default-src 'none'; script-src 'self'"
        + importMapHash
        + "; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
        + " trusted-types lit-html";
  }

  private static byte[] pack(byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String sha256(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
