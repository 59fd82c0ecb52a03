package dev.keyledger.console.http;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the web console and the holders' page, to everybody: they contain no data, and their users
 * present keys to the interface itself.
 */
@RestController
@Lazy
final class ConsoleController {
  private static final URI CONSOLE = URI.create("/console/");
  private static final URI MY_KEY = URI.create("/my-key/");

  private final ConsoleFiles files = new ConsoleFiles();

  /** Answers at the root: browsers ask for HTML explicitly; other clients get 404. */
  @GetMapping("/")
  ResponseEntity<Void> root(
      @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept) {
    if (!asksForHtml(accept)) {
      throw notFound();
    }
    return ResponseEntity.status(HttpStatus.FOUND)
        .location(CONSOLE)
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .build();
  }

  @GetMapping("/console")
  ResponseEntity<Void> console() {
    return ResponseEntity.status(HttpStatus.FOUND).location(CONSOLE).build();
  }

  @GetMapping("/my-key")
  ResponseEntity<Void> myKey() {
    return ResponseEntity.status(HttpStatus.FOUND).location(MY_KEY).build();
  }

  @GetMapping("/console/{*path}")
  ResponseEntity<byte[]> console(
      @PathVariable String path,
      @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, required = false)
          @Nullable String encodings) {
    return answer("console" + path, encodings);
  }

  @GetMapping("/my-key/{*path}")
  ResponseEntity<byte[]> myKey(
      @PathVariable String path,
      @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, required = false)
          @Nullable String encodings) {
    return answer("my-key" + path, encodings);
  }

  private ResponseEntity<byte[]> answer(String path, @Nullable String encodings) {
    ConsoleFile file = files.find(path.endsWith("/") ? path + "index.html" : path);
    if (file == null) {
      throw notFound();
    }
    boolean packed = encodings != null && encodings.contains("gzip");
    var answer =
        ResponseEntity.ok()
            .contentType(file.type())
            .eTag(packed ? file.packedTag() : file.tag())
            .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
            .header(HttpHeaders.CACHE_CONTROL, "no-cache")
            .header("Content-Security-Policy", file.contentSecurityPolicy())
            .header("Cross-Origin-Opener-Policy", "same-origin")
            .header("Cross-Origin-Resource-Policy", "same-origin")
            .header("Referrer-Policy", "no-referrer")
            .header("X-Content-Type-Options", "nosniff");
    return packed
        ? answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(file.packed())
        : answer.body(file.content());
  }

  private static boolean asksForHtml(@Nullable String accept) {
    try {
      List<MediaType> accepted = MediaType.parseMediaTypes(accept);
      return accepted.stream()
          .anyMatch(range ->
              range.equalsTypeAndSubtype(MediaType.TEXT_HTML) && range.getQualityValue() > 0);
    } catch (InvalidMediaTypeException malformed) {
      return false;
    }
  }

  private static ProblemException notFound() {
    return new ProblemException(ProblemCode.NOT_FOUND, "There is nothing at this path.");
  }
}
