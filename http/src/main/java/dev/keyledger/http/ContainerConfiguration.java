package dev.keyledger.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the servlet container's own refusals problems (RFC 9457), and restricts its TLS. */
@Configuration(proxyBeanMethods = false)
class ContainerConfiguration {
  /** The share of the heap for connections with requests: one part in so many. */
  private static final int HEAP_SHARE = 2;

  /** The memory of a connection besides the head of its request: two buffers, and some objects. */
  private static final long CONNECTION_BYTES = 28 * 1024;

  /**
   * The time for which the container waits for unfinished requests. Spring has waited for them
   * before.
   */
  private static final long UNLOAD_MILLIS = 100;

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> refusals() {
    return container -> {
      container.setProtocol(ContainerProtocol.class.getName());
      container.addEngineValves(new HeadLimit());
      container.addConnectorCustomizers(
          ContainerConfiguration::keepEncodedSlashes,
          ContainerConfiguration::handOverToVirtualThreads,
          connector -> Arrays.stream(connector.findSslHostConfigs()).forEach(TlsDefaults::applyTo));
      container.addContextCustomizers(context -> {
        context.setCookies(false); // nothing reads them, and the container limits their number
        context.getParent().getPipeline().addValve(new Refusal());
        if (context instanceof StandardContext standard) {
          standard.setUnloadDelay(UNLOAD_MILLIS);
        }
      });
    };
  }

  /**
   * Handles each request on a virtual thread: a client that does not read its answer then delays no
   * other. The number of connections, and with it that of requests, is limited by the heap.
   */
  private static void handOverToVirtualThreads(Connector connector) {
    if (connector.getProtocolHandler() instanceof ContainerProtocol protocol) {
      protocol.setExecutor(new VirtualThreadExecutor("keyledger-http-"));
      long max = Runtime.getRuntime().maxMemory() / HEAP_SHARE / bytesPerConnection(protocol);
      protocol.setMaxConnections((int) Math.min(protocol.getMaxConnections(), max));
    }
  }

  /** Returns the memory that the container needs for one connection with a request. */
  private static long bytesPerConnection(ContainerProtocol protocol) {
    return protocol.getMaxHttpRequestHeaderSize() + CONNECTION_BYTES;
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
