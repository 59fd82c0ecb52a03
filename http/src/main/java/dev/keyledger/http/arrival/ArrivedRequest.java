package dev.keyledger.http.arrival;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.ByteArrayInputStream;

/** A request whose body is in memory. */
final class ArrivedRequest extends HttpServletRequestWrapper {
  private byte[] body = {};

  ArrivedRequest(HttpServletRequest request) {
    super(request);
  }

  /**
   * Sets the body.
   *
   * @param bytes not copied; of a body that is too long, one byte more than its maximum, or none if
   *     its head says so
   */
  ArrivedRequest with(byte[] bytes) {
    body = bytes;
    return this;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new Body(new ByteArrayInputStream(body));
  }

  private static final class Body extends ServletInputStream {
    private final ByteArrayInputStream bytes;

    Body(ByteArrayInputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return bytes.read(target, offset, length);
    }

    @Override
    public boolean isFinished() {
      return bytes.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("the body has arrived");
    }
  }
}
