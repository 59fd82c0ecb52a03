package dev.keyledger.access.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Has the servlet container refuse in our words what it refuses before our code sees it. */
@Configuration(proxyBeanMethods = false)
class ContainerConfiguration {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> refusals() {
    return container -> {
      container.addEngineValves(new HeadLimit());
      container.addContextCustomizers(
          context -> context.getParent().getPipeline().addValve(new Refusal()));
    };
  }

  /** Refuses heads that are longer than ours may be; the container's own limit is further out. */
  private static final class HeadLimit extends ValveBase {
    private HeadLimit() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      org.apache.coyote.Request raw = request.getCoyoteRequest();
      int line =
          RequestHead.lineBytes(
              raw.getMethod() == null ? 0 : raw.getMethod().length(),
              length(raw.requestURI()),
              length(raw.queryString()));
      // What the container has refused already is answered further on; nothing more can be written.
      if (!response.isError() && RequestHead.isTooLong(line, headerBytes(raw.getMimeHeaders()))) {
        send(RequestHead.tooLong(), response);
        request.getCoyoteRequest().action(ActionCode.CLOSE, null);
      } else {
        getNext().invoke(request, response);
      }
    }

    private static int headerBytes(MimeHeaders headers) {
      int bytes = 0;
      for (int i = 0; i < headers.size(); i++) {
        bytes += RequestHead.headerBytes(length(headers.getName(i)), length(headers.getValue(i)));
      }
      return bytes;
    }

    private static int length(@Nullable MessageBytes text) {
      return text == null ? 0 : Math.max(text.getLength(), 0);
    }
  }

  /** Stands in for the container's page. */
  private static final class Refusal extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      if (response.getStatus() >= 400
          && response.getContentWritten() == 0
          && response.setErrorReported()) {
        try {
          send(RequestHead.malformed(), response);
        } catch (IOException gone) {
          containerLog.debug("Nobody is there to read the refusal", gone);
        }
      }
    }
  }

  private static void send(HttpAnswer answer, Response response) throws IOException {
    response.setStatus(answer.status());
    answer.headers().forEach(header -> response.setHeader(header.name(), header.value()));
    response.setContentLength(answer.body().length);
    response.getOutputStream().write(answer.body());
    response.finishResponse();
  }
}
