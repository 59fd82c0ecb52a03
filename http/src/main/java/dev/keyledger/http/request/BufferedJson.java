package dev.keyledger.http.request;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.util.FastByteArrayOutputStream;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a response as JSON into memory first, so that a query gives up its turn before its client
 * reads.
 */
final class BufferedJson extends JacksonJsonHttpMessageConverter {
  private final Bulkhead bulkhead;

  BufferedJson(JsonMapper mapper, Bulkhead bulkhead) {
    super(mapper);
    this.bulkhead = bulkhead;
  }

  /** A response in memory. */
  private record Buffer(HttpHeaders headers, FastByteArrayOutputStream body)
      implements HttpOutputMessage {
    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public OutputStream getBody() {
      return body;
    }
  }

  @Override
  protected void writeInternal(
      Object object,
      ResolvableType type,
      HttpOutputMessage response,
      @Nullable Map<String, Object> hints)
      throws IOException {
    var buffer = new Buffer(response.getHeaders(), new FastByteArrayOutputStream());
    super.writeInternal(object, type, buffer, hints);
    if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes query) {
      bulkhead.ready(query.getRequest());
    }
    response.getHeaders().setContentLength(buffer.body.size());
    buffer.body.writeTo(response.getBody());
  }
}
