package dev.keyledger.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers errors outside of controllers with problems (RFC 9457). */
@RestController
final class ErrorPage implements ErrorController {
  @RequestMapping("${server.error.path:/error}")
  @Nullable ResponseEntity<byte[]> error(HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted()) {
      return null; // part of another answer has been sent
    }
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    ProblemCode code =
        Arrays.stream(ProblemCode.values())
            .filter(candidate -> Integer.valueOf(candidate.status()).equals(status))
            .findFirst()
            .orElse(status == null ? ProblemCode.NOT_FOUND : ProblemCode.INTERNAL_ERROR);
    return ProblemAdvice.answer(new ProblemException(code, code.title() + "."), request);
  }
}
