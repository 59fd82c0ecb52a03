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
 * Keeps what tells of this node's insides from those who are not to know: on the main port only
 * health is open, metrics want the permission {@value #METRICS_READ}, and everything else that the
 * configuration exposes wants the root key. A port of its own for management is not guarded.
 */
final class ManagementGuard extends OncePerRequestFilter {
  /** What an operator needs to read metrics, without the prefix {@code keyledger:}. */
  static final String METRICS_READ = "metrics:read";

  private static final Set<String> METRICS = Set.of("prometheus", "metrics");

  private final String basePath;
  private final ApiCalls calls;
  private final HandlerExceptionResolver problems;

  /**
   * @param basePath the path of all that is guarded, without a last slash
   * @param problems answers whoever is refused
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
      throw new ProblemException(ProblemCode.FORBIDDEN, "This needs the root key.");
    }
  }

  /** The first segment behind the base path, as the container has decoded and normalised it. */
  private String endpointOf(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.length() <= basePath.length()
        ? ""
        : path.substring(basePath.length() + 1).split("/", 2)[0];
  }
}
