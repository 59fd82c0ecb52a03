package dev.keyledger.http.arrival;

import dev.keyledger.http.HttpAnswer;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Wires the arrival of bodies on the main port. */
@Configuration(proxyBeanMethods = false)
public class ArrivalConfiguration {
  /** The name of the bean that adds the needs of {@link BodyFilter} to a container. */
  public static final String BODY_VALVE = "bodyValve";

  @Bean
  UnfinishedBodies unfinishedBodies() {
    return new UnfinishedBodies(ArrivalLimits.DEFAULT);
  }

  @Bean
  BodyFilter bodyFilter(UnfinishedBodies unfinished, ObjectProvider<HeadCheck> heads) {
    return new BodyFilter(unfinished, new FirstOf(heads));
  }

  /** The judgement of the first of several checks that has one. */
  private record FirstOf(ObjectProvider<HeadCheck> checks) implements HeadCheck {
    @Override
    public @Nullable Judgement judge(HttpServletRequest head) {
      return checks.stream()
          .map(check -> check.judge(head))
          .filter(Objects::nonNull)
          .findFirst()
          .orElse(null);
    }

    @Override
    public void answered(HttpServletRequest head, HttpAnswer answer, Duration took) {
      checks.stream().forEach(check -> check.answered(head, answer, took));
    }
  }

  /** Returns the registration of the filter: after Spring's observation, before all others. */
  @Bean
  public FilterRegistrationBean<BodyFilter> bodyFilterRegistration(BodyFilter filter) {
    var registration = new FilterRegistrationBean<>(filter);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
    return registration;
  }

  @Bean(BODY_VALVE)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> bodyValve() {
    return container -> {
      container.addEngineValves(new BodyValve());
      container.addConnectorCustomizers(BodyValve::deferContinue);
    };
  }
}
