package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls, each with its deadline and one retry if the first attempt may have failed. A retry
 * is safe, because commands have an Idempotency-Key. Thread-safe.
 */
final class Transport {
  private static final String AT_LEAST = "Keyledger-At-Least";
  private static final String CUT_OFF = "The service cannot be reached";
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final long SECONDS_MAX = 3600;
  private static final Set<Integer> WORTH_A_RETRY = Set.of(429, 502, 503, 504);

  private final HttpClient http;
  private final Map<Side, URI> urls;
  private final Secret credential;
  private final @Nullable String workspace;
  private final Duration deadline;
  private final Positions positions = new Positions();

  /** The part of the service that answers a call. */
  enum Side {
    COMMANDS,
    QUERIES,
    CHECKS
  }

  /**
   * @param workspace the workspace that the root key acts in; null for the credential's own
   */
  Transport(
      HttpClient http,
      Map<Side, URI> urls,
      Secret credential,
      @Nullable String workspace,
      Duration deadline) {
    this.http = http;
    this.urls = urls;
    this.credential = credential;
    this.workspace = workspace;
    this.deadline = deadline;
  }

  /**
   * An answer of a call that succeeded.
   *
   * @param status 2xx
   */
  record Answer(int status, String body, Optional<String> nextPosition) {
    Fields fields() {
      return Fields.read(body);
    }
  }

  /** Returns the answer to a call. */
  Answer send(Call call) {
    return new Sending(call).send();
  }

  /**
   * Returns the lines of the answer to a call, as they come. The deadline is for the head of the
   * answer. The call is not repeated.
   */
  Stream<String> lines(Call call) {
    Sending sending = new Sending(call);
    try {
      HttpResponse<Stream<String>> response = sending.attempt(HttpResponse.BodyHandlers.ofLines());
      if (response.statusCode() / 100 == 2) {
        return response.body();
      }
      try (Stream<String> body = response.body()) {
        throw sending.failure(response, problem(response, body.collect(Collectors.joining())));
      }
    } catch (IOException lost) {
      throw sending.unfinished(CUT_OFF, lost);
    }
  }

  /** Returns the token of the last command that this thread's reads take into account. */
  @Nullable String position() {
    return positions.current();
  }

