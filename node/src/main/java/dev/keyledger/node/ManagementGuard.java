package dev.keyledger.node;

import dev.keyledger.events.Actor;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.ApiCalls;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Authorizes access to the management endpoints on the main port. Health is open, metrics require
 * the permission {@value #METRICS_READ}, and every other exposed endpoint requires the root key. A
 * separate management port is not guarded.
 */
final class ManagementGuard extends OncePerRequestFilter {
  /** The permission to read metrics, without the prefix {@code keyledger:}. */
  static final String METRICS_READ = "metrics:read";

  private static final Set<String> METRICS = Set.of("prometheus", "metrics");

  private final String basePath;
  private final ApiCalls calls;
  private final HandlerExceptionResolver problems;

  /**
   * @param basePath path of the endpoints, without a trailing slash
   * @param problems writes the response to a rejected request
   */
  ManagementGuard(String basePath, ApiCalls calls, HandlerExceptionResolver problems) {
    this.basePath = basePath;
    this.calls = calls;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String endpoint = endpointOf(request);
    try {
      if (!endpoint.equals("health")) {
        authorize(calls.of(new ServletApiRequest(request)), METRICS.contains(endpoint));
      }
    } catch (ProblemException refused) {
      problems.resolveException(request, response, null, refused);
      return;
    }
    chain.doFilter(request, response);
  }

  private static void authorize(ApiCall call, boolean metrics) {
    Actor actor = call.authorize(METRICS_READ).actor();
    if (!metrics && !actor.equals(Actor.ROOT)) {
      throw new ProblemException(ProblemCode.FORBIDDEN, "This requires the root key.");
    }
  }

  /** Returns the first segment after the base path, as decoded and normalised by the container. */
  private String endpointOf(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.length() <= basePath.length()
        ? ""
        : path.substring(basePath.length() + 1).split("/", 2)[0];
  }
}
