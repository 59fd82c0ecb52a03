package dev.keyledger.http.freshness;

import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.receipts.Receipts;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the waits of requests. */
@Configuration(proxyBeanMethods = false)
public class FreshnessConfiguration {
  @Bean
  WaitLimit waitLimit() {
    return new WaitLimit();
  }

  @Bean
  Freshness freshness(PositionTokens tokens, LogTail tail, WaitLimit limit) {
    return new Freshness(tokens, tail, limit);
  }

  @Bean
  KeyAnswers keyAnswers(PositionTokens tokens, Freshness freshness) {
    return new KeyAnswers(tokens, freshness);
  }

  @Bean
  AppliedEverywhere appliedEverywhere(Receipts receipts, PositionTokens tokens, WaitLimit limit) {
    return new AppliedEverywhere(receipts, tokens, limit);
  }

  @Bean
  ProofReceipts proofReceipts(LogProofs proofs, PositionTokens tokens, WaitLimit limit) {
    return new ProofReceipts(proofs, tokens, limit);
  }
}
