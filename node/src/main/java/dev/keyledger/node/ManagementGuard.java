package dev.keyledger.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.keyledger.events.Actor;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.ServletAnswer;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.ApiCalls;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Authorizes access to the management endpoints on the main port. Without a credential, health
 * shows only UP or DOWN: its details reveal the position, from which a stranger could infer the
 * effect of other requests. Details of health, and metrics, require the permission {@value
 * #METRICS_READ}; every other exposed endpoint requires the root key. A separate management port is
 * not guarded.
 */
final class ManagementGuard extends OncePerRequestFilter {
  /** The permission to read metrics, without the prefix {@code keyledger:}. */
  static final String METRICS_READ = "metrics:read";

  private static final Set<String> METRICS = Set.of("health", "prometheus", "metrics");
  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final Set<String> OPEN = Set.of("health", "health/readiness", "health/liveness");

  private final String basePath;
  private final Supplier<@Nullable HealthEndpoint> health;
  private final ApiCalls calls;
  private final HandlerExceptionResolver problems;

  /**
   * @param basePath path of the endpoints, without a trailing slash
   * @param health returns null if this port does not serve health
   * @param problems writes the response to a rejected request
   */
  ManagementGuard(
      String basePath,
      Supplier<@Nullable HealthEndpoint> health,
      ApiCalls calls,
      HandlerExceptionResolver problems) {
    this.basePath = basePath;
    this.health = health;
    this.calls = calls;
    this.problems = problems;
  }

  /**
   * Returns false: a request whose body had to be waited for is an ASYNC dispatch, which must be
   * filtered too.
   */
  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getMethod().equals("OPTIONS")) {
      chain.doFilter(request, response); // names the methods of a path, on every path
      return;
    }
    String path = pathOf(request);
    HealthEndpoint open = isOpen(request, path) ? health.get() : null;
    if (open != null) {
      sendStatus(open, path, response);
      return;
    }
    try {
      boolean metrics = METRICS.contains(path.split("/", 2)[0]);
      authorize(calls.of(new ServletApiRequest(request)), metrics);
    } catch (ProblemException refused) {
      problems.resolveException(request, response, null, refused);
      return;
    }
    chain.doFilter(request, response);
  }

  private static void authorize(ApiCall call, boolean metrics) {
    Actor actor = call.authorize(METRICS_READ).caller().actor();
    if (!metrics && !actor.equals(Actor.ROOT)) {
      throw new ProblemException(ProblemCode.FORBIDDEN, "This requires the root key.");
    }
  }

  private static boolean isOpen(HttpServletRequest request, String path) {
    return OPEN.contains(path)
        && READING.contains(request.getMethod())
        && request.getHeader("Authorization") == null;
  }

  private static void sendStatus(HealthEndpoint health, String path, HttpServletResponse response)
      throws IOException {
    int slash = path.indexOf('/');
    @Nullable HealthDescriptor found =
        slash < 0 ? health.health() : health.healthForPath(path.substring(slash + 1));
    boolean up = found != null && Status.UP.equals(found.getStatus());
    byte[] body = (up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}").getBytes(US_ASCII);
    var headers = List.of(new HttpAnswer.Header("Content-Type", "application/json"));
    ServletAnswer.send(new HttpAnswer(up ? 200 : 503, headers, body), response);
  }

  /** Returns the path after the base path, as decoded and normalised by the container. */
  private String pathOf(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.length() <= basePath.length() ? "" : path.substring(basePath.length() + 1);
  }
}
