package dev.keyledger.standalone.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of the directory {@code deploy} and their content. */
final class DeployFiles {
  private DeployFiles() {}

  static Path directory() {
    return Path.of(System.getProperty("user.dir")).resolveSibling("deploy");
  }

  static String text(String file) {
    try {
      return Files.readString(directory().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the documents of a YAML file. */
  static List<JsonNode> yaml(String file) {
    var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return StreamSupport.stream(yaml.loadAll(text(file)).spliterator(), false)
        .map(document -> JsonMapper.shared().<JsonNode>valueToTree(document))
        .toList();
  }
}
