package dev.keyledger.http.request;

import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.freshness.Freshness;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Makes an {@link ApiCall} of each request. Thread-safe.
 *
 * @param authentication recognises credentials
 * @param holders recognises keys that call about themselves
 * @param workspaces the workspaces that exist
 * @param freshness waits for positions
 * @param limits counts what an address sends
 * @param addresses tells where a request came from
 */
public record ApiCalls(
    Authentication authentication,
    HolderKeys holders,
    Workspaces workspaces,
    Freshness freshness,
    SourceLimits limits,
    ClientAddress addresses)
    implements HandlerMethodArgumentResolver {

  /** Returns the call of a request. */
  public ApiCall of(ApiRequest request) {
    return new ApiCall(request, this);
  }

  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == ApiCall.class;
  }

  @Override
  public ApiCall resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    HttpServletRequest servletRequest = request.getNativeRequest(HttpServletRequest.class);
    if (servletRequest == null) {
      throw new IllegalStateException("no servlet request");
    }
    return of(new ServletApiRequest(servletRequest));
  }
}
