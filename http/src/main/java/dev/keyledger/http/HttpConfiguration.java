package dev.keyledger.http;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import tools.jackson.databind.json.JsonMapper;

/** Wires the form of responses: JSON, problems, request ids and the OpenAPI document. */
@Configuration(proxyBeanMethods = false)
@Import({
  ProblemAdvice.class,
  ErrorPage.class,
  ProblemPages.class,
  ApiDocumentController.class,
  RequestIdFilter.class,
  OptionsFilter.class,
  ContainerConfiguration.class
})
public class HttpConfiguration {
  /**
   * Returns the document. Lazy, like the controllers that use it: reading it would take a tenth of
   * a node's start.
   */
  @Bean
  @Lazy
  ApiDocument apiDocument() {
    return ApiDocument.load();
  }

  @Bean
  JsonMapper jsonMapper() {
    return StrictJson.MAPPER;
  }
}
