package dev.keyledger.delivery.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Result;
import dev.keyledger.delivery.Attempt.Transport;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.InstantSource;
import java.util.Date;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends deliveries as mail, through the SMTP server of the operator of Keyledger. A mail has the
 * content of the CloudEvent in the body of the attempt. Each attempt has its own connection. The
 * reply of the server is the response of the receiver. Thread-safe.
 */
public final class MailSender implements Transport {
  /** The maximum length of a stored server reply. */
  public static final int REPLY_CHARACTERS_MAX = 1024;

  /** A reply: three digits, and a text. Exceptions quote it. */
  private static final Pattern REPLY =
      Pattern.compile("([2-5][0-9]{2})(?:[ -].*)?", Pattern.DOTALL);

  private static final int ACCEPTED = 250;
  private static final Logger LOG = LoggerFactory.getLogger(MailSender.class);

  private final Smtp smtp;
  private final MailAddresses addresses;
  private final Keys keys;
  private final InstantSource clock;

  /**
   * @param addresses the permitted addresses
   * @param keys reads the keys that mails are about
   */
  public MailSender(Smtp smtp, MailAddresses addresses, Keys keys, InstantSource clock) {
    this.smtp = smtp;
    this.addresses = addresses;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * The SMTP server.
   *
   * @param session its settings, with all their timeouts
   * @param user null: none
   * @param password null: none
   * @param from the sender of all mails
   */
  public record Smtp(
      Session session,
      String protocol,
      String host,
      int port,
      @Nullable String user,
      @Nullable String password,
      InternetAddress from) {
    /** Returns a text without the password. */
    @Override
    public String toString() {
      return "Smtp[" + host + "]";
    }
  }

  /** Reads keys. */
  @FunctionalInterface
  public interface Keys {
    /** Returns a key as it was at a position; null if there is none. */
    @Nullable KeyView at(KeyId keyId, String workspace, long position);
  }

  /** Sends on a virtual thread, because interrupting it closes its connection at any point. */
  @Override
  public Outcome send(Attempt attempt) {
    var outcome = new CompletableFuture<Outcome>();
    Thread sender =
        Thread.ofVirtual()
            .name("keyledger-mail")
            .start(() -> {
              try {
                outcome.complete(sent(attempt));
              } finally {
                outcome.complete(Outcome.NO_RESPONSE); // unless it is completed
              }
            });
    attempt.onCancel(() -> {
      outcome.complete(Outcome.NO_RESPONSE);
      sender.interrupt();
    });
    return outcome.join();
  }

  private Outcome sent(Attempt attempt) {
    if (!addresses.permits(attempt.address())) {
      LOG.warn(
          "Delivery {} is not sent: KEYLEDGER_MAIL_ALLOWED_DOMAINS no longer has its domain",
          attempt.deliveryId());
      return Outcome.NO_RESPONSE;
    }
    jakarta.mail.@Nullable Transport transport = null;
    try {
      MimeMessage message = message(attempt);
      transport = smtp.session.getTransport(smtp.protocol);
      transport.connect(smtp.host, smtp.port, smtp.user, smtp.password);
      transport.sendMessage(message, message.getAllRecipients());
      return outcome(Result.ACCEPTED, lastReply(transport));
    } catch (MessagingException | RuntimeException e) {
      LOG.debug("Delivery {} was not accepted: {}", attempt.deliveryId(), e.toString());
      return outcome(Result.FAILED, refusal(e, transport));
    } finally {
      close(transport);
    }
  }

  private MimeMessage message(Attempt attempt) throws MessagingException {
    JsonNode event = JsonMapper.shared().readTree(new String(attempt.body(), UTF_8));
    MailText text = MailText.of(event, keyOf(event));
    var message = new Numbered(smtp.session, attempt.deliveryId(), smtp.from);
    message.setFrom(smtp.from);
    message.setRecipient(RecipientType.TO, new InternetAddress(attempt.address(), true));
    message.setSubject(text.subject(), UTF_8.name());
    message.setSentDate(Date.from(clock.instant()));
    message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: nothing answers it
    message.setContent(
        new MimeMultipart("alternative", part(text.plain(), "plain"), part(text.html(), "html")));
    message.saveChanges();
    return message;
  }

  private @Nullable KeyView keyOf(JsonNode event) {
    JsonNode data = event.path("data");
    return data.has("keyId")
        ? keys.at(
            new KeyId(data.path("keyId").asString()),
            event.path("workspace").asString(),
            data.path("position").asLong())
        : null;
  }

  private static MimeBodyPart part(String text, String subtype) throws MessagingException {
    var part = new MimeBodyPart();
    part.setText(text, UTF_8.name(), subtype);
    return part;
  }

  /** A message with the id of the delivery, which all attempts share. */
  private static final class Numbered extends MimeMessage {
    private final String id;

    Numbered(Session session, String deliveryId, InternetAddress from) {
      super(session);
      String address = from.getAddress();
      id = "<" + deliveryId + address.substring(address.indexOf('@')) + ">";
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }

  private static Outcome outcome(Result result, @Nullable Matcher reply) {
    if (reply == null) {
      return result == Result.FAILED
          ? Outcome.NO_RESPONSE
          : new Outcome(result, ACCEPTED, "", null);
    }
    String text = reply.group().strip();
    return new Outcome(
        result,
        Integer.valueOf(reply.group(1)),
        text.substring(0, Math.min(REPLY_CHARACTERS_MAX, text.length())),
        null);
  }

  /** Returns the reply that refused a mail, from the innermost exceptions; null: none. */
  private static @Nullable Matcher refusal(Exception failure, jakarta.mail.@Nullable Transport by) {
    Matcher found = null;
    for (@Nullable Exception cause = failure;
        cause instanceof MessagingException messaging;
        cause = messaging.getNextException()) {
      Matcher quoted = replyIn(cause.getMessage());
      found = quoted == null ? found : quoted;
    }
    if (found != null || by == null) {
      return found;
    }
    Matcher last = lastReply(by);
    return last == null || last.group().startsWith("2") || last.group().startsWith("3")
        ? null
        : last;
  }

  private static @Nullable Matcher lastReply(jakarta.mail.Transport transport) {
    return transport instanceof SMTPTransport known ? replyIn(known.getLastServerResponse()) : null;
  }

  private static @Nullable Matcher replyIn(@Nullable String text) {
    Matcher reply = REPLY.matcher(String.valueOf(text));
    return reply.matches() ? reply : null;
  }

  /** Closes a connection. If that fails, a mail that was accepted stays accepted. */
  private static void close(jakarta.mail.@Nullable Transport transport) {
    try {
      if (transport != null) {
        transport.close();
      }
    } catch (MessagingException e) {
      LOG.debug("The connection to the SMTP server was not closed properly: {}", e.toString());
    }
  }
}
