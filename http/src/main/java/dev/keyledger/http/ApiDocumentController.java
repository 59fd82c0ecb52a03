package dev.keyledger.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the OpenAPI document and Swagger UI, to everybody. The pages load nothing from other
 * servers.
 */
@RestController
@Lazy
final class ApiDocumentController {
  private static final String PAGE = "/swagger-ui/index.html";

  /** The files of Swagger UI that are served, with their types. */
  private static final Map<String, MediaType> FILES =
      Map.of(
          "index.html", MediaType.TEXT_HTML,
          "swagger-initializer.js", MediaType.valueOf("text/javascript"),
          "swagger-ui-bundle.js", MediaType.valueOf("text/javascript"),
          "swagger-ui.css", MediaType.valueOf("text/css"),
          "index.css", MediaType.valueOf("text/css"),
          "favicon-32x32.png", MediaType.IMAGE_PNG);

  private static final Set<String> OWN_FILES = Set.of("index.html", "swagger-initializer.js");

  /** The policy of the pages. Allows inline styles because the script of Swagger UI sets styles. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private static final MediaType YAML = MediaType.valueOf("application/yaml");

  private final byte[] json;
  private final byte[] yaml;
  private final String webjar = "META-INF/resources/webjars/swagger-ui/" + version() + "/";

  ApiDocumentController(ApiDocument document) {
    json = document.toJson();
    yaml = document.toYaml();
  }

  @GetMapping("/v3/api-docs")
  ResponseEntity<byte[]> document() {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(json);
  }

  @GetMapping("/v3/api-docs.yaml")
  ResponseEntity<byte[]> documentAsYaml() {
    return ResponseEntity.ok().contentType(YAML).body(yaml);
  }

  @GetMapping({"/swagger-ui.html", "/swagger-ui", "/swagger-ui/"})
  ResponseEntity<Void> page() {
    return ResponseEntity.status(HttpStatus.FOUND).location(URI.create(PAGE)).build();
  }

  @GetMapping("/swagger-ui/{file}")
  ResponseEntity<Resource> file(@PathVariable String file) {
    MediaType type = FILES.get(file);
    if (type == null) {
      throw new ProblemException(ProblemCode.NOT_FOUND, "There is nothing at this path.");
    }
    Resource content =
        OWN_FILES.contains(file)
            ? new ClassPathResource("swagger-ui/" + file, ApiDocumentController.class)
            : new ClassPathResource(webjar + file);
    return ResponseEntity.ok()
        .contentType(type)
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header(HttpHeaders.CACHE_CONTROL, "max-age=3600")
        .body(content);
  }

  /** Returns the version of Swagger UI, which is part of the path of its files. */
  private static String version() {
    var properties = new Properties();
    try (InputStream stream =
        new ClassPathResource("META-INF/maven/org.webjars/swagger-ui/pom.properties")
            .getInputStream()) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
