package dev.keyledger.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the servlet container's own refusals problems (RFC 9457), and restricts its TLS. */
@Configuration(proxyBeanMethods = false)
class ContainerConfiguration {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> refusals() {
    return container -> {
      container.setProtocol(ContainerProtocol.class.getName());
      container.addEngineValves(new HeadLimit());
      container.addConnectorCustomizers(
          ContainerConfiguration::keepEncodedSlashes,
          connector -> Arrays.stream(connector.findSslHostConfigs()).forEach(TlsDefaults::applyTo));
      container.addContextCustomizers(context -> {
        context.setCookies(false); // nothing reads them, and the container limits their number
        context.getParent().getPipeline().addValve(new Refusal());
      });
    };
  }

  /** Lets an id in a path hold slashes: only a plain one separates segments. */
  private static void keepEncodedSlashes(Connector connector) {
    String passThrough = EncodedSolidusHandling.PASS_THROUGH.getValue();
    connector.setEncodedSolidusHandling(passThrough);
    connector.setEncodedReverseSolidusHandling(passThrough);
  }

  /** Replaces the container's error page. */
  private static final class Refusal extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      if (response.getStatus() >= 400
          && response.getContentWritten() == 0
          && response.setErrorReported()) {
        try {
          boolean expectation = response.getStatus() == HttpServletResponse.SC_EXPECTATION_FAILED;
          send(expectation ? RequestHead.expectationFailed() : RequestHead.malformed(), response);
        } catch (IOException gone) {
          containerLog.debug("The client left before the refusal was sent", gone);
        }
      }
    }
  }

  static void send(HttpAnswer answer, Response response) throws IOException {
    ServletAnswer.send(answer, response);
    response.finishResponse();
  }
}