  /** Returns a request without a body, with the credential. */
  HttpRequest.Builder request(Side side, String pathAndQuery) {
    URI url = urls.get(side);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + pathAndQuery))
            .header("Authorization", "Bearer " + credential.reveal());
    if (workspace != null) {
      request.header("Keyledger-Workspace", workspace);
    }
    return request;
  }

  /** Sends a request without deadline and retry. */
  <T> CompletableFuture<HttpResponse<T>> sendOnce(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    return http.sendAsync(request, handler);
  }

  /** Names the service. */
  @Override
  public String toString() {
    return String.valueOf(urls.get(Side.COMMANDS));
  }

  /** One call in progress. */
  private final class Sending {
    private final Call call;
    private final long endNanos;
    private final long begun;
    private @Nullable String atLeast;
    private boolean maybeDone;

    Sending(Call call) {
      this.call = call;
      Duration wait = call.options().waitUntilApplied();
      Duration time = call.options().deadline() == null ? deadline : call.options().deadline();
      endNanos =
          System.nanoTime() + (wait == null || !call.waits() ? time : time.plus(wait)).toNanos();
      begun = call.isCommand() ? positions.begin() : 0;
      if (!call.isCommand()) {
        String named = call.options().atLeast();
        atLeast = named == null ? positions.current() : named;
      }
    }

    Answer send() {
      boolean again = false;
      while (true) {
        @Nullable HttpResponse<String> response = null;
        @Nullable IOException lost = null;
        try {
          response = attempt(HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (IOException failed) {
          maybeDone |= !isNeverSent(failed);
          lost = failed;
        }
        if (response != null && response.statusCode() / 100 == 2) {
          return answer(response);
        }
        if (response != null && hasLostItsPosition(response)) {
          continue;
        }
        Duration pause = pauseBeforeRetry(response);
        if (again || pause == null || pause.toNanos() >= endNanos - System.nanoTime()) {
          throw response == null
              ? unfinished(CUT_OFF, lost)
              : failure(response, problem(response, response.body()));
        }
        again = true;
        sleep(pause);
      }
    }

    private <T> HttpResponse<T> attempt(HttpResponse.BodyHandler<T> handler) throws IOException {
      CompletableFuture<HttpResponse<T>> response = sendOnce(request(), handler);
      try {
        return response.get(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException tooLate) {
        response.cancel(true);
        throw unfinished("There was no answer before the deadline", null);
      } catch (InterruptedException interrupted) {
        response.cancel(true);
        Thread.currentThread().interrupt();
        throw unfinished("The call was interrupted", null);
      } catch (ExecutionException failed) {
        if (failed.getCause() instanceof IOException io) {
          throw io;
        }
        throw new IllegalStateException("The request could not be sent", failed.getCause());
      }
    }

    private HttpRequest request() {
      HttpRequest.Builder request =
          Transport.this.request(call.side(), call.target()).header("Accept", call.accept());
      call.headers().forEach(request::header);
      if (atLeast != null) {
        request.header(AT_LEAST, atLeast);
      }
      String body = call.body();
      if (body == null) {
        return request.method(call.method(), HttpRequest.BodyPublishers.noBody()).build();
      }
      return request
          .header("Content-Type", "application/json")
          .method(call.method(), HttpRequest.BodyPublishers.ofString(body))
          .build();
    }

    private Answer answer(HttpResponse<String> response) {
      Optional<String> position = response.headers().firstValue("Keyledger-Position");
      if (call.isCommand()) {
        position.ifPresent(token -> positions.end(begun, token));
      }
      return new Answer(response.statusCode(), response.body(), position);
    }

    /**
     * Returns whether the service has rejected the token that was added to the call; if so, forgets
     * it.
     */
    private boolean hasLostItsPosition(HttpResponse<String> response) {
      String token = atLeast;
      if (token == null
          || call.options().atLeast() != null
          || response.statusCode() != 400
          || problem(response, response.body()).code() != ProblemCode.INVALID_POSITION_TOKEN) {
        return false;
      }
      positions.forget(token);
      atLeast = null;
      return true;
    }

    /** Returns the pause before the retry; null if there is no retry. */
    private @Nullable Duration pauseBeforeRetry(@Nullable HttpResponse<String> response) {
      if (response == null) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(PAUSE.toMillis()));
      }
      if (WORTH_A_RETRY.contains(response.statusCode())
          || (response.statusCode() == 409
              && problem(response, response.body()).code() == ProblemCode.IDEMPOTENCY_IN_FLIGHT)) {
        return retryAfter(response).orElse(PAUSE);
      }
      return null;
    }

    private KeyledgerException failure(HttpResponse<?> response, Problem problem) {
      return switch (response.statusCode()) {
        case 401 -> new KeyledgerException.Unauthorized(problem);
        case 403 -> new KeyledgerException.Forbidden(problem);
        case 404 -> new KeyledgerException.NotFound(problem);
        case 409, 412 -> new KeyledgerException.Conflict(problem);
        case 429 ->
            new KeyledgerException.RateLimited(problem, retryAfter(response).orElse(Duration.ZERO));
        case 502, 503, 504 ->
            call.isCommand()
                    && (maybeDone
                        || response.statusCode() != 503
                        || problem.code() == ProblemCode.OUTCOME_UNKNOWN)
                ? new KeyledgerException.OutcomeUnknown(problem, call.idempotencyKey())
                : new KeyledgerException.Unavailable(problem);
        default ->
            response.statusCode() / 100 == 4
                ? new KeyledgerException.Invalid(problem)
                : new KeyledgerException.Unexpected(problem.toString());
      };
    }

    private KeyledgerException unfinished(String message, @Nullable IOException cause) {
      boolean sent = cause == null || maybeDone;
      return call.isCommand() && sent
          ? new KeyledgerException.OutcomeUnknown(message, call.idempotencyKey(), cause)
          : new KeyledgerException.Unavailable(message, cause);
    }

    private void sleep(Duration pause) {
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw unfinished("The call was interrupted", null);
      }
    }
  }

  private static boolean isNeverSent(IOException failed) {
    return failed instanceof ConnectException || failed instanceof HttpConnectTimeoutException;
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(text -> Duration.ofSeconds(Math.min(SECONDS_MAX, Long.parseLong(text))));
  }

  /** Returns the problem in an answer; one without a code if the answer is not the service's. */
  private static Problem problem(HttpResponse<?> response, String body) {
    boolean isProblem =
        response
            .headers()
            .firstValue("Content-Type")
            .filter(type -> type.startsWith("application/problem+json"))
            .isPresent();
    try {
      if (isProblem) {
        return Problem.of(Fields.read(body));
      }
    } catch (KeyledgerException.Unexpected unreadable) {
      // handled as any other answer that is not the service's
    }
    int status = response.statusCode();
    return new Problem(
        ProblemCode.OTHER,
        "about:blank",
        "HTTP " + status,
        status,
        "The answer is none of Keyledger's.",
        null,
        List.of());
  }
}
