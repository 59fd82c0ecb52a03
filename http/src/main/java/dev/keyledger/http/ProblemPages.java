package dev.keyledger.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * Serves the pages that the types of problems identify (RFC 9457 section 3.1.1): one for each code,
 * and a list. They are the same on every node and open to everybody.
 */
@RestController
@Lazy
final class ProblemPages {
  private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, UTF_8);
  private static final String STYLE =
      "body{font:16px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}"
          + "pre{background:#f4f4f4;padding:1em;overflow:auto}code{font-size:15px}";

  /** Allows no script, nothing from other servers, and no style except the page's own. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'sha256-"
          + sha256(STYLE)
          + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final byte[] list;
  private final Map<ProblemCode, byte[]> pages = new EnumMap<>(ProblemCode.class);

  ProblemPages(ApiDocument document) {
    Map<ProblemCode, ApiDocument.Explanation> explanations = document.explanations();
    explanations.forEach((code, explanation) -> pages.put(code, page(code, explanation)));
    list = list();
  }

  @GetMapping("/problems")
  ResponseEntity<byte[]> all() {
    return html(list);
  }

  @GetMapping("/problems/{code}")
  ResponseEntity<byte[]> one(@PathVariable String code) {
    return pages.keySet().stream()
        .filter(candidate -> candidate.code().equals(code))
        .map(pages::get)
        .map(ProblemPages::html)
        .findFirst()
        .orElseThrow(
            () -> new ProblemException(ProblemCode.NOT_FOUND, "There is no problem of that code."));
  }

  private static ResponseEntity<byte[]> html(byte[] page) {
    return ResponseEntity.ok()
        .contentType(HTML)
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header(HttpHeaders.CACHE_CONTROL, "max-age=3600")
        .body(page);
  }

  private static byte[] list() {
    StringBuilder items = new StringBuilder("<ul>\n");
    for (ProblemCode code : ProblemCode.values()) {
      items.append(
          "<li>%d <a href=\"/problems/%s\"><code>%s</code></a>: %s</li>\n"
              .formatted(
                  code.status(), code.code(), code.code(), HtmlUtils.htmlEscape(code.title())));
    }
    return document("Problems", "<h1>Problems</h1>\n" + items + "</ul>\n");
  }

  private static byte[] page(ProblemCode code, ApiDocument.Explanation explanation) {
    return document(
        code.title(),
        """
        <h1>%s</h1>
        <p><code>%s</code>, HTTP status %d</p>
        <h2>What it means</h2>
        <p>%s</p>
        <h2>What to do</h2>
        <p>%s</p>
        <h2>Example</h2>
        <pre>%s</pre>
        <p><a href="/problems">All problems</a></p>
        """
            .formatted(
                HtmlUtils.htmlEscape(code.title()),
                code.code(),
                code.status(),
                prose(explanation.meaning()),
                prose(explanation.remedy()),
                HtmlUtils.htmlEscape(explanation.example().toPrettyString())));
  }

  private static byte[] document(String title, String body) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="UTF-8">
    <meta name="viewport" content="width=device-width">
    <title>%s - Keyledger</title>
    <style>%s</style>
    </head>
    <body>
    %s</body>
    </html>
    """
        .formatted(HtmlUtils.htmlEscape(title), STYLE, body)
        .getBytes(UTF_8);
  }

  /** Returns a text as HTML. Text between backticks becomes code. */
  private static String prose(String text) {
    String[] parts = HtmlUtils.htmlEscape(text).split("`", -1);
    var html = new StringBuilder();
    for (int i = 0; i < parts.length; i++) {
      html.append(i % 2 == 0 ? parts[i] : "<code>" + parts[i] + "</code>");
    }
    return html.toString();
  }

  private static String sha256(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
