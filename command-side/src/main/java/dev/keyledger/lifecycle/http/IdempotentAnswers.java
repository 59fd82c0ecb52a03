package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.KeyAnswers;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.lifecycle.idempotency.AnswerSeal;
import dev.keyledger.lifecycle.idempotency.KeptAnswer;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.lifecycle.idempotency.RequestsInFlight;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogReader;
import dev.keyledger.verification.secret.KeySecret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * Answers commands, and answers a repeated one as it was answered first. First and repeated answers
 * are built by the same code from the same things, so that they cannot differ. Thread-safe.
 */
final class IdempotentAnswers {
  /** The header of an answer that was given before. */
  static final String REPLAYED_HEADER = "Idempotent-Replayed";

  /**
   * How often a request is carried out anew because the record that it collided with was gone when
   * it was looked for: it had just become too old to count.
   */
  private static final int ATTEMPTS_MAX = 2;

  private final AnswerSeal seal;
  private final RequestsInFlight inFlight;
  private final AnswerRecords records;
  private final LogReader log;
  private final KeyAnswers answers;
  private final InstantSource clock;

  IdempotentAnswers(
      AnswerSeal seal,
      RequestsInFlight inFlight,
      AnswerRecords records,
      LogReader log,
      KeyAnswers answers,
      InstantSource clock) {
    this.seal = seal;
    this.inFlight = inFlight;
    this.records = records;
    this.log = log;
    this.answers = answers;
    this.clock = clock;
  }

  /** Carries a command out, the append of which keeps what the answer is rebuilt from. */
  interface Work {
    ResponseEntity<?> carryOut(Keeping keeping);
  }

  /** What an append is to keep of an answer: nothing if the request carries no Idempotency-Key. */
  interface Keeping {
    List<AnswerRecord> keep(KeptAnswer answer);
  }

  /**
   * The first answer to the request, or that answer again.
   *
   * @param requireTarget throws if what the request names does not exist: that is told before
   *     anything about its Idempotency-Key
   */
  ResponseEntity<?> once(ApiCall call, Caller caller, Runnable requireTarget, Work work) {
    String idempotencyKey = call.idempotencyKey();
    if (idempotencyKey == null) {
      return work.carryOut(_ -> List.of());
    }
    RepeatableRequest request = seal.request(caller, idempotencyKey, call.commandParts());
    return switch (inFlight.enter(request)) {
      case RequestsInFlight.Place place -> {
        try (place) {
          yield replay(request, requireTarget)
              .orElseGet(() -> carryOut(request, requireTarget, work));
        }
      }
      case RequestsInFlight.Taken taken -> {
        requireTarget.run();
        throw taken.same() ? stillRunning() : reused();
      }
    };
  }

