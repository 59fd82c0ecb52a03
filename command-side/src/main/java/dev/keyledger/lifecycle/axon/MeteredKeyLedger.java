package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.CommandCount;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.log.AnswerRecord;
import java.util.List;

/** Has its commands counted. */
final class MeteredKeyLedger implements KeyLedger {
  private final KeyLedger ledger;
  private final CommandCount count;

  MeteredKeyLedger(KeyLedger ledger, CommandCount count) {
    this.ledger = ledger;
    this.count = count;
  }

  @Override
  public Result carryOut(KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    Result result;
    try {
      result = ledger.carryOut(command, origin, answers);
    } catch (RuntimeException | Error e) {
      count.failed(command.getClass());
      throw e;
    }
    switch (result) {
      case Done _ -> count.done(command.getClass());
      case Refused refused -> count.refused(command.getClass(), refused.rejected());
    }
    return result;
  }
}
