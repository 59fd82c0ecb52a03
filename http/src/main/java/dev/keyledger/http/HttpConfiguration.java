package dev.keyledger.http;

import dev.keyledger.access.OperatorKeys;
import dev.keyledger.access.RootKeys;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.access.Workspaces;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionTokens;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Wires what both sides need to read requests and to write responses. */
@Configuration(proxyBeanMethods = false)
@Import({
  ProblemAdvice.class,
  ErrorPage.class,
  ProblemPages.class,
  ApiDocumentController.class,
  RequestIdFilter.class,
  ContainerConfiguration.class
})
public class HttpConfiguration {
  private static final long FAILURES_PER_SECOND = 100;
  private static final long FAILURES_BURST = 1_000;
  private static final long SECRETS_PER_SECOND = 1_000;
  private static final long SECRETS_BURST = 10_000;

  @Bean
  ClientAddress clientAddress(Environment environment) {
    String proxies = environment.getProperty("KEYLEDGER_TRUSTED_PROXIES", "");
    return new ClientAddress(
        proxies.isBlank() ? List.of() : List.of(proxies.replace(" ", "").split(",", -1)));
  }

  @Bean
  KeyAnswers keyAnswers(PositionTokens tokens, LogTail tail) {
    return new KeyAnswers(tokens, tail);
  }

  @Bean
  WaitingRoom waitingRoom() {
    return new WaitingRoom();
  }

  @Bean
  ApiDocument apiDocument() {
    return ApiDocument.load();
  }

  @Bean
  JsonMapper jsonMapper() {
    return StrictJson.MAPPER;
  }

  @Bean
  NodeGate nodeGate(
      RootKeys rootKeys,
      OperatorKeys operatorKeys,
      Workspaces workspaces,
      PositionTokens tokens,
      LogTail tail,
      ClientAddress addresses,
      WaitingRoom waitingRoom,
      Environment environment) {
    return new NodeGate(
        List.of(rootKeys, operatorKeys),
        workspaces,
        tokens,
        tail,
        addresses,
        waitingRoom,
        quota(environment, "failures", FAILURES_PER_SECOND, FAILURES_BURST),
        quota(environment, "secrets", SECRETS_PER_SECOND, SECRETS_BURST));
  }

  /** What a source may do of a kind, as {@code keyledger.floods.*} says it. */
  private static SourceQuota quota(
      Environment environment, String name, long perSecond, long burst) {
    String prefix = "keyledger.floods." + name;
    return new SourceQuota(
        name,
        environment.getProperty(prefix + "-per-second", Long.class, perSecond),
        environment.getProperty(prefix + "-burst", Long.class, burst));
  }

  @Bean
  WebMvcConfigurer apiCalls(NodeGate gate) {
    return new WebMvcConfigurer() {
      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(gate);
      }
    };
  }
}
