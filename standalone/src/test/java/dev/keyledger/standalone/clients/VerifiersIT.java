package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Foreign verifiers of transparency logs: they accept the checkpoints and proofs. */
@Tag("tools")
@Timeout(300)
@ExtendWith(SharedStandalone.class)
class VerifiersIT {
  private static final Path SOURCES =
      Path.of(System.getProperty("keyledger.clients")).resolveSibling("verifiers");
  private static final int ENTRIES_MAX = 200;
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;

  @Test
  void accept(KeyledgerProcess keyledger) throws Exception {
    int entries = gather(keyledger);
    String verified = "verified %d entries\n".formatted(entries);
    assertThat(go()).isEqualTo(verified);
    install();
    assertThat(node()).isEqualTo(verified);

    String file = Files.readString(directory.resolve("proofs.json"));
    int at = file.indexOf("\"hashes\":[\"", file.indexOf("\"entries\"")) + 11;
    char other = file.charAt(at) == 'A' ? 'B' : 'A';
    Files.writeString(
        directory.resolve("proofs.json"), file.substring(0, at) + other + file.substring(at + 1));
    assertThat(go()).contains("panic");
    assertThat(node()).contains("does not match");
  }

  /** Writes the input of the verifiers; returns the number of entries. */
  private int gather(KeyledgerProcess keyledger) throws Exception {
    Client root = keyledger.root();
    Answer first = keyledger.issuer().issued("read:users").answer();
    String earlier = checkpointAfter(root, first);
    String checkpoint = checkpointAfter(root, keyledger.issuer().issued("read:users").answer());
    Files.writeString(directory.resolve("earlier"), earlier);
    Files.writeString(directory.resolve("checkpoint"), checkpoint);
    Files.writeString(
        directory.resolve("key"), root.get("/v1/log/key").body().path("verifierKey").asString());
    long size = sizeOf(checkpoint);
    ObjectNode proofs = JSON.createObjectNode();
    proofs.set(
        "consistency",
        root.get("/v1/log/proofs/consistency?from=%d&to=%d".formatted(sizeOf(earlier), size))
            .body()
            .path("hashes"));
    ArrayNode entries = proofs.putArray("entries");
    for (long position = size; position > Math.max(0, size - ENTRIES_MAX); position--) {
      JsonNode proof =
          root.get("/v1/log/proofs/inclusion?position=%d&size=%d".formatted(position, size)).body();
      ObjectNode entry = entries.addObject().put("position", position);
      entry.set("bytes", root.get("/v1/log/entries/" + position).body().path("bytes"));
      entry.set("hashes", proof.path("hashes"));
    }
    Files.writeString(directory.resolve("proofs.json"), proofs.toString());
    return entries.size();
  }

  private static String checkpointAfter(Client root, Answer command) {
    return root.header("Keyledger-At-Least", command.header("Keyledger-Position"))
        .get("/v1/log/checkpoint")
        .text();
  }

  private static long sizeOf(String checkpoint) {
    return Long.parseLong(checkpoint.lines().toList().get(1));
  }

  /** Returns the command {@code go}. Debian installs the library as sources, outside of modules. */
  private String go() throws Exception {
    Files.copy(
        SOURCES.resolve("verify.go"),
        directory.resolve("verify.go"),
        StandardCopyOption.REPLACE_EXISTING);
    return run(
        Map.of(
            "GO111MODULE", "off",
            "GOPATH", "/usr/share/gocode",
            "GOCACHE", directory.resolve("go-cache").toString()),
        List.of("go", "run", "verify.go", directory.toString()));
  }

  private void install() throws Exception {
    for (String input : new String[] {"package.json", "package-lock.json", "verify.cjs"}) {
      Files.copy(SOURCES.resolve(input), directory.resolve(input));
    }
    run(
        Map.of(),
        List.of("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"));
  }

  private String node() throws Exception {
    return run(Map.of(), List.of("node", "verify.cjs", directory.toString()));
  }

  private String run(Map<String, String> environment, List<String> command) throws Exception {
    Path output = Files.createTempFile(directory, "output", ".txt");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    builder.start().waitFor();
    return Files.readString(output);
  }
}
