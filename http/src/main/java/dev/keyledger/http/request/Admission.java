package dev.keyledger.http.request;

import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.arrival.HeadCheck;
import dev.keyledger.http.freshness.WaitHeaders;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Admits requests to handler methods by their {@link Needs}: before the body arrives, if it has not
 * arrived yet, and when the method is called. Thread-safe.
 */
final class Admission implements HandlerMethodArgumentResolver, HeadCheck {
  /** The methods that have no use for a body, and are no commands. */
  private static final Set<String> READING = Set.of("GET", "HEAD");

  private static final String COUNTED = Admission.class.getName() + ".counted";

  private final ApiCalls calls;
  private final ObjectProvider<CommandQuota> quota;
  private final Bulkhead bulkhead;
  private final ObjectProvider<RequestMappingHandlerMapping> controllers;

  /**
   * @param quota counts commands; absent where no commands are served
   * @param bulkhead limits the resources of queries
   */
  Admission(
      ApiCalls calls,
      ObjectProvider<CommandQuota> quota,
      Bulkhead bulkhead,
      ObjectProvider<RequestMappingHandlerMapping> controllers) {
    this.calls = calls;
    this.quota = quota;
    this.bulkhead = bulkhead;
    this.controllers = controllers;
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
    Method method = parameter.getMethod();
    if (servletRequest == null || method == null) {
      throw new IllegalStateException("not the parameter of a handler of a servlet request");
    }
    ApiCall call = admit(method, parameter.getContainingClass(), servletRequest);
    if (READING.contains(servletRequest.getMethod()) && isAnsweredByItsThread(method)) {
      call.beforeQuery(workspace -> bulkhead.enter(servletRequest, workspace));
    }
    return call;
  }

  /**
   * Returns whether a handler returns its response, rather than streams it or works on another
   * thread.
   */
  private static boolean isAnsweredByItsThread(Method handler) {
    return handler.getReturnType() != void.class && handler.getReturnType() != DeferredResult.class;
  }

  /**
   * Refuses a request that does not meet the needs of its handler method. A request that names a
   * position is not refused yet, because its caller may become known at that position. Nor is one
   * that Spring refuses: it is dispatched without its body.
   */
  @Override
  public @Nullable Judgement judge(HttpServletRequest head) {
    HandlerMethod handler = handlerOf(head);
    if (handler == null) {
      return null;
    }
    if (head.getHeader(WaitHeaders.AT_LEAST) != null) {
      return Judgement.NEEDS_BODY;
    }
    try {
      var _ = admit(handler.getMethod(), handler.getBeanType(), head);
      return Judgement.NEEDS_BODY;
    } catch (ProblemException refused) {
      return new Judgement(Problem.answer(refused, new ServletApiRequest(head).requestId()));
    }
  }

  private @Nullable HandlerMethod handlerOf(HttpServletRequest head) {
    try {
      var _ = ServletRequestPathUtils.parseAndCache(head);
      var handler = controllers.getObject().getHandler(head);
      return handler != null && handler.getHandler() instanceof HandlerMethod method
          ? method
          : null;
    } catch (Exception otherMethodOrMediaType) {
      return null;
    } finally {
      ServletRequestPathUtils.clearParsedRequestPath(head);
    }
  }

  private ApiCall admit(Method method, Class<?> controller, HttpServletRequest request) {
    ApiCall call = calls.of(new ServletApiRequest(request));
    Needs needs = method.getAnnotation(Needs.class);
    if (needs == null) {
      return call;
    }
    if (needs.form()) {
      return call.expectForm();
    }
    boolean reading = READING.contains(request.getMethod());
    boolean commandSide = controller.isAnnotationPresent(CommandSide.class);
    if (!reading) {
      var _ = call.expectJson();
    }
    if (needs.value().equals(Needs.NOTHING)) {
      var _ = call.identify();
      return call;
    }
    call.authorize(needs, commandSide, keyIdOf(request));
    if (commandSide && !reading && request.getAttribute(COUNTED) == null) {
      quota.getObject().count(call.identified());
      request.setAttribute(COUNTED, true);
    }
    return call;
  }

  /** Returns the key id in the path, or an empty string. */
  private static String keyIdOf(HttpServletRequest request) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> variables
            && variables.get("keyId") instanceof String keyId
        ? keyId
        : "";
  }
}
