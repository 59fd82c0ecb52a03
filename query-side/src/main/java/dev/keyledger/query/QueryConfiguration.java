package dev.keyledger.query;

import dev.keyledger.audit.http.AuditConfiguration;
import dev.keyledger.checking.http.CheckingConfiguration;
import dev.keyledger.checking.http.extauthz.ExtAuthzConfiguration;
import dev.keyledger.checking.http.fast.FastConfiguration;
import dev.keyledger.console.http.ConsoleConfiguration;
import dev.keyledger.directory.http.DirectoryConfiguration;
import dev.keyledger.feed.http.FeedConfiguration;
import dev.keyledger.pointintime.http.PointInTimeConfiguration;
import dev.keyledger.projection.http.ListConfiguration;
import dev.keyledger.projection.http.ProjectionConfiguration;
import dev.keyledger.proofs.http.ProofConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires all components of the query side. */
@Configuration(proxyBeanMethods = false)
@Import({
  AuditConfiguration.class,
  CheckingConfiguration.class,
  ConsoleConfiguration.class,
  DirectoryConfiguration.class,
  ExtAuthzConfiguration.class,
  FastConfiguration.class,
  FeedConfiguration.class,
  ListConfiguration.class,
  PointInTimeConfiguration.class,
  ProjectionConfiguration.class,
  ProofConfiguration.class
})
public class QueryConfiguration {}
