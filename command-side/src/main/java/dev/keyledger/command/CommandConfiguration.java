package dev.keyledger.command;

import dev.keyledger.delivery.http.DeliveryConfiguration;
import dev.keyledger.lifecycle.axon.LedgerConfiguration;
import dev.keyledger.lifecycle.http.LifecycleConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** All components of the command side. */
@Configuration(proxyBeanMethods = false)
@Import({
  LedgerConfiguration.class,
  LifecycleConfiguration.class,
  ScheduleConfiguration.class,
  DeliveryConfiguration.class
})
public class CommandConfiguration {}
