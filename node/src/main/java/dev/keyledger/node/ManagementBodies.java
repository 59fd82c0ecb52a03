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
 * Applies the arrival of bodies to a separate management port, with the limits of the main port.
 * Its container has its own context, without the filters of the main one.
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
