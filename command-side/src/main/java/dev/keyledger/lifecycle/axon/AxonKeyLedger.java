package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyLedger;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.axon.CommandOrigin;
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

  AxonKeyLedger(CommandGateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public Result carryOut(KeyCommand command, Origin origin) {
    for (int attempt = 1; ; attempt++) {
      try {
        return decideAndAppend(command, origin);
      } catch (AppendConflictException conflict) {
        if (conflict.kind() == AppendConflictException.Kind.DIGEST || attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  private Result decideAndAppend(KeyCommand command, Origin origin) {
    KeyAggregate.Handled handled =
        requireNonNull(gateway.sendAndWait(message(command, origin)), "no handler answered");
    return switch (handled.outcome()) {
      case Outcome.Rejected rejected -> new Refused(rejected);
      case Outcome.Accepted _ -> {
        KeyView key = handled.before();
        for (LoggedEvent event : handled.receipt().appended()) {
          key = KeyView.after(key, event);
        }
        yield new Done(requireNonNull(key, "an accepted command leaves a key"));
      }
    };
  }

  private static CommandMessage<KeyCommand> message(KeyCommand command, Origin origin) {
    var from =
        new CommandOrigin(
            command.circumstances().workspace(),
            origin.actor(),
            origin.requestId(),
            origin.context());
    String name =
        switch (command) {
          case IssueKey _, ImportKey _ -> KeyAggregate.BEGINNING_COMMAND;
          default -> KeyAggregate.COMMAND;
        };
    return new GenericCommandMessage<>(new GenericMessage<>(command, from.asMetaData()), name);
  }
}
