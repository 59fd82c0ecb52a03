package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.checking.http.VerificationHandler;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The OpenAPI document, compared with the served routes. */
class DriftTest {
  /** The paths about the contract, or for people, which are not part of it. */
  private static final Set<String> OUTSIDE =
      Set.of("ErrorPage", "ProblemPages", "ApiDocumentController", "ConsoleController");

  /** The package of test applications. */
  private static final String TESTS = "dev.keyledger.standalone.clients.";

  @Test
  void everythingServedIsDocumentedAndTheReverse() throws Exception {
    var served = new TreeSet<String>(verification());
    for (Class<?> controller : controllers()) {
      served.addAll(mappings(controller));
    }

    assertThat(served).containsExactlyInAnyOrderElementsOf(Contract.KEYLEDGER.operations());
  }

  /** Returns the operations that are served before Spring, without annotations. */
  private static Set<String> verification() {
    return Set.of(
        "POST " + VerificationHandler.VERIFY,
        "POST " + VerificationHandler.VERIFY_BATCH,
        "GET " + VerificationHandler.FORWARD_AUTH,
        "HEAD " + VerificationHandler.FORWARD_AUTH,
        "POST " + VerificationHandler.FORWARD_AUTH);
  }

  private static Set<Class<?>> controllers() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    var controllers = new HashSet<Class<?>>();
    for (BeanDefinition found : scanner.findCandidateComponents("dev.keyledger")) {
      Class<?> type =
          ClassUtils.forName(
              Objects.requireNonNull(found.getBeanClassName()), DriftTest.class.getClassLoader());
      if (!OUTSIDE.contains(type.getSimpleName()) && !type.getName().startsWith(TESTS)) {
        controllers.add(type);
      }
    }
    assertThat(controllers).isNotEmpty();
    return controllers;
  }

  private static Set<String> mappings(Class<?> controller) {
    RequestMapping ofType =
        AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
    return Arrays.stream(controller.getDeclaredMethods())
        .map(method -> AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class))
        .filter(Objects::nonNull)
        .flatMap(mapping ->
            paths(ofType)
                .flatMap(base -> paths(mapping).map(path -> withoutPatterns(base + path)))
                .flatMap(
                    path -> Arrays.stream(mapping.method()).map(method -> method + " " + path)))
        .collect(Collectors.toSet());
  }

  /** Returns a path without patterns of variables, which a document cannot have. */
  private static String withoutPatterns(String path) {
    return path.replaceAll("\\{\\*?(\\w+)(:[^}]*)?}", "{$1}");
  }

  private static Stream<String> paths(@Nullable RequestMapping mapping) {
    return mapping == null || mapping.path().length == 0
        ? Stream.of("")
        : Arrays.stream(mapping.path());
  }
}
