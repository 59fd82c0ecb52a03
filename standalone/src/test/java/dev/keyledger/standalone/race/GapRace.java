package dev.keyledger.standalone.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.NewEvent;
import dev.keyledger.log.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes with many callers each append as fast as they can, rivals disturb them, and readers
 * follow. Every position must be acknowledged once, and be seen by every reader, in order.
 */
final class GapRace implements AutoCloseable {
  private static final int CALLERS_OF_A_NODE = 64;
  private static final int LOSERS_ONE_IN = 500;
  private static final Duration RETRY_PAUSE = Duration.ofMillis(5);
  private static final Duration LAST_SEEN_MAX = Duration.ofSeconds(60);

  private final DatabaseSettings settings;
  private final long appends;
  private final Random seeds;
  private final EventCodec codec = new EventCodec();
  private final List<LedgerDatabase> databases = new ArrayList<>();
  private final List<LogAppender> nodes = new ArrayList<>();
  private final List<LogTail> tails = new ArrayList<>();
  private final List<Sightings> readers = new ArrayList<>();
  private final List<Sightings> pollers = new ArrayList<>();
  private final List<DatabaseSettings> polled = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicBoolean written = new AtomicBoolean();
  private final AtomicBoolean allSeen = new AtomicBoolean();
  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong keys = new AtomicLong();
  private final BitSet acknowledged = new BitSet();

  /** A disturbance that a rival repeats. */
  interface Harm {
    void doTo(Rival rival) throws SQLException;
  }

  /**
   * A race on an empty database, and on a replica of it.
   *
   * @param replica null if there is none
   * @param appends the number of successful appends, besides those of rivals
   */
  GapRace(DatabaseSettings settings, @Nullable DatabaseSettings replica, long appends, long seed) {
    this.settings = settings;
    this.appends = appends;
    this.seeds = new Random(seed);
    LogTail own = follow(open(null), "a node's own tail");
    nodes.add(new LogAppender(databases.getLast(), codec, InstantSource.system(), own::take));
    nodes.add(new LogAppender(open(null), codec, InstantSource.system()));
    follow(open(null), "a tail of another node");
    polled.add(settings);
    if (replica != null) {
      follow(open(replica), "a tail on the replica");
      polled.add(replica);
    }
  }

  /**
   * Runs it to its end.
   *
   * @return the violations that readers found; empty if there are none
   */
  List<String> run(List<Harm> harms) throws Exception {
    tails.forEach(LogTail::start);
    List<Future<?>> watching = polled.stream().<Future<?>>map(this::poll).toList();
    List<Future<?>> harming = harms.stream().<Future<?>>map(this::harm).toList();
    for (Future<?> call : call()) {
      call.get();
    }
    written.set(true);
    for (Future<?> rival : harming) {
      rival.get();
    }
    long end = new LogReader(databases.getFirst(), codec).head().position();
    for (LogTail tail : tails) {
      tail.await(end, LAST_SEEN_MAX);
    }
    awaitPollers(end);
    for (Future<?> poller : watching) {
      poller.get();
    }
    assertThat(acknowledged.nextClearBit(1)).as("first not acknowledged").isEqualTo(end + 1);
    assertThat(acknowledged.length()).isEqualTo(end + 1);
    return Stream.concat(
            readers.stream()
                .filter(reader -> reader.last() < end)
                .map(reader ->
                    reader.violation().orElse("%s ended at %d".formatted(reader, reader.last()))),
            tails.stream().map(LogTail::failure).flatMap(Optional::stream))
        .toList();
  }

  private void awaitPollers(long end) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < LAST_SEEN_MAX.toNanos()
        && pollers.stream()
            .anyMatch(reader -> reader.last() < end && reader.violation().isEmpty())) {
      LockSupport.parkNanos(RETRY_PAUSE.toNanos());
    }
    allSeen.set(true);
  }

  private LedgerDatabase open(@Nullable DatabaseSettings replica) {
    databases.add(LedgerDatabase.open(settings, replica));
    return databases.getLast();
  }

  private LogTail follow(LedgerDatabase database, String reader) {
    var sightings = new Sightings(reader);
    readers.add(sightings);
    tails.add(new LogTail(database, codec, 0, event -> sightings.see(event.position())));
    return tails.getLast();
  }

  private Future<?> poll(DatabaseSettings from) {
    var sightings = new Sightings("a poller of " + from);
    readers.add(sightings);
    pollers.add(sightings);
    return threads.submit(new Poller(from, sightings, allSeen::get));
  }

  private Future<?> harm(Harm harm) {
    var random = new Random(seeds.nextLong());
    return threads.submit(() -> {
      try (var rival = new Rival(settings, random, this::acknowledge)) {
        while (!written.get()) {
          harm.doTo(rival);
        }
      }
      return null;
    });
  }

  private List<Future<?>> call() {
    var calls = new ArrayList<Future<?>>();
    for (int caller = 0; caller < CALLERS_OF_A_NODE * nodes.size(); caller++) {
      LogAppender node = nodes.get(caller % nodes.size());
      var random = new Random(seeds.nextLong());
      calls.add(threads.submit(() -> call(node, random)));
    }
    return calls;
  }

  private void call(LogAppender node, Random random) {
    while (begun.incrementAndGet() <= appends) {
      NewEvent event = event(keys.incrementAndGet());
      acknowledge(append(node, event));
      if (random.nextInt(LOSERS_ONE_IN) == 0) {
        lose(nodes.get(random.nextInt(nodes.size())), event);
      }
    }
  }

  /**
   * Appends an event; sends it again if the refusal says that nothing was done. If it was done,
   * that is a conflict.
   */
  private static long append(LogAppender node, NewEvent event) {
    while (true) {
      try {
        return node.append(List.of(event)).getFirst().position();
      } catch (StoreUnavailableException _) {
        LockSupport.parkNanos(RETRY_PAUSE.toNanos());
      }
    }
  }

  private static void lose(LogAppender node, NewEvent appended) {
    assertThatThrownBy(() -> node.append(List.of(appended)))
        .isInstanceOfAny(AppendConflictException.class, StoreUnavailableException.class);
  }

  private void acknowledge(long position) {
    synchronized (acknowledged) {
      assertThat(acknowledged.get((int) position)).as("%d was given twice", position).isFalse();
      acknowledged.set((int) position);
    }
  }

  private static NewEvent event(long key) {
    return new NewEvent(
        StreamId.of(KeyId.of(1_750_000_000_000L, 0, key)),
        0,
        "default",
        new KeySuspended(),
        Actor.ROOT,
        "race-" + key,
        new EventContext("because", "203.0.113.7", "curl/8"));
  }

  @Override
  public void close() {
    written.set(true);
    allSeen.set(true);
    tails.forEach(LogTail::close);
    nodes.forEach(LogAppender::close);
    threads.close();
    databases.forEach(LedgerDatabase::close);
  }
}
