package dev.keyledger.audit.http;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the queries that the log itself answers. */
@Configuration(proxyBeanMethods = false)
@Import(KeyQueryController.class)
public class AuditConfiguration {}
