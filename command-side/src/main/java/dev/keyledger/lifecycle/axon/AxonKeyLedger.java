package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.axon.CommandOrigin;
import java.util.List;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.messaging.GenericMessage;

/** Sends commands through Axon to {@link KeyAggregate}. */
final class AxonKeyLedger implements KeyLedger {
  /**
   * How often a command is decided anew because another node changed its key in between. Each time
   * somebody's command went through, so a few tries tell a race from a storm.
   */
  static final int ATTEMPTS_MAX = 5;

  private final CommandGateway gateway;
  private final LogAppender appender;

  AxonKeyLedger(CommandGateway gateway, LogAppender appender) {
    this.gateway = gateway;
    this.appender = appender;
  }

  @Override
  public Result carryOut(KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    for (int attempt = 1; ; attempt++) {
      try {
        return decideAndAppend(command, origin, answers);
      } catch (AppendConflictException conflict) {
        if (conflict.kind() != AppendConflictException.Kind.SEQUENCE || attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  private Result decideAndAppend(KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    KeyAggregate.Handled handled =
        requireNonNull(
            gateway.sendAndWait(message(command, origin, answers)), "no handler answered");
    return switch (handled.outcome()) {
      case Outcome.Rejected rejected -> new Refused(rejected);
      case Outcome.Accepted _ -> {
        KeyView key = handled.before();
        for (LoggedEvent event : handled.receipt().appended()) {
          key = KeyView.after(key, event);
        }
        KeyView done = requireNonNull(key, "an accepted command leaves a key");
        if (handled.receipt().appended().isEmpty()) {
          // There is no append that the answer could be kept by, and nothing that it could miss.
          appender.append(
              List.of(), answers.stream().map(answer -> answer.at(done.position())).toList());
        }
        yield new Done(done);
      }
    };
  }

  private static CommandMessage<KeyCommand> message(
      KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    var from =
        new CommandOrigin(
            command.circumstances().workspace(),
            origin.actor(),
            origin.requestId(),
            origin.context(),
            answers);
    String name =
        switch (command) {
          case IssueKey _, ImportKey _ -> KeyAggregate.BEGINNING_COMMAND;
          default -> KeyAggregate.COMMAND;
        };
    return new GenericCommandMessage<>(new GenericMessage<>(command, from.asMetaData()), name);
  }
}
