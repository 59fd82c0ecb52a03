package dev.keyledger.console.http;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the web console. */
@Configuration(proxyBeanMethods = false)
@Import(ConsoleController.class)
public class ConsoleConfiguration {}
