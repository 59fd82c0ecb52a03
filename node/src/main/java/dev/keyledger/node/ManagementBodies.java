package dev.keyledger.node;

import dev.keyledger.http.arrival.ArrivalConfiguration;
import dev.keyledger.http.arrival.BodyFilter;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * Lets bodies arrive on a separate management port as on the main port, with the same limits. Its
 * container has a context of its own, which has no filter of the main one.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ManagementBodies {
  @Bean
  FilterRegistrationBean<BodyFilter> managementBodyFilter(BodyFilter filter) {
    return new ArrivalConfiguration().bodyFilterRegistration(filter);
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementBodyValve(
      @Qualifier(ArrivalConfiguration.BODY_VALVE)
          WebServerFactoryCustomizer<TomcatServletWebServerFactory> bodyValve) {
    return bodyValve;
  }
}
