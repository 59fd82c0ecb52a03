package dev.keyledger.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Makes Spring's answers to OPTIONS the same everywhere: 204 with {@code Allow}. Spring refuses the
 * preflight requests of browsers (CORS); here they are OPTIONS requests like any other, without an
 * answer that admits pages of other origins.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class OptionsFilter extends OncePerRequestFilter {
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getMethod().equals("OPTIONS");
  }

  /** Returns false: a request whose body had to be waited for is an ASYNC dispatch. */
  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(new WithoutOrigin(request), new WithoutAllow(response));
    if (response.getStatus() == HttpServletResponse.SC_OK && !response.isCommitted()) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }
  }

  /** Keeps the servlet from listing methods of a path that does not exist. */
  private static final class WithoutAllow extends HttpServletResponseWrapper {
    WithoutAllow(HttpServletResponse response) {
      super(response);
    }

    @Override
    public boolean containsHeader(String name) {
      return super.containsHeader(name)
          || (name.equalsIgnoreCase(HttpHeaders.ALLOW) && getStatus() >= 400);
    }
  }

  private static final class WithoutOrigin extends HttpServletRequestWrapper {
    WithoutOrigin(HttpServletRequest request) {
      super(request);
    }

    @Override
    public @Nullable String getHeader(String name) {
      return name.equalsIgnoreCase(HttpHeaders.ORIGIN) ? null : super.getHeader(name);
    }
  }
}
