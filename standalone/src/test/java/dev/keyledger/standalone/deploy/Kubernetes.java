package dev.keyledger.standalone.deploy;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The manifests for Kubernetes. */
final class Kubernetes {
  private Kubernetes() {}

  /** Returns all objects in the files that {@code kustomization.yaml} lists. */
  static List<JsonNode> objects() {
    return kustomization()
        .path("resources")
        .valueStream()
        .flatMap(file -> DeployFiles.yaml("kubernetes/" + file.asString()).stream())
        .toList();
  }

  static JsonNode kustomization() {
    return DeployFiles.yaml("kubernetes/kustomization.yaml").getFirst();
  }

  static Stream<JsonNode> ofKind(String kind) {
    return objects().stream().filter(one -> one.path("kind").asString().equals(kind));
  }

  /** Returns the templates of all pods. */
  static List<JsonNode> pods() {
    return ofKind("Deployment").map(one -> one.at("/spec/template")).toList();
  }

  /** Returns the requests of all containers' probes. */
  static List<JsonNode> probes() {
    return pods().stream().flatMap(pod -> pod.findValues("httpGet").stream()).toList();
  }
}
