package dev.keyledger.delivery.mail;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Result;
import dev.keyledger.delivery.mail.MailSender.Smtp;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WebhookKind;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mails to a real SMTP server, and to servers that refuse or hang. */
@Timeout(60)
class MailSenderTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
  private static final String KEY = "key_01k00000000000000000000000";
  private static final String TO = "ops@example.com";
  private static final GreenMail SERVER =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

  @BeforeAll
  static void start() {
    SERVER.start();
  }

  @AfterAll
  static void end() {
    SERVER.stop();
  }

  @BeforeEach
  void empty() throws Exception {
    SERVER.purgeEmailFromAllMailboxes();
  }

  @Test
  void aReminderSaysWhatExpiresWhenAndHowToRenewIt() throws Exception {
    Outcome outcome =
        sender(SERVER.getSmtp().getPort(), "Nightly export")
            .send(attempt(approaching("P6DT23H59M59S")));
    assertThat(outcome.result()).isEqualTo(Result.ACCEPTED);
    assertThat(outcome.status()).isEqualTo(250);
    assertThat(outcome.body()).startsWith("250");

    MimeMessage mail = received();
    assertThat(mail.getSubject()).isEqualTo("API key \"Nightly export\" expires in 7 days");
    assertThat(mail.getFrom()).containsExactly(new InternetAddress("keys@example.com"));
    assertThat(mail.getAllRecipients()).containsExactly(new InternetAddress(TO));
    assertThat(mail.getHeader("Message-ID")).containsExactly("<dlv_1@example.com>");
    assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
    assertThat(mail.getSentDate()).isEqualTo(NOW);
    assertThat(mail.getContentType()).startsWith("multipart/alternative");
    String plain = part(mail, 0, "text/plain");
    assertThat(plain)
        .startsWith("The API key \"Nightly export\" expires in 7 days.\r\n")
        .contains("8 June 2026, 00:00:00 UTC", KEY, "app:billing", "default")
        .contains("https://keys.example.com/my-key/?keyId=" + KEY)
        .doesNotContain("POST", "{", "}");
    assertThat(part(mail, 1, "text/html"))
        .contains("API key &quot;Nightly export&quot;", "8 June 2026, 00:00:00 UTC", KEY)
        .contains("href=\"https://keys.example.com/my-key/?keyId=" + KEY + "\"")
        .doesNotContain("{", "}");
  }

  @Test
  void withoutAPublicUrlAMailSaysByWhichRequestToRenew() throws Exception {
    sender(SERVER.getSmtp().getPort(), "n")
        .send(attempt(approaching("PT45M").replaceFirst(",\"renewUrl\":\"[^\"]*\"", "")));
    MimeMessage mail = received();
    assertThat(mail.getSubject()).isEqualTo("API key \"n\" expires in 45 minutes");
    for (int part : new int[] {0, 1}) {
      assertThat(part(mail, part, "text/"))
          .contains("POST /v1/self/renew", "POST /v1/keys/" + KEY + "/renew")
          .doesNotContain("https:");
    }
  }

  @Test
  void aMailAboutAnExpiryHasTheEndOfTheTimeForRenewals() throws Exception {
    sender(SERVER.getSmtp().getPort(), "n")
        .send(attempt(event("KeyExpired", "{\"expiresAt\":\"2026-06-08T00:00:00Z\"}", "")));
    MimeMessage mail = received();
    assertThat(mail.getSubject()).isEqualTo("API key \"n\" has expired");
    assertThat(part(mail, 0, "text/plain"))
        .contains("has expired", "8 June 2026, 00:00:00 UTC")
        .contains("It can be renewed until 8 July 2026, 00:00:00 UTC.");
  }

  @Test
  void mailsAboutOtherEventsHaveTheirFields() throws Exception {
    sender(SERVER.getSmtp().getPort(), "n")
        .send(
            attempt(event("KeyRevoked", "{\"reason\":\"leaked\",\"x\":{\"y\":[\"a\\nb\"]}}", "")));
    MimeMessage mail = received();
    assertThat(mail.getSubject()).isEqualTo("KeyRevoked: API key \"n\"");
    assertThat(part(mail, 0, "text/plain"))
        .contains("By:         operator:key_o", "reason: leaked\r\nx: {\"y\":[\"a\\nb\"]}\r\n");

    SERVER.purgeEmailFromAllMailboxes();
    sender(SERVER.getSmtp().getPort(), "n")
        .send(
            attempt(
                "{\"type\":\"dev.keyledger.WebhookTest\",\"workspace\":\"acme\",\"time\":\"2026-06-01T00:00:00Z\","
                    + "\"data\":{\"type\":\"WebhookTest\"}}"));
    assertThat(received().getSubject()).isEqualTo("Test of a webhook of workspace acme");
  }

  @Test
  void namesEndNeitherAHeaderNorATagNorALine() throws Exception {
    String name =
        "</title><img src=x onerror='a'>\r\nBcc: x@example.net\u2028{renewUrl} & \"\u00fc\"";
    sender(SERVER.getSmtp().getPort(), name).send(attempt(approaching("PT1H")));
    MimeMessage mail = received();
    assertThat(mail.getHeader("Bcc")).isNull();
    assertThat(mail.getAllRecipients()).hasSize(1);
    assertThat(mail.getSubject()).contains("  Bcc: x@example.net {renewUrl} & \"\u00fc\"");
    assertThat(part(mail, 0, "text/plain").lines().findFirst().orElseThrow())
        .contains("Bcc: x@example.net {renewUrl} & \"\u00fc\"")
        .endsWith("expires in 60 minutes.");
    assertThat(part(mail, 1, "text/html"))
        .contains("&lt;/title&gt;&lt;img src=x onerror=&#39;a&#39;&gt;", "&amp; &quot;\u00fc&quot;")
        .doesNotContain("<img", "onerror='");
  }

  @Test
  void allAttemptsHaveTheSameMessageId() throws Exception {
    var sender = sender(SERVER.getSmtp().getPort(), "n");
    sender.send(attempt(approaching("PT1H")));
    sender.send(attempt(approaching("PT1H")));
    assertThat(SERVER.getReceivedMessages())
        .extracting(MimeMessage::getMessageID)
        .containsExactly("<dlv_1@example.com>", "<dlv_1@example.com>");
  }

  @Test
  void aDomainThatIsNoLongerListedGetsNothing() {
    var attempt =
        new Attempt(
            "dlv_1",
            WebhookKind.EMAIL,
            "ops@example.net",
            List.of(),
            approaching("PT1H").getBytes(UTF_8));
    assertThat(sender(SERVER.getSmtp().getPort(), "n").send(attempt))
        .isEqualTo(Outcome.NO_RESPONSE);
    assertThat(SERVER.getReceivedMessages()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "220,554 5.7.1 go away",
    "MAIL,550 5.7.1 sender denied",
    "RCPT,450 4.2.0 greylisted",
    "RCPT,550 5.1.1 no such mailbox",
    "DATA,452 4.3.1 out of storage",
    ".,554 5.6.0 spam"
  })
  void aRefusalIsAFailureWithTheReplyOfTheServer(String at, String reply) throws Exception {
    try (var server = new RefusingServer(Map.of(at, reply))) {
      Outcome outcome = sender(server.port(), "n").send(attempt(approaching("PT1H")));
      assertThat(outcome.result()).isEqualTo(Result.FAILED);
      assertThat(outcome.status()).isEqualTo(Integer.parseInt(reply.substring(0, 3)));
      assertThat(outcome.body()).isEqualTo(reply);
    }
  }

  @Test
  void ofALongReplyTheBeginningIsKept() throws Exception {
    try (var server = new RefusingServer(Map.of("RCPT", "550 " + "x".repeat(5000)))) {
      assertThat(sender(server.port(), "n").send(attempt(approaching("PT1H"))).body())
          .hasSize(MailSender.REPLY_CHARACTERS_MAX);
    }
  }

  @Test
  void anAcceptedMailStaysAcceptedHoweverTheServerCloses() throws Exception {
    try (var server = new RefusingServer(Map.of("QUIT", ""))) {
      assertThat(sender(server.port(), "n").send(attempt(approaching("PT1H"))).result())
          .isEqualTo(Result.ACCEPTED);
    }
  }

  @Test
  void aServerThatCannotBeReachedIsNoResponse() throws Exception {
    int unused;
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      unused = socket.getLocalPort();
    }
    assertThat(sender(unused, "n").send(attempt(approaching("PT1H"))))
        .isEqualTo(Outcome.NO_RESPONSE);
  }

  @Test
  void aServerThatHangsIsCutOffWhenTheAttemptIsCancelled() throws Exception {
    try (var server = new RefusingServer(Map.of("RCPT", "hang"))) {
      Attempt attempt = attempt(approaching("PT1H"));
      var outcome = CompletableFuture.supplyAsync(() -> sender(server.port(), "n").send(attempt));
      server.reached.get(10, TimeUnit.SECONDS);
      attempt.cancel();
      assertThat(outcome.get(5, TimeUnit.SECONDS)).isEqualTo(Outcome.NO_RESPONSE);
      assertThat(server.closed.get(10, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S,0 seconds",
    "PT1S,1 second",
    "PT1M59S,119 seconds",
    "PT2M,2 minutes",
    "PT1H29M,89 minutes",
    "PT1H31M,2 hours",
    "P1D,24 hours",
    "PT35H,35 hours",
    "P2D,2 days",
    "P29DT23H59M59S,30 days",
    "P3650D,3650 days"
  })
  void durationsAreWrittenInWords(Duration duration, String words) {
    assertThat(MailText.words(duration)).isEqualTo(words);
  }

  private static MailSender sender(int port, String name) {
    var addresses = new MailAddresses(true, List.of("example.com"));
    return new MailSender(smtp(port), addresses, (_, _, _) -> key(name), InstantSource.fixed(NOW));
  }

  private static Smtp smtp(int port) {
    try {
      var from = new InternetAddress("Keyledger <keys@example.com>");
      var session = Session.getInstance(new Properties());
      return new Smtp(session, "smtp", "127.0.0.1", port, null, null, from);
    } catch (MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Attempt attempt(String event) {
    return new Attempt("dlv_1", WebhookKind.EMAIL, TO, List.of(), event.getBytes(UTF_8));
  }

  private static String approaching(String expiresIn) {
    return event(
        "ExpiryApproaching",
        "{\"offset\":\"P7D\",\"expiresAt\":\"2026-06-08T00:00:00Z\"}",
        ",\"expiresIn\":\"%s\",\"renewUrl\":\"https://keys.example.com/my-key/?keyId=%s\""
            .formatted(expiresIn, KEY));
  }

  private static String event(String type, String data, String more) {
    return """
    {"specversion":"1.0","type":"dev.keyledger.%1$s","workspace":"default","time":"2026-06-01T00:00:00Z",
     "data":{"position":7,"type":"%1$s","keyId":"%2$s","owner":{"type":"app","id":"billing"},
     "actor":{"type":"operator","id":"key_o"},"data":%3$s%4$s}}
    """
        .formatted(type, KEY, data, more);
  }

  private static KeyView key(String name) {
    var issued =
        new KeyIssued(
            name,
            new Owner(OwnerType.APP, "billing"),
            Environment.LIVE,
            new StoredSecret(new Digest(1, 2, 3, 4), 1, null),
            List.of(),
            null,
            Instant.parse("2026-06-08T00:00:00Z"),
            Instant.parse("2026-07-08T00:00:00Z"),
            List.of(),
            List.of(),
            Map.of());
    return KeyView.after(
        null,
        new LoggedEvent(
            1,
            StreamId.of(new KeyId(KEY)),
            0,
            "default",
            NOW,
            Actor.ROOT,
            "request",
            issued,
            EventContext.NONE));
  }

  private static MimeMessage received() {
    assertThat(SERVER.waitForIncomingEmail(10_000, 1)).isTrue();
    return SERVER.getReceivedMessages()[0];
  }

  private static String part(MimeMessage mail, int number, String type) throws Exception {
    var part = ((MimeMultipart) mail.getContent()).getBodyPart(number);
    assertThat(part.getContentType()).startsWith(type);
    return (String) part.getContent();
  }

  /** An SMTP server with fixed replies to some commands; "hang" is no reply. */
  private static final class RefusingServer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    private final Map<String, String> replies;
    final CompletableFuture<Void> reached = new CompletableFuture<>();
    final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    RefusingServer(Map<String, String> replies) throws IOException {
      this.replies = replies;
      Thread.ofVirtual()
          .start(() -> {
            try (Socket connection = socket.accept()) {
              serve(connection);
            } catch (IOException gone) {
              closed.complete(true);
            }
          });
    }

    private void serve(Socket connection) throws IOException {
      var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII));
      reply(connection, "220", "220 ready");
      boolean inData = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String command = line.split("[ :]", 2)[0];
        if (inData && !line.equals(".")) {
          continue;
        }
        if (command.equals("QUIT") && replies.containsKey("QUIT")) {
          return;
        }
        inData = command.equals("DATA") && !replies.containsKey("DATA");
        reply(connection, command, inData ? "354 go on" : "250 ok");
      }
      closed.complete(true);
    }

    private void reply(Socket connection, String command, String usual) throws IOException {
      String reply = replies.getOrDefault(command, usual);
      if (reply.equals("hang")) {
        reached.complete(null);
      } else {
        connection.getOutputStream().write((reply + "\r\n").getBytes(US_ASCII));
      }
    }

    int port() {
      return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
