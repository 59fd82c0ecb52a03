package dev.keyledger.standalone.deploy;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.operations.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The manifests for Kubernetes: they fit together, and give the pods no more rights than necessary.
 */
class KubernetesTest {
  private static final String SIDE = "app.kubernetes.io/name";
  private static final int STOPPED_WITHIN_SECONDS = 10;

  private final List<JsonNode> pods = Kubernetes.pods();

  @Test
  void theSidesAreThere() {
    assertThat(Kubernetes.ofKind("Deployment").map(KubernetesTest::name))
        .containsExactly("keyledger-command", "keyledger-query");
    assertThat(deployment("keyledger-query").at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(Kubernetes.objects())
        .extracting(one -> one.path("kind").asString())
        .containsOnly("Namespace", "Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy");
  }

  @Test
  void everyManifestIsListedAndNoNameIsUsedTwice() throws IOException {
    try (Stream<Path> files = Files.list(DeployFiles.directory().resolve("kubernetes"))) {
      assertThat(Kubernetes.kustomization().path("resources").valueStream().map(JsonNode::asString))
          .containsExactlyInAnyOrderElementsOf(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(file -> !file.equals("kustomization.yaml"))
                  .toList());
    }
    var names = new HashSet<String>();
    Kubernetes.objects()
        .forEach(one -> assertThat(names.add(one.path("kind") + "/" + name(one))).isTrue());
  }

  @Test
  void everySelectorSelectsPods() {
    Set<String> sides =
        pods.stream().map(pod -> pod.at("/metadata/labels").path(SIDE).asString()).collect(toSet());
    for (String kind : List.of("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy")) {
      var selected = new TreeSet<String>();
      Kubernetes.ofKind(kind)
          .forEach(one -> {
            List<String> selectors = one.path("spec").findValuesAsString(SIDE);
            assertThat(selectors).isNotEmpty().containsOnly(name(one));
            selected.addAll(selectors);
          });
      assertThat(selected).as(kind).isEqualTo(sides);
    }
  }

  @Test
  void everyPortIsOneOfTheContainer() {
    for (JsonNode pod : pods) {
      String side = pod.at("/metadata/labels").path(SIDE).asString();
      JsonNode container = container(pod);
      List<String> ports = container.path("ports").findValuesAsString("name");
      assertThat(container.path("ports").findValuesAsString("containerPort"))
          .isEqualTo(side.equals("keyledger-command") ? List.of("8080") : List.of("8081", "8090"));
      JsonNode service = named("Service", side).at("/spec/ports");
      assertThat(service.findValuesAsString("targetPort")).isEqualTo(ports);
      assertThat(service.findValuesAsString("port"))
          .isEqualTo(container.path("ports").findValuesAsString("containerPort"));
      assertThat(
              named("NetworkPolicy", side).at("/spec/ingress/0/ports").findValuesAsString("port"))
          .isEqualTo(ports);
      assertThat(container.findValues("httpGet"))
          .hasSize(3)
          .allSatisfy(probe -> assertThat(ports).contains(probe.path("port").asString()));
    }
  }

  @Test
  void everyVariableIsADocumentedSetting() throws IOException {
    Set<String> settings = Documented.settings();
    settings.add("JDK_JAVA_OPTIONS");
    for (JsonNode pod : pods) {
      List<String> variables =
          container(pod).path("env").valueStream().map(KubernetesTest::name).toList();
      assertThat(settings).containsAll(variables);
      assertThat(variables)
          .doesNotHaveDuplicates()
          .contains("KEYLEDGER_DATABASE_URL", "KEYLEDGER_ROOT_KEY", "KEYLEDGER_PEPPERS");
    }
  }

  @Test
  void secretsAreReferences() {
    for (JsonNode pod : pods) {
      for (JsonNode variable : container(pod).path("env")) {
        if (variable.path("name").asString().matches(".*(PASSWORD|ROOT_KEY|PEPPERS|URL)")) {
          assertThat(variable.has("value")).isFalse();
          assertThat(variable.at("/valueFrom/secretKeyRef/key").asString()).isNotEmpty();
        }
      }
    }
    String guide = DeployFiles.text("../docs/deployment.md");
    Set<String> keys =
        pods.stream()
            .flatMap(pod -> pod.findValues("secretKeyRef").stream())
            .map(reference -> reference.path("key").asString())
            .collect(toSet());
    keys.add("log.key");
    assertThat(keys).allSatisfy(key -> assertThat(guide).contains("=" + key));
  }

  @Test
  void podsHaveNoPrivileges() {
    for (JsonNode pod : pods) {
      JsonNode spec = pod.path("spec");
      assertThat(spec.path("automountServiceAccountToken").asBoolean(true)).isFalse();
      JsonNode context = spec.path("securityContext");
      assertThat(context.path("runAsNonRoot").asBoolean()).isTrue();
      assertThat(context.path("runAsUser").asInt()).isPositive();
      assertThat(context.at("/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
      assertThat(spec.has("initContainers")).isFalse();
      for (JsonNode container : spec.path("containers")) {
        JsonNode own = container.path("securityContext");
        assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(own.at("/capabilities/drop/0").asString()).isEqualTo("ALL");
        assertThat(container.at("/resources/limits/memory").asString())
            .isEqualTo(container.at("/resources/requests/memory").asString())
            .isNotEmpty();
      }
    }
  }

  @Test
  void mountsExistAndWrittenPathsAreMounted() {
    for (JsonNode pod : pods) {
      JsonNode mounts = container(pod).path("volumeMounts");
      assertThat(mounts.findValuesAsString("name"))
          .isEqualTo(pod.at("/spec/volumes").valueStream().map(KubernetesTest::name).toList());
      assertThat(mounts.findValuesAsString("mountPath")).contains("/tmp", "/var/lib/keyledger");
    }
  }

  @Test
  void imagesAreThoseOfThisVersion() {
    String version = ImageTest.version();
    for (JsonNode pod : pods) {
      JsonNode container = container(pod);
      assertThat(container.path("image").asString()).isEqualTo("keyledger:" + version);
      assertThat(container.at("/command/0").asString())
          .isEqualTo(ImageTest.PROGRAMS + pod.at("/metadata/labels").path(SIDE).asString());
    }
  }

  @Test
  void podsHaveTheTimeThatANodeTakesToStop() {
    for (JsonNode pod : pods) {
      assertThat(pod.at("/spec/terminationGracePeriodSeconds").asInt())
          .isGreaterThan(
              STOPPED_WITHIN_SECONDS
                  + container(pod).at("/lifecycle/preStop/exec/command/1").asInt());
    }
  }

  private static JsonNode container(JsonNode pod) {
    assertThat(pod.at("/spec/containers")).hasSize(1);
    return pod.at("/spec/containers/0");
  }

  private static JsonNode deployment(String name) {
    return named("Deployment", name);
  }

  private static JsonNode named(String kind, String name) {
    return Kubernetes.ofKind(kind).filter(one -> name(one).equals(name)).findFirst().orElseThrow();
  }

  private static String name(JsonNode one) {
    return one.path("metadata").path("name").asString(one.path("name").asString(""));
  }
}
