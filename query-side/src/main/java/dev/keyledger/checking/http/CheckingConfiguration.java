package dev.keyledger.checking.http;

import static java.util.Objects.requireNonNull;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.access.QueryTurns;
import dev.keyledger.checking.Explainer;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.PastVerifier;
import dev.keyledger.http.arrival.HeadCheck;
import dev.keyledger.http.request.ApiCalls;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.QueryReaders;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.log.receipts.NodeLease;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.node.CheckClock;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.LastUses;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.web.filter.ServerHttpObservationFilter;

/** Wires verification, which runs before every other handler of HTTP. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CheckingProperties.class)
@Import({
  IntrospectionController.class,
  AppliedController.class,
  NodesController.class,
  PastCheckController.class
})
public class CheckingConfiguration {
  /** Returns the lease of this node, which ends before the database is closed. */
  @Bean(initMethod = "start", destroyMethod = "close")
  NodeLease nodeLease(
      LedgerDatabase database, AppliedLog log, NodeName name, CheckingProperties properties) {
    return new NodeLease(database, log, name, properties.verification().strictLease());
  }

  @Bean
  FreshVerifier freshVerifier(
      KeyVerifier verifier,
      AppliedLog log,
      Lease lease,
      CheckClock clock,
      MaxStaleness maxStaleness,
      LastUses uses,
      MeterRegistry registry) {
    var counters = new EnumMap<DecisionCode, Counter>(DecisionCode.class);
    for (DecisionCode code : DecisionCode.values()) {
      counters.put(
          code,
          Counter.builder("keyledger.verifications")
              .description("Decisions on keys, by their code")
              .tag("code", code.name())
              .register(registry));
    }
    return new FreshVerifier(
        verifier,
        log,
        lease,
        clock,
        maxStaleness.duration(),
        (decision, now) -> {
          requireNonNull(counters.get(decision.code())).increment();
          if (decision.found() != null && decision.valid()) {
            uses.use(decision.found(), now);
          }
        });
  }

  @Bean
  Explainer explainer(QueryReaders readers, QueryTurns turns) {
    return new Explainer(readers.log()::forEachEvent, turns);
  }

  @Bean
  PastVerifier pastVerifier(KeyFormat format, Peppers peppers, QueryReaders readers) {
    return new PastVerifier(format, peppers, readers.log());
  }

  @Bean
  VerificationHandler verificationHandler(
      ApiCalls calls,
      FreshVerifier verifier,
      Explainer explainer,
      CheckingProperties properties,
      ObjectProvider<HealthEndpoint> health) {
    return new VerificationHandler(
        calls,
        verifier,
        explainer,
        properties.requiredToken(),
        name -> isUp(health.getObject().healthForPath(name)));
  }

  private static boolean isUp(@Nullable HealthDescriptor health) {
    return health != null && Status.UP.equals(health.getStatus());
  }

  @Bean
  RequestTimers requestTimers(MeterRegistry registry) {
    return new RequestTimers(registry);
  }

  @Bean
  HeadCheck checksByHead(VerificationHandler handler, RequestTimers timers) {
    return new ChecksByHead(handler, timers);
  }

  /**
   * Returns the registration of Spring's observation of all requests but checks: it would cost more
   * than a check. Where traces are exported, Spring Boot's own observes all requests.
   */
  @Bean
  @ConditionalOnBooleanProperty(
      name = "management.tracing.export.enabled",
      havingValue = false,
      matchIfMissing = true)
  FilterRegistrationBean<ServerHttpObservationFilter> observationFilter(
      ObservationRegistry observations, VerificationHandler handler) {
    var registration =
        new FilterRegistrationBean<ServerHttpObservationFilter>(
            new ServerHttpObservationFilter(observations) {
              @Override
              protected boolean shouldNotFilter(HttpServletRequest request) {
                return handler.serves(request.getRequestURI());
              }
            });
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    return registration;
  }

  /**
   * Returns the registration of the filter: after the arrival of the body, before other handlers.
   */
  @Bean
  FilterRegistrationBean<VerificationFilter> verificationFilter(
      VerificationHandler handler, RequestTimers timers) {
    var registration = new FilterRegistrationBean<>(new VerificationFilter(handler, timers));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 3);
    registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
    registration.addUrlPatterns(
        VerificationHandler.VERIFY,
        VerificationHandler.VERIFY_BATCH,
        VerificationHandler.FORWARD_AUTH);
    return registration;
  }
}
