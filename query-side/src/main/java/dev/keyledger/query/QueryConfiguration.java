package dev.keyledger.query;

import dev.keyledger.audit.http.AuditConfiguration;
import dev.keyledger.checking.http.CheckingConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Everything that the query side answers. */
@Configuration(proxyBeanMethods = false)
@Import({AuditConfiguration.class, CheckingConfiguration.class})
public class QueryConfiguration {}