  private ResponseEntity<?> carryOut(RepeatableRequest request, Runnable requireTarget, Work work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.carryOut(request::keep);
      } catch (ProblemException | AppendConflictException refused) {
        // A twin on another node may have been faster: what is refused now was done by it.
        Optional<ResponseEntity<?>> first = replay(request, requireTarget);
        if (first.isPresent()) {
          return first.get();
        }
        boolean mayTryAgain = isIdempotencyConflict(refused) && attempt < ATTEMPTS_MAX;
        if (!mayTryAgain) {
          throw isIdempotencyConflict(refused) ? stillRunning() : refused;
        }
      }
    }
  }

  private static boolean isIdempotencyConflict(RuntimeException refused) {
    return refused instanceof AppendConflictException conflict
        && conflict.kind() == AppendConflictException.Kind.IDEMPOTENCY;
  }

  private Optional<ResponseEntity<?>> replay(RepeatableRequest request, Runnable requireTarget) {
    Optional<AnswerRecords.Kept> found = records.find(request.names());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    AnswerRecords.Kept kept = found.get();
    if (!request.isAnsweredBy(kept)) {
      requireTarget.run();
      throw reused();
    }
    return Optional.of(
        switch (request.open(kept)) {
          case KeptAnswer.OfKey key -> replayed(key, kept.position());
          case KeptAnswer.OfBatch batch -> answer(batch, kept.position(), true);
          case KeptAnswer.OfWorkspace workspace -> replayed(workspace, kept.position());
        });
  }

  private ResponseEntity<?> replayed(KeptAnswer.OfKey kept, long position) {
    KeyView then = null;
    KeyView now = null;
    for (var event : log.readStream(StreamId.of(kept.keyId()))) {
      now = KeyView.after(now, event);
      then = event.position() <= position ? now : then;
    }
    if (then == null || now == null) {
      throw new IllegalStateException("an answer was kept of a key that the log does not hold");
    }
    return answer(kept, then, isAlive(then.facts().secrets().generation(), now), true);
  }

  private ResponseEntity<?> replayed(KeptAnswer.OfWorkspace kept, long position) {
    WorkspaceView then =
        WorkspaceView.fold(
            kept.workspace(),
            log.readStream(StreamId.ofWorkspace(kept.workspace())).stream()
                .filter(event -> event.position() <= position)
                .toList());
    if (then == null) {
      throw new IllegalStateException("an answer was kept of a workspace that the log lacks");
    }
    return answer(kept, then, true);
  }

  /** Whether the secret of that generation may still be good for anything. */
  private boolean isAlive(int generation, KeyView now) {
    Secrets secrets = now.facts().secrets();
    boolean overlapping =
        secrets.generation() == generation + 1 && secrets.previousAliveAt(clock.instant()) != null;
    return !(now.state() instanceof KeyState.Revoked)
        && (secrets.generation() == generation || overlapping);
  }

  /** The first answer to a command about one key, which stands as the log holds it. */
  ResponseEntity<?> answer(KeptAnswer.OfKey told, KeyView key) {
    return answer(told, key, true, false);
  }

  private ResponseEntity<?> answer(
      KeptAnswer.OfKey told, KeyView key, boolean withSecret, boolean replayed) {
    boolean created = told.status() == HttpStatus.CREATED.value();
    ResponseEntity.BodyBuilder answer =
        created
            ? ResponseEntity.created(URI.create("/v1/keys/" + key.keyId()))
            : ResponseEntity.status(told.status());
    answers.to(key, answer);
    if (created || told.secret() != null) {
      answer.cacheControl(CacheControl.noStore());
    }
    // As bytes, of which the container knows the number: one packet instead of two.
    return marked(answer, replayed)
        .contentType(MediaType.APPLICATION_JSON)
        .body(
            StrictJson.MAPPER.writeValueAsBytes(
                resource(key, told.at(), withSecret ? told.secret() : null)));
  }

  /** The first answer to a command about a workspace, which stands as the log holds it. */
  ResponseEntity<?> answer(KeptAnswer.OfWorkspace told, WorkspaceView workspace) {
    return answer(told, workspace, false);
  }

  private ResponseEntity<?> answer(
      KeptAnswer.OfWorkspace told, WorkspaceView workspace, boolean replayed) {
    ResponseEntity.BodyBuilder answer =
        told.status() == HttpStatus.CREATED.value()
            ? ResponseEntity.created(URI.create("/v1/workspaces/" + workspace.workspace()))
            : ResponseEntity.status(told.status());
    return marked(answers.at(workspace.position(), answer), replayed)
        .eTag("\"" + workspace.version() + "\"")
        .body(WorkspaceResource.of(workspace));
  }

  /** The first answer to a command about many keys, at that position. */
  ResponseEntity<?> answer(KeptAnswer.OfBatch told, long position) {
    return answer(told, position, false);
  }

  private ResponseEntity<?> answer(KeptAnswer.OfBatch told, long position, boolean replayed) {
    return marked(answers.at(position, ResponseEntity.ok()), replayed)
        .contentType(MediaType.APPLICATION_JSON)
        .body(told.json().getBytes(StandardCharsets.UTF_8));
  }

  private static ResponseEntity.BodyBuilder marked(
      ResponseEntity.BodyBuilder answer, boolean replayed) {
    return replayed ? answer.header(REPLAYED_HEADER, "true") : answer;
  }

  private static Object resource(KeyView key, Instant at, @Nullable KeySecret secret) {
    KeyResource resource = KeyResource.of(key, at);
    return secret == null
        ? resource
        : new KeyResource.WithSecret(resource, secret.revealToItsCaller());
  }

  private static ProblemException stillRunning() {
    return new ProblemException(
        ProblemCode.IDEMPOTENCY_IN_FLIGHT, "The first of these requests has no answer yet.");
  }

  private static ProblemException reused() {
    return new ProblemException(
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        "The same Idempotency-Key came with another method, path, body or If-Match.");
  }
}
