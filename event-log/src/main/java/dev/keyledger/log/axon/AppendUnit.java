package dev.keyledger.log.axon;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.axonframework.messaging.Message;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * The reads and the append of one command's unit of work. The sender of the command creates it and
 * puts it into the command's metadata under {@link #KEY}; {@link AppendInterceptor} appends it;
 * afterwards the sender finds the logged events in it.
 *
 * <p>Confined to the thread that sends the command.
 */
public final class AppendUnit {
  /** The key of the unit in a command's metadata. */
  public static final String KEY = "keyledger.unit";

  static final String WORKSPACE = "keyledger.workspace";
  static final String ORIGIN = "keyledger.origin";
  static final String OF_PLAN = "keyledger.plan";

  private final CommandOrigin origin;
  private final long workspacesKnown;
  private final boolean usesCache;
  private final List<NewEvent> events = new ArrayList<>();
  private final Set<NewEvent> effectsOfPlans = new HashSet<>();
  private @Nullable String keysOf;
  private Map<KeyId, KeyView> prefetched = Map.of();
  private boolean restsOnCache;
  private Supplier<List<AnswerRecord>> answers = List::of;
  private List<Long> erased = List.of();
  private List<LoggedEvent> appended = List.of();

  /**
   * @param origin the origin of the command
   * @param workspacesKnown the position of the last event of any workspace that the command takes
   *     into account
   * @param usesCache whether the command may be decided on a cached aggregate
   */
  public AppendUnit(CommandOrigin origin, long workspacesKnown, boolean usesCache) {
    this.origin = origin;
    this.workspacesKnown = workspacesKnown;
    this.usesCache = usesCache;
  }

  /**
   * Returns the unit of a command.
   *
   * @throws IllegalStateException if the command carries none, so that nothing is recorded without
   *     an actor
   */
  public static AppendUnit of(Message<?> command) {
    if (command.getMetaData().get(KEY) instanceof AppendUnit unit) {
      return unit;
    }
    throw new IllegalStateException(command.getPayloadType() + " has no origin in its metadata");
  }

  /** Returns the unit of the command that this thread handles; null if it handles none. */
  public static @Nullable AppendUnit current() {
    return CurrentUnitOfWork.isStarted() ? of(CurrentUnitOfWork.get().root().getMessage()) : null;
  }

  /** Returns the metadata of an event that the command causes in a workspace. */
  public MetaData eventMetaData(String workspace) {
    return eventMetaData(workspace, origin);
  }

  /**
   * Returns the metadata of an event that records the effect of a plan, which this command found
   * unrecorded. It is the system's, and the append gives it the reason of the plan.
   */
  public MetaData metaDataOfPlan(String workspace) {
    var system = new CommandOrigin(Actor.SYSTEM, origin.requestId(), EventContext.NONE);
    return eventMetaData(workspace, system).and(OF_PLAN, true);
  }

  /** Returns the metadata of an event of another origin than the command's. */
  public static MetaData eventMetaData(String workspace, CommandOrigin origin) {
    return MetaData.from(Map.of(WORKSPACE, workspace, ORIGIN, origin));
  }

  /** Returns whether the command may be decided on a cached aggregate. */
  public boolean usesCache() {
    return usesCache;
  }

  /** Records that the command is decided on a cached aggregate. */
  public void markCached() {
    restsOnCache = true;
  }

  /** Limits the keys that the unit reads to those of a workspace. */
  public void readKeysOf(String workspace) {
    keysOf = workspace;
  }

  /** Adds keys that one query read in advance. This unit does not read them again. */
  public void prefetch(Map<KeyId, KeyView> keys) {
    prefetched = Map.copyOf(keys);
  }

  /** Returns a key as the unit sees it: prefetched, or as the log has it. */
  Optional<KeyView> read(KeyId keyId, LogReader log) {
    KeyView key = prefetched.get(keyId);
    if (key != null) {
      return Optional.of(key);
    }
    return keysOf == null ? log.key(keyId) : log.key(keyId, keysOf);
  }

  /**
   * Sets the answer records that the append writes; none, if the unit has no events.
   *
   * @param records called at most once
   */
  public void keep(Supplier<List<AnswerRecord>> records) {
    answers = records;
  }

  /**
   * Erases the contexts of earlier events with the append of the unit.
   *
   * @param positions see {@link LogAppender#append(List, List, long, List)}
   */
  public void erase(List<Long> positions) {
    erased = List.copyOf(positions);
  }

  /**
   * @param ofPlan whether it records the effect of a plan
   */
  void add(NewEvent event, boolean ofPlan) {
    events.add(event);
    if (ofPlan) {
      effectsOfPlans.add(event);
    }
  }

  /**
   * Appends the unit. A unit without events is first checked against the log, because it lacks the
   * append that would detect a conflict.
   */
  void append(LogAppender appender, LogReader log) {
    if (!events.isEmpty()) {
      appended = appender.append(withReasonsOfPlans(log), answers.get(), workspacesKnown, erased);
      return;
    }
    if (restsOnCache) {
      throw new StaleDecisionException();
    }
    log.requireWorkspacesUnchanged(workspacesKnown);
  }

  /**
   * Returns the events with the reasons of plans. The reasons are read late, so that none is
   * written again that was erased meanwhile.
   */
  private List<NewEvent> withReasonsOfPlans(LogReader log) {
    if (effectsOfPlans.isEmpty()) {
      return events;
    }
    List<KeyId> keys =
        effectsOfPlans.stream().map(event -> new KeyId(event.stream().id())).toList();
    Map<KeyId, String> reasons = log.reasonsOfPlans(keys);
    return events.stream()
        .map(event ->
            effectsOfPlans.contains(event)
                ? event.because(reasons.get(new KeyId(event.stream().id())))
                : event)
        .toList();
  }

  /**
   * Returns the events as they are in the log, in order; empty before the append or if there are
   * none.
   */
  public List<LoggedEvent> appended() {
    return appended;
  }
}
