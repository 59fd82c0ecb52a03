package dev.keyledger.cli;

import dev.keyledger.cli.Output.Column;
import dev.keyledger.cli.Output.View;
import dev.keyledger.client.Check;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.Self.Identity;
import dev.keyledger.conditions.Permission;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = {
      "Checks the connection, TLS, the clock, the service, the credential, staleness and versions.",
      "The exit code is 1 if there is a problem."
    })
final class DoctorCommand implements Callable<Integer> {
  /**
   * The maximum difference between the clocks. A time in a response's head is precise to the
   * second.
   */
  static final Duration SKEW_MAX = Duration.ofSeconds(2);

  /** The maximum age of the node's data. */
  static final Duration STALENESS_MAX = Duration.ofSeconds(5);

  /** The time before an expiry from which a credential or certificate gets a warning. */
  static final Duration EXPIRES_SOON = Duration.ofDays(14);

  private static final String DOCUMENT = "/v3/api-docs";
  private static final String READINESS = "/actuator/health/readiness";
  private static final Pattern VERSION =
      Pattern.compile("\"info\"\\s*:\\s*\\{[^{}]*?\"version\"\\s*:\\s*\"([^\"]+)\"");

  private static final View<Finding> FINDING =
      new View<>(
          List.of(
              new Column<>("CHECK", Finding::check),
              new Column<>("OUTCOME", Finding::outcome),
              new Column<>("DETAIL", Finding::detail)),
          List.of(),
          Json::fields);

  private final Session session;
  private final List<Finding> findings = new ArrayList<>();

  DoctorCommand(Session session) {
    this.session = session;
  }

  /** The outcome of one diagnostic check. */
  enum Outcome {
    OK,
    WARNING,
    PROBLEM,
    NOT_CHECKED
  }

  /** A finding of one diagnostic check. */
  record Finding(String check, Outcome outcome, String detail) {}

  @Override
  public Integer call() throws InterruptedException {
    Target target = session.target();
    HttpResponse<String> document = connect(target);
    if (document != null) {
      findings.add(encryption(target, document.sslSession().orElse(null), now()));
      Instant date = date(document);
      findings.add(clock(date, now()));
      readiness(target);
      credential(target);
      staleness(target);
      findings.add(versions(version(), versionIn(document.body())));
    }
    session.output().list(findings.stream(), FINDING);
    boolean problem = findings.stream().anyMatch(one -> one.outcome == Outcome.PROBLEM);
    return document == null
        ? ExitCode.UNAVAILABLE.number()
        : (problem ? ExitCode.NO : ExitCode.DONE).number();
  }

  private Instant now() {
    return session.surroundings().clock().instant();
  }

  private void add(String check, Outcome outcome, String detail) {
    findings.add(new Finding(check, outcome, detail));
  }

