package dev.keyledger.lifecycle.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.keyledger.events.Actor;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.verification.secret.KeySecret;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Handles the reports of GitHub's secret scanning, which GitHub signs. They have the effects of
 * other leak reports, and are answered on the same tick.
 */
@RestController
@RequestMapping(path = "/v1/leaks/github", produces = MediaType.APPLICATION_JSON_VALUE)
class GitHubLeakController {
  private static final String REASON = "Found by GitHub secret scanning";

  private final PresentedSecrets secrets;
  private final TimingSafeAnswers answers;
  private final GitHubKeys keys;
  private final boolean labels;

  GitHubLeakController(
      PresentedSecrets secrets,
      TimingSafeAnswers answers,
      GitHubKeys keys,
      GitHubProperties properties) {
    this.secrets = secrets;
    this.answers = answers;
    this.keys = keys;
    this.labels = properties.labels();
  }

  /**
   * A match that GitHub reports.
   *
   * @param token the found text, as GitHub sent it
   * @param secret the same, stripped of white space
   * @param type GitHub's name for this kind of secret
   */
  private record Match(KeySecret token, KeySecret secret, String type) {
    static Match of(String token, String type) {
      return new Match(KeySecret.of(token), KeySecret.of(token.strip()), type);
    }
  }

  /**
   * The feedback to GitHub about a match.
   *
   * @param tokenRaw the found text, as GitHub sent it
   */
  record Label(
      @JsonProperty("token_raw") String tokenRaw,
      @JsonProperty("token_type") String tokenType,
      String label) {}

  @PostMapping
  @Needs(Needs.NOTHING)
  DeferredResult<ResponseEntity<List<Label>>> report(ApiCall call) {
    byte[] body = call.jsonBody();
    requireSignature(call, body);
    Actor actor = call.identify();
    var _ = call.allowQuery();
    List<Match> matches = matchesOf(body);
    call.awaitAtLeast();
    if (!matches.isEmpty()) {
      call.countSecrets(secrets.countOf(matches.size(), null));
    }
    var origin = new CommandOrigin(actor, call.requestId(), call.context(REASON));
    return answers.answer(
        call.source(),
        () -> {
          List<KeySecret> known =
              secrets.reportLeaks(matches.stream().map(Match::secret).toList(), origin);
          return ResponseEntity.ok()
              .cacheControl(CacheControl.noStore())
              .body(labels ? labelsOf(matches, known) : List.of());
        });
  }

  private void requireSignature(ApiCall call, byte[] body) {
    String identifier = call.header("Github-Public-Key-Identifier");
    String signature = call.header("Github-Public-Key-Signature");
    if (identifier == null || signature == null || !keys.signed(identifier, signature, body)) {
      throw call.unauthorized();
    }
  }

  private static List<Match> matchesOf(byte[] body) {
    var matches = new ArrayList<Match>();
    try {
      JsonNode array = StrictJson.MAPPER.readTree(body);
      if (!array.isArray()) {
        throw new ProblemException(ProblemCode.BAD_REQUEST, "The body must be a JSON array.");
      }
      for (JsonNode match : array) {
        JsonNode token = match.path("token");
        if (!token.isString()) {
          throw ProblemException.unreadable("[" + matches.size() + "].token", "must be a string");
        }
        matches.add(Match.of(token.asString(), match.path("type").asString("")));
      }
    } catch (JacksonException malformed) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body is not JSON.");
    }
    var fields = new Fields();
    if (matches.size() > LeakController.SECRETS_MAX) {
      fields.wrong("body", "must have at most " + LeakController.SECRETS_MAX + " entries");
    }
    fields.requireValid();
    return matches;
  }

  private static List<Label> labelsOf(List<Match> matches, List<KeySecret> known) {
    return matches.stream()
        .map(match ->
            new Label(
                match.token.revealToItsCaller(),
                match.type,
                known.contains(match.secret) ? "true_positive" : "false_positive"))
        .toList();
  }
}
