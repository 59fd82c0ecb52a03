package dev.keyledger.delivery.mail;

import dev.keyledger.delivery.Delivery;
import dev.keyledger.events.KeyView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The text of a mail about an event, in two forms with the same content. Everything that comes from
 * keys is on one line, and escaped in HTML.
 */
record MailText(String subject, String plain, String html) {
  private static final String PREFIX_OF_TYPES = "dev.keyledger.";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final MailTemplate APPROACHING = new MailTemplate("expiry-approaching");
  private static final MailTemplate EXPIRED = new MailTemplate("key-expired");
  private static final MailTemplate OTHER = new MailTemplate("event");

  /**
   * Returns the mail about an event.
   *
   * @param event a CloudEvent, as sent to webhooks
   * @param key the key of the event, in its state after the event; null: none
   */
  static MailText of(JsonNode event, @Nullable KeyView key) {
    String type = event.path("type").asString().replace(PREFIX_OF_TYPES, "");
    Map<String, String> values = values(event, type, key);
    String about =
        key == null
            ? "workspace " + values.get("workspace")
            : "API key \"" + values.get("name") + "\"";
    values.put("about", about);
    return switch (type) {
      case "ExpiryApproaching" ->
          APPROACHING.fill(about + " expires in " + values.get("expiresIn"), values);
      case "KeyExpired" -> EXPIRED.fill(about + " has expired", values);
      case Delivery.TEST -> OTHER.fill("Test of a webhook of " + about, values);
      default -> OTHER.fill(type + ": " + about, values);
    };
  }

  /** Returns the values for templates, without absent ones. */
  private static Map<String, String> values(JsonNode event, String type, @Nullable KeyView key) {
    JsonNode data = event.path("data");
    var values = new HashMap<String, String>();
    values.put("type", type);
    values.put("workspace", event.path("workspace").asString());
    values.put("time", time(event.path("time").asString()));
    values.put("details", details(data.path("data")));
    put(values, "actor", party(data.path("actor")));
    if (key == null) {
      return values;
    }
    values.put("keyId", key.keyId().value());
    values.put("name", key.state().facts().name());
    put(values, "owner", party(data.path("owner")));
    String expiresAt = data.path("data").path("expiresAt").asString("");
    put(values, "expiresAt", expiresAt.isEmpty() ? "" : time(expiresAt));
    String expiresIn = data.path("expiresIn").asString("");
    put(values, "expiresIn", expiresIn.isEmpty() ? "" : words(Duration.parse(expiresIn)));
    Instant renewableUntil = key.state().facts().validity().renewableUntil();
    put(values, "renewableUntil", renewableUntil == null ? "" : TIME.format(renewableUntil));
    String renewUrl = data.path("renewUrl").asString("");
    put(values, "renewUrl", renewUrl);
    put(values, "withoutUrl", renewUrl.isEmpty() ? key.keyId().value() : "");
    return values;
  }

  private static void put(Map<String, String> values, String name, String value) {
    if (!value.isEmpty()) {
      values.put(name, value);
    }
  }

  private static String time(String text) {
    return TIME.format(Instant.parse(text));
  }

  private static String party(JsonNode party) {
    String type = party.path("type").asString("");
    String id = party.path("id").asString("");
    return id.isEmpty() ? type : type + ":" + id;
  }

  /** Returns the fields of an event, one on each line, with nested values as JSON. */
  private static String details(JsonNode fields) {
    return fields
        .propertyStream()
        .map(field ->
            field.getKey()
                + ": "
                + (field.getValue().isString()
                    ? MailTemplate.oneLine(field.getValue().asString())
                    : field.getValue().toString()))
        .collect(Collectors.joining("\n"));
  }

  /** Returns a duration in words, in the largest unit of which it has two or more. */
  static String words(Duration duration) {
    if (duration.toMinutes() < 2) {
      return counted(duration.toSeconds(), "second");
    }
    if (rounded(duration, Duration.ofHours(1)) < 2) {
      return counted(rounded(duration, Duration.ofMinutes(1)), "minute");
    }
    long days = rounded(duration, Duration.ofDays(1));
    return days < 2
        ? counted(rounded(duration, Duration.ofHours(1)), "hour")
        : counted(days, "day");
  }

  private static long rounded(Duration duration, Duration unit) {
    return duration.plus(unit.dividedBy(2)).dividedBy(unit);
  }

  private static String counted(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s");
  }
}
