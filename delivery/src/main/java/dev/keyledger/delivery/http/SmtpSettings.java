package dev.keyledger.delivery.http;

import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.mail.MailSender.Smtp;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.Properties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** Reads Spring Boot's settings of mail, {@code spring.mail.*}. */
final class SmtpSettings {
  private static final String FROM = "mail.from";
  private static final String DEFAULT_FROM = "keyledger@localhost";
  private static final String DEFAULT_PROTOCOL = "smtp";

  private SmtpSettings() {}

  /**
   * Returns the SMTP server of the settings. Every wait for it has a time limit.
   *
   * @throws InvalidConfigurationPropertyValueException if the sender is not a single address
   */
  static Smtp of(JavaMailSenderImpl settings, String host) {
    String protocol = settings.getProtocol() == null ? DEFAULT_PROTOCOL : settings.getProtocol();
    var properties = new Properties();
    for (String wait : new String[] {"connectiontimeout", "timeout", "writetimeout"}) {
      properties.setProperty(
          "mail." + protocol + "." + wait, Long.toString(Attempt.TIME_MAX.toMillis()));
    }
    properties.putAll(settings.getJavaMailProperties());
    return new Smtp(
        Session.getInstance(properties),
        protocol,
        host,
        settings.getPort(),
        settings.getUsername(),
        settings.getPassword(),
        from(properties.getProperty(FROM, DEFAULT_FROM)));
  }

  private static InternetAddress from(String text) {
    try {
      var from = new InternetAddress(text.strip(), true);
      if (from.getAddress().indexOf('@') > 0) {
        return from;
      }
    } catch (AddressException unreadable) {
      // falls through to the one refusal, which does not quote the text
    }
    throw new InvalidConfigurationPropertyValueException(
        "spring.mail.properties." + FROM, null, "must be one address");
  }
}
