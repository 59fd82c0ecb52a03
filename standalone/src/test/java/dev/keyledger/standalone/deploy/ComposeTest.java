package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.contract.Contract;
import dev.keyledger.standalone.contract.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The services of compose.yaml, compared with nginx.conf and docs/operations.md. */
class ComposeTest {
  private static final List<String> KEYS =
      List.of(
          "cap_drop",
          "command",
          "depends_on",
          "environment",
          "healthcheck",
          "image",
          "networks",
          "ports",
          "read_only",
          "restart",
          "security_opt",
          "tmpfs",
          "user",
          "volumes",
          "working_dir");

  private final JsonNode services = services();
  private final String proxy = DeployFiles.text("nginx.conf");

  @Test
  void eachServiceHasOnlyWhatComposeKnows() {
    assertThat(services.propertyNames())
        .containsExactly("postgres", "command-1", "command-2", "query-1", "query-2", "nginx");
    services.forEach(service -> assertThat(KEYS).containsAll(service.propertyNames()));
  }

  @Test
  void nginxAsksEachNodeOnItsPorts() {
    var asked = new TreeSet<String>();
    Pattern.compile("server (\\S+);").matcher(proxy).results().forEach(m -> asked.add(m.group(1)));
    var listening = new TreeSet<String>();
    nodes().forEach(node -> ports(node).forEach(port -> listening.add(node + ":" + port)));

    assertThat(asked).isEqualTo(listening);
    assertThat(services.at("/nginx/ports/0").asString()).endsWith(":8080");
    assertThat(proxy).contains("listen 8080;");
  }

  @Test
  void nginxSendsEachOperationToItsSide() {
    List<MatchResult> rules =
        Pattern.compile("\"~(\\S* \\S*)\"\\s+(\\w+);").matcher(proxy).results().toList();
    assertThat(rules).hasSizeGreaterThan(3);
    for (Operation operation : Contract.KEYLEDGER.all()) {
      String request = operation.method() + " " + operation.path().replaceAll("\\{\\w+}", "x");
      String side =
          rules.stream()
              .filter(rule -> Pattern.compile(rule.group(1)).matcher(request).find())
              .map(rule -> rule.group(2))
              .findFirst()
              .orElse("keyledger_questions");
      assertThat(side)
          .as(request)
          .isEqualTo(operation.isCommand() ? "keyledger_commands" : "keyledger_questions");
    }
  }

  @Test
  void eachNodeRunsTheJarOfItsSide() {
    nodes()
        .forEach(node ->
            assertThat(services.path(node).path("volumes"))
                .first()
                .extracting(JsonNode::asString)
                .isEqualTo(
                    "../%1$s-side/target/keyledger-%1$s.jar:/keyledger.jar:ro"
                        .formatted(side(node))));
  }

  @Test
  void nodesWriteToMemoryOnlyAndHaveNoPrivileges() {
    nodes()
        .forEach(name -> {
          JsonNode node = services.path(name);
          assertThat(node.path("read_only").asBoolean()).isTrue();
          assertThat(node.at("/tmpfs/0").asString())
              .startsWith(node.path("working_dir").asString() + ":exec");
          assertThat(node.at("/cap_drop/0").asString()).isEqualTo("ALL");
          assertThat(node.at("/security_opt/0").asString()).isEqualTo("no-new-privileges:true");
          assertThat(node.path("user").asString()).isEqualTo("${NODE_USER:?}");
        });
  }

  @Test
  void nodesTrustTheAddressOfNginxOnly() {
    String nginx = services.at("/nginx/networks/default/ipv4_address").asString();
    assertThat(nginx).isNotEmpty();
    nodes()
        .forEach(node ->
            assertThat(services.path(node).at("/environment/KEYLEDGER_TRUSTED_PROXIES").asString())
                .isEqualTo(nginx + "/32"));
  }

  @Test
  void theNodesRoleOwnsNothing() {
    String roles = DeployFiles.text("roles.sh");
    JsonNode postgres = services.path("postgres");
    assertThat(postgres.path("volumes").toString())
        .contains("./roles.sh:/docker-entrypoint-initdb.d/roles.sh:ro");
    nodes()
        .forEach(node -> {
          JsonNode environment = services.path(node).path("environment");
          String role = environment.path("KEYLEDGER_DATABASE_USERNAME").asString();
          String owner = environment.path("KEYLEDGER_MIGRATION_USERNAME").asString();
          assertThat(List.of(role, owner, postgres.at("/environment/POSTGRES_USER").asString()))
              .doesNotHaveDuplicates();
          assertThat(roles)
              .contains("CREATE ROLE " + role + " LOGIN", "CREATE ROLE " + owner + " LOGIN")
              .contains("OWNER TO " + owner + ";")
              .doesNotContain("SUPERUSER");
        });
  }

  @Test
  void theSettingsOfNodesAreDocumented() throws IOException {
    String operations =
        Files.readString(DeployFiles.directory().resolveSibling("docs/operations.md"));
    nodes()
        .forEach(node -> {
          JsonNode environment = services.path(node).path("environment");
          assertThat(environment.path("KEYLEDGER_NODE_NAME").asString()).isEqualTo(node);
          assertThat(environment.propertyNames())
              .allSatisfy(name -> assertThat(operations).contains("`" + name + "`"));
        });
  }

  private List<String> nodes() {
    return services.propertyNames().stream().filter(name -> name.matches("\\w+-\\d")).toList();
  }

  private static List<String> ports(String node) {
    return side(node).equals("command") ? List.of("8080") : List.of("8081", "8090");
  }

  private static String side(String node) {
    return node.replaceAll("-\\d", "");
  }

  private static JsonNode services() {
    return DeployFiles.yaml("compose.yaml").getFirst().path("services");
  }
}
