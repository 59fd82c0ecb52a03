package dev.keyledger.projection.axon;

import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.Projection;
import dev.keyledger.projection.ProjectionDatabase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.EventTrackerStatus;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.TrackingEventProcessorConfiguration;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Moves every projection whose claim this node has; a node without a claim stands by for it. An
 * event that cannot be applied is tried again and again, never skipped, and is told by {@link
 * #failures}.
 *
 * <p>Each projection has a thread of its own. Safe for use by many threads.
 */
public final class ProjectionProcessors implements SmartLifecycle {
  private static final int BATCH_EVENTS_MAX = 500;
  private static final int IDLE_MILLIS_MAX = 500;
  private static final int CLAIM_INTERVAL_MILLIS = 500;
  private static final int WORKER_END_MILLIS_MAX = 3000;

  private final List<TrackingEventProcessor> processors;
  private volatile boolean running;

  /**
   * @param node what this node is called; need not be unique
   * @param tail tells when there is something to do
   */
  public ProjectionProcessors(
      List<Projection> projections,
      ProjectionDatabase database,
      EventCodec codec,
      LogTail tail,
      String node) {
    var transactions = new WriterTransactions(database.writers());
    var tokens = new PositionTokenStore(transactions, node + " " + UUID.randomUUID());
    var events = new LogEvents(new LogReader(database.writers(), codec), tail);
    processors =
        projections.stream()
            .map(projection ->
                TrackingEventProcessor.builder()
                    .name(projection.name())
                    .eventHandlerInvoker(
                        new ProjectionInvoker(
                            projection, tokens, transactions, database.watch(projection)))
                    .errorHandler(PropagatingErrorHandler.instance())
                    .messageSource(events)
                    .tokenStore(tokens)
                    .transactionManager(transactions)
                    .trackingEventProcessorConfiguration(configuration())
                    .build())
            .toList();
  }

  private static TrackingEventProcessorConfiguration configuration() {
    return TrackingEventProcessorConfiguration.forSingleThreadedProcessing()
        .andBatchSize(BATCH_EVENTS_MAX)
        .andEventAvailabilityTimeout(IDLE_MILLIS_MAX, TimeUnit.MILLISECONDS)
        .andTokenClaimInterval(CLAIM_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)
        .andWorkerTerminationTimeout(WORKER_END_MILLIS_MAX, TimeUnit.MILLISECONDS);
  }

  @Override
  public void start() {
    processors.forEach(TrackingEventProcessor::start);
    running = true;
  }

  /** Ends the batches that are being applied and gives the claims back. */
  @Override
  public void stop() {
    processors.stream()
        .map(TrackingEventProcessor::shutdownAsync)
        .toList()
        .forEach(end -> end.orTimeout(WORKER_END_MILLIS_MAX, TimeUnit.MILLISECONDS).join());
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** The projections that this node moves. */
  public List<String> claimed() {
    return processors.stream()
        .filter(processor ->
            processor.processingStatus().values().stream()
                .anyMatch(status -> !status.isErrorState()))
        .map(TrackingEventProcessor::getName)
        .toList();
  }

  /**
   * Why projections stand still until somebody mends something, by their names. A database that is
   * away for a while is not told here: what was applied stays good.
   */
  public Map<String, String> failures() {
    var failures = new TreeMap<String, String>();
    for (TrackingEventProcessor processor : processors) {
      processor.processingStatus().values().stream()
          .flatMap(status -> failureOf(status).stream())
          .forEach(failure -> failures.put(processor.getName(), failure));
    }
    return failures;
  }

  private static Optional<String> failureOf(EventTrackerStatus status) {
    if (!status.isErrorState()) {
      return Optional.empty();
    }
    Throwable error = status.getError();
    for (@Nullable Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreUnavailableException
          || cause instanceof UnableToClaimTokenException) {
        return Optional.empty();
      }
    }
    return Optional.of(
        "after position %s: %s"
            .formatted(
                status.getCurrentPosition().isPresent()
                    ? status.getCurrentPosition().getAsLong()
                    : 0,
                error.getMessage()));
  }
}
