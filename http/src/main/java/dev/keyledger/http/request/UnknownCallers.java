package dev.keyledger.http.request;

import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.arrival.HeadCheck;
import dev.keyledger.http.freshness.WaitHeaders;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Refuses a request to the API whose caller is not known, before its body arrives; all bodies there
 * are JSON. A request that names a position is not refused, because its caller may become known at
 * that position. Neither is one that Spring would refuse for something that is checked first.
 */
final class UnknownCallers implements HeadCheck {
  private static final String API = "/v1/";
  private static final String SELF = "/v1/self/";

  /** The methods that have no use for a body. */
  private static final Set<String> READING = Set.of("GET", "HEAD");

  /** The paths that need no credential of their own, or take one from the body. */
  private static final Set<String> OPEN = Set.of("/v1/leaks", "/v1/leaks/github");

  private final ApiCalls calls;
  private final ObjectProvider<RequestMappingHandlerMapping> controllers;

  UnknownCallers(ApiCalls calls, ObjectProvider<RequestMappingHandlerMapping> controllers) {
    this.calls = calls;
    this.controllers = controllers;
  }

  @Override
  public @Nullable HttpAnswer refusal(HttpServletRequest head) {
    var request = new ServletApiRequest(head);
    if (!needsCaller(request.path())
        || !request.headers(WaitHeaders.AT_LEAST).isEmpty()
        || !isServed(head)) {
      return null;
    }
    try {
      ApiCall call = calls.of(request);
      if (!READING.contains(request.method())) {
        var _ = call.expectJson();
      }
      if (request.path().startsWith(SELF)) {
        var _ = call.authorizeHolderCommand();
      } else {
        call.requireKnown();
      }
      return null;
    } catch (ProblemException refused) {
      return Problem.answer(refused, request.requestId());
    }
  }

  private static boolean needsCaller(String path) {
    return path.startsWith(API) && !OPEN.contains(path);
  }

  private boolean isServed(HttpServletRequest head) {
    try {
      var _ = ServletRequestPathUtils.parseAndCache(head);
      return controllers.getObject().getHandler(head) != null;
    } catch (Exception otherMethodOrMediaType) {
      return false;
    } finally {
      ServletRequestPathUtils.clearParsedRequestPath(head);
    }
  }
}
