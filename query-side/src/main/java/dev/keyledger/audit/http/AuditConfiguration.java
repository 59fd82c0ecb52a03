package dev.keyledger.audit.http;

import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.log.EventCodec;
import dev.keyledger.projection.ProjectionDatabase;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the audit, and the queries that the log itself answers. */
@Configuration(proxyBeanMethods = false)
@Import({
  KeyQueryController.class,
  SelfQueryController.class,
  AuditController.class,
  ExportController.class,
  HoldersController.class,
  LineageController.class
})
public class AuditConfiguration {
  @Bean
  AuditProjection auditProjection() {
    return new AuditProjection();
  }

  @Bean
  AuditTrail auditTrail(ProjectionDatabase database, AuditProjection projection, EventCodec codec) {
    return new AuditTrail(database, projection, codec);
  }
}
