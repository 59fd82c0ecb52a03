package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyView;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
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
  private final LogReader log;
  private final RecentKeys recent;

  AxonKeyLedger(CommandGateway gateway, LogAppender appender, LogReader log, RecentKeys recent) {
    this.gateway = gateway;
    this.appender = appender;
    this.log = log;
    this.recent = recent;
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
    KeyAggregate.Handled handled = send(command, origin, answers);
    // Again and again: whoever used the old state at the same time may have put it back.
    while (isStandstillOnOldNews(command, handled)) {
      handled = send(command, origin, answers);
    }
    return switch (handled.outcome()) {
      case Outcome.Rejected rejected -> {
        if (rejected.reason().restsOnWorkspace()) {
          requireWorkspacesUnchanged(command);
        }
        yield new Refused(rejected);
      }
      case Outcome.Accepted _ -> {
        KeyView done =
            requireNonNull(
                KeyView.after(handled.before(), handled.receipt().appended()),
                "an accepted command leaves a key");
        recent.forgetIfLarge(done);
        if (handled.receipt().appended().isEmpty()) {
          requireWorkspacesUnchanged(command);
          // There is no append that the answer could be kept by, and nothing that it could miss.
          appender.append(
              List.of(), answers.stream().map(answer -> answer.at(done.position())).toList());
        }
        yield new Done(done);
      }
    };
  }

  private void requireWorkspacesUnchanged(KeyCommand command) {
    log.requireWorkspacesUnchanged(command.circumstances().workspacesKnown());
  }

  private KeyAggregate.Handled send(KeyCommand command, Origin origin, List<AnswerRecord> answers) {
    return requireNonNull(
        gateway.sendAndWait(message(command, origin, answers)), "no handler answered");
  }

  /**
   * Whether nothing was appended because of a state that was read for an earlier command. An append
   * would have told whether the log has gone on since; here only reading it again can. The key is
   * forgotten, so that the next command does.
   */
  private boolean isStandstillOnOldNews(KeyCommand command, KeyAggregate.Handled handled) {
    if (begins(command) || !handled.receipt().appended().isEmpty()) {
      return false;
    }
    recent.remove(command.keyId().value());
    return !handled.receipt().hasReadLog();
  }

  private static boolean begins(KeyCommand command) {
    return switch (command) {
      case IssueKey _, ImportKey _ -> true;
      default -> false;
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
            answers,
            command.circumstances().workspacesKnown());
    String name = begins(command) ? KeyAggregate.BEGINNING_COMMAND : KeyAggregate.COMMAND;
    return new GenericCommandMessage<>(new GenericMessage<>(command, from.asMetaData()), name);
  }
}
