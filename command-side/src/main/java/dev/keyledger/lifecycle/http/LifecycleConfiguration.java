package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Workspaces;
import dev.keyledger.delivery.Dispatcher;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.WebhookDisabledReason;
import dev.keyledger.http.freshness.AppliedEverywhere;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.freshness.ProofReceipts;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.idempotency.AnswerSeal;
import dev.keyledger.lifecycle.idempotency.ExpiredAnswers;
import dev.keyledger.lifecycle.idempotency.RequestsInFlight;
import dev.keyledger.lifecycle.workspace.WebhookCommand;
import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.ErasableContexts;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the REST commands. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({CommandLimitProperties.class, GitHubProperties.class})
@Import({
  KeyCommandController.class,
  KeyBatchController.class,
  SelfController.class,
  HolderRevocationController.class,
  LeakController.class,
  GitHubLeakController.class,
  ErasureController.class,
  WorkspaceController.class,
  WebhookController.class
})
public class LifecycleConfiguration {
  @Bean
  SecretMint secretMint(KeyFormat format, Peppers peppers) {
    return new SecretMint(format, peppers);
  }

  @Bean
  CommandLimits commandLimits(CommandLimitProperties properties) {
    return new CommandLimits(properties.ofCallers(), properties.ofWorkspaces());
  }

  @Bean
  WorkspacePolicies workspacePolicies(
      Workspaces workspaces,
      LogReader log,
      Freshness freshness,
      CommandLimits limits,
      InstantSource clock) {
    return new WorkspacePolicies(workspaces, log, freshness, limits, clock);
  }

  @Bean
  AnswerRecords answerRecords(LedgerDatabase database) {
    return new AnswerRecords(database);
  }

  @Bean
  KeySideRows keySideRows(LedgerDatabase database) {
    return new KeySideRows(database);
  }

  @Bean
  ErasableContexts keptContexts(LedgerDatabase database) {
    return new ErasableContexts(database);
  }

  @Bean
  PresentedSecrets presentedSecrets(
      Ledger ledger,
      KeyVerifier verifier,
      LogReader log,
      Freshness freshness,
      InstantSource clock) {
    return new PresentedSecrets(ledger, verifier, log, freshness, clock);
  }

  @Bean
  Dispatcher.WebhookDisabler webhookDisabler(Ledger ledger) {
    var origin = new CommandOrigin(Actor.SYSTEM, "delivery", EventContext.NONE);
    return (workspace, webhookId) -> {
      var command =
          new WebhookCommand.DisableWebhook(workspace, webhookId, WebhookDisabledReason.GONE);
      var _ = ledger.execute(new Order<>(command, origin));
    };
  }

  @Bean
  GitHubKeys gitHubKeys(GitHubProperties properties) {
    return new GitHubKeys(properties.keysUri());
  }

  @Bean(destroyMethod = "close")
  TimingSafeAnswers tickedAnswers() {
    return new TimingSafeAnswers();
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  ExpiredAnswers expiredAnswers(AnswerRecords records) {
    return new ExpiredAnswers(records);
  }

  @Bean
  IdempotentAnswers idempotentAnswers(
      Ledger ledger,
      Peppers peppers,
      AnswerRecords records,
      LogReader log,
      KeyAnswers answers,
      ProofReceipts proofs,
      InstantSource clock) {
    return new IdempotentAnswers(
        ledger,
        new AnswerSeal(peppers),
        new RequestsInFlight(),
        records,
        log,
        answers,
        proofs,
        clock);
  }

  @Bean
  KeyCommands keyCommands(
      WorkspacePolicies policies,
      LogReader log,
      LastUseTable lastUses,
      IdempotentAnswers answers,
      AppliedEverywhere appliedEverywhere) {
    return new KeyCommands(policies, log, lastUses, answers, appliedEverywhere);
  }

  /** Wires the shared key, if one is configured. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty("keyledger.shared-key")
  @EnableConfigurationProperties(SharedKeyProperties.class)
  static class SharedKeyConfiguration {
    @Bean(destroyMethod = "close")
    SharedKey sharedKey(
        SharedKeyProperties properties,
        Ledger ledger,
        SecretMint mint,
        KeyVerifier verifier,
        LogReader log,
        KeySideRows sideRows,
        Freshness freshness,
        WorkspacePolicies policies,
        InstantSource clock) {
      return new SharedKey(
          KeySecret.of(properties.sharedKey()),
          properties.permissions(),
          properties.overlap(),
          ledger,
          mint,
          verifier,
          log,
          sideRows,
          freshness,
          policies,
          clock);
    }
  }
}
