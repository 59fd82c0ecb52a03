package dev.keyledger.projection.axon;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.projection.PositionWatch;
import dev.keyledger.projection.Projection;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.Segment;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;

/**
 * Hands the events of a unit of work to a projection, all at once, in the transaction that moves
 * its position.
 */
final class ProjectionInvoker implements EventHandlerInvoker {
  private static final String EVENTS = ProjectionInvoker.class.getName();

  /** Failures that no later try mends: wrong data, broken constraints, wrong statements. */
  private static final List<String> REFUSALS = List.of("22", "23", "42");

  private final Projection projection;
  private final PositionTokenStore tokens;
  private final WriterTransactions transactions;
  private final PositionWatch watch;

  ProjectionInvoker(
      Projection projection,
      PositionTokenStore tokens,
      WriterTransactions transactions,
      PositionWatch watch) {
    this.projection = projection;
    this.tokens = tokens;
    this.transactions = transactions;
    this.watch = watch;
  }

  @Override
  public boolean canHandle(EventMessage<?> message, Segment segment) {
    return true;
  }

  @Override
  public void handle(EventMessage<?> message, Segment segment) {
    eventsOf(CurrentUnitOfWork.get().root()).add((LoggedEvent) message.getPayload());
  }

  private List<LoggedEvent> eventsOf(UnitOfWork<?> root) {
    return root.getOrComputeResource(
        EVENTS,
        _ -> {
          var events = new ArrayList<LoggedEvent>();
          root.onPrepareCommit(_ -> apply(events));
          root.afterCommit(_ -> watch.moved(events.getLast().position()));
          return events;
        });
  }

  /** The claim first: a node that lost it must wait for nothing and write nothing. */
  private void apply(List<LoggedEvent> events) {
    tokens.holdClaim(projection.name());
    try {
      projection.apply(transactions.connection(), TableSet.LIVE, events);
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (REFUSALS.stream().noneMatch(state::startsWith)) {
        throw WriterTransactions.unavailable(e);
      }
      throw new IllegalStateException(
          "PostgreSQL refuses the rows of positions %d to %d: %s"
              .formatted(events.getFirst().position(), events.getLast().position(), e.getMessage()),
          e);
    }
  }
}
