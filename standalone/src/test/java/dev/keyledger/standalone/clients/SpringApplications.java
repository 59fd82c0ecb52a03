package dev.keyledger.standalone.clients;

import dev.keyledger.spring.KeyledgerAutoConfiguration;
import dev.keyledger.spring.KeyledgerServletAutoConfiguration;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Foreign applications in the process of a test. They read no settings of the service, and are
 * configured by these classes alone: the rest of this class path is of the service.
 */
final class SpringApplications {
  private static final String NOTHING_ELSE = "--spring.boot.enableautoconfiguration=false";

  /** The configuration of an application with the starter. */
  @ImportAutoConfiguration({
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    SecurityAutoConfiguration.class,
    UserDetailsServiceAutoConfiguration.class,
    ServletWebSecurityAutoConfiguration.class,
    SecurityFilterAutoConfiguration.class,
    KeyledgerAutoConfiguration.class,
    KeyledgerServletAutoConfiguration.class
  })
  static final class WithStarter {}

  /** The configuration of an application with a database. */
  @ImportAutoConfiguration({
    PropertyPlaceholderAutoConfiguration.class,
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    DataSourceAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class
  })
  static final class WithDatabase {}

  private SpringApplications() {}

  /** Starts an application on a free port. */
  static ConfigurableApplicationContext start(
      Class<?> application, Class<?> configured, Map<String, String> settings) {
    Stream<String> own =
        settings.entrySet().stream().map(one -> "--" + one.getKey() + "=" + one.getValue());
    List<String> common =
        List.of(
            NOTHING_ELSE,
            "--server.port=0",
            "--server.address=127.0.0.1",
            "--spring.config.location=optional:classpath:/no-such-directory/",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn");
    return new SpringApplicationBuilder(application, configured)
        .web(WebApplicationType.SERVLET)
        .run(Stream.concat(own, common.stream()).toArray(String[]::new));
  }

  /** Returns the address of an application. */
  static URI uri(ConfigurableApplicationContext application) {
    return URI.create(
        "http://127.0.0.1:"
            + application.getEnvironment().getRequiredProperty("local.server.port"));
  }
}