  /** Returns the document of the interface, which needs no credential; null if it is absent. */
  private @Nullable HttpResponse<String> connect(Target target) throws InterruptedException {
    try {
      HttpResponse<String> response = get(target, DOCUMENT);
      if (versionIn(response.body()) == null) {
        add("connection", Outcome.PROBLEM, target.url() + " answers, but is no Keyledger");
        return null;
      }
      add("connection", Outcome.OK, target.url());
      return response;
    } catch (SSLException e) {
      add("connection", Outcome.OK, target.url());
      add("TLS", Outcome.PROBLEM, "no certificate that this Java trusts: " + e.getMessage());
    } catch (IOException e) {
      add("connection", Outcome.PROBLEM, "%s: %s".formatted(target.url(), reason(e)));
    }
    return null;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private HttpResponse<String> get(Target target, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(target.url() + path)).timeout(session.timeout()).build();
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(session.timeout())
            .build()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  static Finding encryption(Target target, @Nullable SSLSession session, Instant now) {
    if (session == null) {
      return target.isLocal()
          ? new Finding("TLS", Outcome.OK, "none, and none is needed on this machine")
          : new Finding("TLS", Outcome.PROBLEM, "none: whoever is in between can read secrets");
    }
    try {
      Instant end = ((X509Certificate) session.getPeerCertificates()[0]).getNotAfter().toInstant();
      return new Finding(
          "TLS",
          isSoon(end, now) ? Outcome.WARNING : Outcome.OK,
          "%s; the certificate is valid until %s"
              .formatted(session.getProtocol(), Output.text(end)));
    } catch (SSLPeerUnverifiedException e) {
      return new Finding("TLS", Outcome.PROBLEM, String.valueOf(e.getMessage()));
    }
  }

  static boolean isSoon(Instant end, Instant now) {
    return end.isBefore(now.plus(EXPIRES_SOON));
  }

  private static @Nullable Instant date(HttpResponse<?> response) {
    try {
      return response
          .headers()
          .firstValue("Date")
          .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)))
          .orElse(null);
    } catch (DateTimeException _) {
      return null;
    }
  }

  static Finding clock(@Nullable Instant service, Instant here) {
    if (service == null) {
      return new Finding("clock", Outcome.NOT_CHECKED, "the service does not say what time it is");
    }
    Duration ahead = Duration.between(service, here);
    boolean apart = ahead.abs().compareTo(SKEW_MAX) > 0;
    return new Finding(
        "clock",
        apart ? Outcome.PROBLEM : Outcome.OK,
        apart
            ? "this machine is %d s %s the service: set its clock"
                .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of")
            : "within %d s of the service".formatted(SKEW_MAX.toSeconds()));
  }

  private void readiness(Target target) throws InterruptedException {
    try {
      int status = get(target, READINESS).statusCode();
      switch (status) {
        case 200 -> add("service", Outcome.OK, "ready");
        case 503 -> add("service", Outcome.PROBLEM, "not ready: see its log, or " + READINESS);
        default -> add("service", Outcome.NOT_CHECKED, READINESS + " is not shown here");
      }
    } catch (IOException e) {
      add("service", Outcome.PROBLEM, reason(e));
    }
  }

  private void credential(Target target) {
    try {
      findings.add(credential(session.keyledger(target).self().read(), now()));
    } catch (RefusedException | KeyledgerException failed) {
      add("credential", Outcome.PROBLEM, String.valueOf(failed.getMessage()));
    }
  }

  static Finding credential(Identity identity, Instant now) {
    var key = identity.key();
    if (key == null) {
      return new Finding(
          "credential",
          Outcome.WARNING,
          "the root key, in workspace %s: better use an operator key, which init makes"
              .formatted(identity.workspace()));
    }
    List<String> own =
        identity.permissions().stream()
            .filter(permission -> new Permission(permission).isKeyledgers())
            .toList();
    Instant end = key.expiresAt();
    return new Finding(
        "credential",
        own.isEmpty()
            ? Outcome.PROBLEM
            : end != null && isSoon(end, now) ? Outcome.WARNING : Outcome.OK,
        "%s in workspace %s, %s; %s"
            .formatted(
                key.keyId(),
                identity.workspace(),
                end == null ? "never expires" : "expires " + Output.text(end),
                own.isEmpty() ? "no permission of Keyledger's own" : String.join(" ", own)));
  }

  private void staleness(Target target) throws InterruptedException {
    try {
      Keyledger keyledger = session.keyledger(target);
      Instant asOf = keyledger.checks().verify(Check.of("keyledger-doctor")).asOf();
      findings.add(staleness(asOf, date(get(target, READINESS))));
    } catch (KeyledgerException.Forbidden _) {
      add("staleness", Outcome.NOT_CHECKED, "the credential lacks keyledger:verify");
    } catch (RefusedException | KeyledgerException | IOException failed) {
      add("staleness", Outcome.NOT_CHECKED, String.valueOf(failed.getMessage()));
    }
  }

  static Finding staleness(Instant asOf, @Nullable Instant service) {
    if (service == null) {
      return new Finding("staleness", Outcome.NOT_CHECKED, "as of " + Output.text(asOf));
    }
    Duration age = Duration.between(asOf, service);
    boolean stale = age.compareTo(STALENESS_MAX) > 0;
    return new Finding(
        "staleness",
        stale ? Outcome.PROBLEM : Outcome.OK,
        "the node knows the log up to %s"
            .formatted(stale ? age.toSeconds() + " s ago" : Output.text(asOf)));
  }

  private static String version() {
    return Objects.requireNonNullElse(
        DoctorCommand.class.getPackage().getImplementationVersion(), "(not packaged)");
  }

  static @Nullable String versionIn(String document) {
    Matcher version = VERSION.matcher(document);
    return version.find() ? version.group(1) : null;
  }

  static Finding versions(String here, @Nullable String service) {
    return new Finding(
        "versions",
        here.equals(service) ? Outcome.OK : Outcome.WARNING,
        "command line %s, service %s".formatted(here, service));
  }
}
