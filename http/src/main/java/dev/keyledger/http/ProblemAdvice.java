package dev.keyledger.http;

import dev.keyledger.log.OutcomeUnknownException;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.UnreadableEventException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.util.DisconnectedClientHelper;

/** Turns exceptions into problems (RFC 9457), none of which reveals internals. */
@RestControllerAdvice
public final class ProblemAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

  @ExceptionHandler
  ResponseEntity<byte[]> problem(ProblemException problem, HttpServletRequest request) {
    return answer(problem, request);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unavailable(
      StoreUnavailableException unavailable, HttpServletRequest request) {
    LOG.warn("The store cannot be reached: {}", unavailable.getMessage());
    return answer(
        new ProblemException(
            ProblemCode.STORE_UNAVAILABLE, "Nothing was done. Try again in a moment."),
        request);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unknown(OutcomeUnknownException unknown, HttpServletRequest request) {
    LOG.warn("The outcome of a command is unknown: {}", unknown.getMessage());
    return answer(
        new ProblemException(
            ProblemCode.OUTCOME_UNKNOWN,
            "The connection to the store broke at the moment of recording. Read the key, or repeat"
                + " the request with the same Idempotency-Key."),
        request);
  }

  /** Answers for a node that is older than an event of the log; only another node can help. */
  @ExceptionHandler
  ResponseEntity<byte[]> tooOld(UnreadableEventException unreadable, HttpServletRequest request) {
    LOG.error("Request {} met an event: {}", RequestId.of(request), unreadable.getMessage());
    return answer(
        new ProblemException(
            ProblemCode.STALE, "This node cannot read what the log holds. Ask another node."),
        request);
  }

  @ExceptionHandler({NoResourceFoundException.class, NoHandlerFoundException.class})
  ResponseEntity<byte[]> noRoute(HttpServletRequest request) {
    return answer(
        new ProblemException(ProblemCode.NOT_FOUND, "There is nothing at this path."), request);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> noMethod(
      HttpRequestMethodNotSupportedException unsupported, HttpServletRequest request) {
    Set<HttpMethod> supported = unsupported.getSupportedHttpMethods();
    ResponseEntity<byte[]> answer =
        answer(
            new ProblemException(
                ProblemCode.METHOD_NOT_ALLOWED, "The header Allow lists the methods of this path."),
            request);
    if (supported == null) {
      return answer;
    }
    var allowed = new LinkedHashSet<>(supported);
    if (allowed.contains(HttpMethod.GET)) {
      allowed.add(HttpMethod.HEAD);
    }
    allowed.add(HttpMethod.OPTIONS);
    return ResponseEntity.status(answer.getStatusCode())
        .headers(headers -> headers.addAll(answer.getHeaders()))
        .allow(allowed.toArray(HttpMethod[]::new))
        .body(answer.getBody());
  }

  @ExceptionHandler
  ResponseEntity<byte[]> notAcceptable(
      HttpMediaTypeNotAcceptableException unmet, HttpServletRequest request) {
    String types =
        unmet.getSupportedMediaTypes().stream()
            .filter(MediaType::isConcrete)
            .map(MediaType::toString)
            .collect(Collectors.joining(" or "));
    return answer(
        ProblemException.notAcceptable(types.isEmpty() ? MediaType.APPLICATION_JSON_VALUE : types),
        request);
  }

  /** Answers requests that Spring's own endpoints cannot read. */
  @ExceptionHandler({
    HttpMessageNotReadableException.class,
    HttpMediaTypeNotSupportedException.class,
    InvalidMediaTypeException.class,
    ServletRequestBindingException.class,
    TypeMismatchException.class
  })
  ResponseEntity<byte[]> unreadable(HttpServletRequest request) {
    return answer(
        new ProblemException(ProblemCode.BAD_REQUEST, "The request cannot be read."), request);
  }

  /**
   * Returns null if the client has left: it gets no answer, and that is not a failure of the
   * server.
   */
  @ExceptionHandler
  @Nullable ResponseEntity<byte[]> defect(Exception defect, HttpServletRequest request) {
    if (defect instanceof AnswerCutShortException cutShort) {
      throw cutShort; // the container closes the connection
    }
    if (DisconnectedClientHelper.isClientDisconnectedException(defect)) {
      LOG.debug("The client of request {} left", RequestId.of(request), defect);
      return null;
    }
    LOG.error("Request {} failed", RequestId.of(request), defect);
    return answer(
        new ProblemException(
            ProblemCode.INTERNAL_ERROR, "The log of this node says more about this request id."),
        request);
  }

  static ResponseEntity<byte[]> answer(ProblemException problem, HttpServletRequest request) {
    HttpAnswer answer = Problem.answer(problem, RequestId.of(request));
    var entity = ResponseEntity.status(answer.status());
    answer.headers().forEach(header -> entity.header(header.name(), header.value()));
    return entity.body(answer.body());
  }
}
