package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.log.AnswerRecord;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;

/** Counts commands by what they order and by what became of them. */
final class MeteredKeyLedger implements KeyLedger {
  private final KeyLedger ledger;
  private final MeterRegistry registry;

  MeteredKeyLedger(KeyLedger ledger, MeterRegistry registry) {
    this.ledger = ledger;
    this.registry = registry;
  }

  @Override
  public Result carryOut(KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    String outcome = "failed";
    try {
      Result result = ledger.carryOut(command, origin, answers);
      outcome =
          switch (result) {
            case Done _ -> "done";
            case Refused refused ->
                refused.rejected().reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
          };
      return result;
    } finally {
      registry
          .counter(
              "keyledger.commands", "type", command.getClass().getSimpleName(), "outcome", outcome)
          .increment();
    }
  }
}
