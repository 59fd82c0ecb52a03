package dev.keyledger.delivery.http;

import dev.keyledger.delivery.Attempt;
import dev.keyledger.delivery.Attempt.Transport;
import dev.keyledger.delivery.Deliveries;
import dev.keyledger.delivery.DeliveryDatabase;
import dev.keyledger.delivery.DeliveryReader;
import dev.keyledger.delivery.Dispatcher;
import dev.keyledger.delivery.SealedValues;
import dev.keyledger.delivery.mail.MailAddresses;
import dev.keyledger.delivery.mail.MailSender;
import dev.keyledger.delivery.mail.MailSender.Keys;
import dev.keyledger.delivery.mail.MailSender.Smtp;
import dev.keyledger.delivery.webhook.ReachableNetworks;
import dev.keyledger.delivery.webhook.WebhookSender;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.log.CloudEvent;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogRunner;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.verification.secret.Peppers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/**
 * Wires the delivery. The importing configuration provides a {@link Dispatcher.WebhookDisabler}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DeliveryProperties.class)
public class DeliveryConfiguration {
  private static final double MILLIS_PER_SECOND = 1000;

  @Bean
  DeliveryDatabase deliveryDatabase(LedgerDatabase database) {
    return new DeliveryDatabase(database);
  }

  @Bean
  SealedValues sealedValues(DeliveryDatabase database, Peppers peppers) {
    return new SealedValues(database, peppers);
  }

  @Bean
  ReachableNetworks reachableNetworks(DeliveryProperties properties) {
    return properties.networks();
  }

  @Bean(destroyMethod = "close")
  WebhookSender webhookSender(ReachableNetworks networks, InstantSource clock) {
    return new WebhookSender(networks, Dispatcher.SENDERS, clock);
  }

  @Bean
  MailAddresses mailAddresses(
      DeliveryProperties properties, ObjectProvider<JavaMailSenderImpl> spring) {
    return new MailAddresses(smtp(spring) != null, properties.mail().allowedDomains());
  }

  /** Returns the SMTP server that Spring Boot's settings name; null: none. */
  private static @Nullable Smtp smtp(ObjectProvider<JavaMailSenderImpl> spring) {
    JavaMailSenderImpl settings = spring.getIfAvailable();
    String host = settings == null ? null : settings.getHost();
    return settings == null || host == null || host.isBlank()
        ? null
        : SmtpSettings.of(settings, host);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Dispatcher dispatcher(
      DeliveryDatabase deliveries,
      LedgerDatabase database,
      EventCodec codec,
      SealedValues values,
      WebhookSender sender,
      MailAddresses addresses,
      ObjectProvider<JavaMailSenderImpl> spring,
      LogReader log,
      DeliveryProperties properties,
      Dispatcher.WebhookDisabler disabler,
      MeterRegistry registry,
      InstantSource clock) {
    var envelopes =
        new CloudEventEnvelopes(codec, CloudEvent.sourceOf(database), properties.publicBase());
    var transports = new EnumMap<WebhookKind, Transport>(WebhookKind.class);
    transports.put(WebhookKind.HTTP, sender);
    Smtp smtp = smtp(spring);
    if (smtp != null) {
      Keys keys = (id, workspace, position) -> log.keyAt(id, workspace, position).orElse(null);
      transports.put(WebhookKind.EMAIL, new MailSender(smtp, addresses, keys, clock));
    }
    return new Dispatcher(
        deliveries,
        codec,
        values,
        envelopes,
        transports,
        disabler,
        outcome -> attempts(registry, outcome.result()).increment(),
        clock);
  }

  private static Counter attempts(MeterRegistry registry, Attempt.Result result) {
    return registry.counter(
        "keyledger.delivery.attempts", "outcome", result.name().toLowerCase(Locale.ROOT));
  }

  @Bean
  Deliveries deliveries(DeliveryDatabase database, InstantSource clock, Dispatcher dispatcher) {
    return new Deliveries(database, clock, dispatcher::wakeUp);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  LogRunner deliveryRunner(
      DeliveryDatabase database,
      EventCodec codec,
      InstantSource clock,
      Dispatcher dispatcher,
      LogTail tail,
      NodeName node) {
    return database.runner(
        new DeliveryReader(codec, clock), dispatcher::wakeUp, tail, node.value());
  }

  /** Registers the lag of the deliveries of all nodes. */
  @Bean
  MeterBinder deliveryMetrics(Deliveries deliveries, Dispatcher dispatcher) {
    return registry -> {
      for (Attempt.Result result : Attempt.Result.values()) {
        var _ = attempts(registry, result); // shown before the first attempt
      }
      Gauge.builder("keyledger.delivery.under.way", dispatcher::underWay)
          .description("How many deliveries this node is sending")
          .register(registry);
      Gauge.builder(
              "keyledger.delivery.overdue",
              () -> deliveries.overdue().toMillis() / MILLIS_PER_SECOND)
          .description("For how long the oldest due delivery has been due")
          .baseUnit("seconds")
          .register(registry);
      Gauge.builder("keyledger.delivery.lag.events", deliveries::lag)
          .description("How many events of the log have not led to deliveries yet")
          .register(registry);
    };
  }
}
