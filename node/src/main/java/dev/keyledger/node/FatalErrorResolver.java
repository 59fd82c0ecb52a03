package dev.keyledger.node;

import dev.keyledger.launch.FatalErrors;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Ends the process after an Error in a controller that leaves it unsound. Spring wraps such an
 * Error in an exception, which would otherwise become an ordinary error answer.
 */
final class FatalErrorResolver implements HandlerExceptionResolver, Ordered {
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception failure) {
    if (failure.getCause() != null) {
      FatalErrors.endIfFatal(failure.getCause());
    }
    return null; // the next resolver answers
  }
}
