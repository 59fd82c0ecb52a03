package dev.keyledger.delivery.http;

import dev.keyledger.delivery.mail.MailAddresses;
import dev.keyledger.delivery.webhook.ReachableNetworks;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the delivery.
 *
 * @param publicUrl the address under which people reach this service, for links in deliveries;
 *     blank: no links
 * @param webhook settings of webhooks
 * @param mail settings of mail
 */
@ConfigurationProperties("keyledger")
record DeliveryProperties(
    @DefaultValue("") String publicUrl, @DefaultValue Webhook webhook, @DefaultValue Mail mail) {
  /**
   * @throws IllegalArgumentException if the URL is invalid
   */
  DeliveryProperties {
    if (!publicUrl.isBlank()) {
      var _ = checked(publicUrl.strip());
    }
  }

  /**
   * The settings of webhooks.
   *
   * @param allowedNetworks CIDR ranges that webhooks may reach although they are not public
   */
  record Webhook(@DefaultValue List<String> allowedNetworks) {
    /**
     * @throws IllegalArgumentException if a range is invalid
     */
    Webhook {
      allowedNetworks = withoutBlank(allowedNetworks);
      var _ = networks(allowedNetworks);
    }

    private static ReachableNetworks networks(List<String> ranges) {
      try {
        return new ReachableNetworks(ranges);
      } catch (IllegalArgumentException invalid) {
        throw new IllegalArgumentException(
            "KEYLEDGER_WEBHOOK_ALLOWED_NETWORKS: " + invalid.getMessage());
      }
    }
  }

  /**
   * The settings of mail.
   *
   * @param allowedDomains domains to which mail may be sent
   */
  record Mail(@DefaultValue List<String> allowedDomains) {
    /**
     * @throws IllegalArgumentException if one of them is not a domain name
     */
    Mail {
      allowedDomains = withoutBlank(allowedDomains);
      try {
        var _ = new MailAddresses(true, allowedDomains);
      } catch (IllegalArgumentException invalid) {
        throw new IllegalArgumentException(
            "KEYLEDGER_MAIL_ALLOWED_DOMAINS: " + invalid.getMessage());
      }
    }
  }

  /** Returns the elements without a blank one, which a blank variable leads to. */
  private static List<String> withoutBlank(List<String> values) {
    return values.equals(List.of("")) ? List.of() : List.copyOf(values);
  }

  ReachableNetworks networks() {
    return Webhook.networks(webhook.allowedNetworks);
  }

  /** Returns the public URL without a slash at its end; null if there is none. */
  @Nullable String publicBase() {
    return publicUrl.isBlank() ? null : publicUrl.strip().replaceFirst("/+$", "");
  }

  private static URI checked(String url) {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && ("https".equalsIgnoreCase(uri.getScheme())
              || "http".equalsIgnoreCase(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException unreadable) {
      // falls through to the one refusal, which does not quote the text
    }
    throw new IllegalArgumentException(
        "KEYLEDGER_PUBLIC_URL: must be an http or https URL without user, query and fragment");
  }
}
