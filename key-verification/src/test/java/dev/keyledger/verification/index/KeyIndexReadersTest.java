package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/**
 * Concurrent readers: each key that they find is consistent, never older than the position that
 * they read before, and no secret that existed by then is missed.
 */
class KeyIndexReadersTest {
  private static final int READERS = 3;

  /**
   * The end of a secret: the rotation, the events that began and closed its overlap while it was
   * open, and the end that follows.
   */
  private record Ending(List<LoggedEvent> events, Instant end) {
    static Ending of(LoggedEvent rotation) {
      return new Ending(List.of(rotation), ((KeyRotated) rotation.event()).overlapEndsAt());
    }

    Ending changedBy(LoggedEvent event) {
      if (!event.time().isBefore(end)) {
        return this;
      }
      var more = new ArrayList<>(events);
      more.add(event);
      return new Ending(
          more,
          event.event() instanceof OverlapStarted started
              ? earlier(end, started.overlapEndsAt())
              : Instant.MIN);
    }

    DecidedBy at(long position) {
      return DecidedBy.of(
          events.reversed().stream()
              .filter(event -> event.position() <= position)
              .findFirst()
              .orElse(events.getFirst()));
    }

    private static Instant earlier(Instant a, Instant b) {
      return a.isBefore(b) ? a : b;
    }
  }

  /** A key after each of its events, by position, and the ends of its secrets. */
  private record Timeline(TreeMap<Long, KeyView> views, Map<Integer, Ending> endings) {
    void add(LoggedEvent event) {
      int generation = views.isEmpty() ? 1 : last().facts().secrets().generation();
      if (event.event() instanceof KeyEvent.ChangesSecrets) {
        endings.computeIfPresent(generation - 1, (_, ending) -> ending.changedBy(event));
      }
      if (event.event() instanceof KeyRotated) {
        endings.put(generation, Ending.of(event));
      }
      views.put(event.position(), KeyView.after(views.isEmpty() ? null : last(), event));
    }

    KeyView last() {
      return views.lastEntry().getValue();
    }
  }

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final KeyHistory history = new KeyHistory(random);
  private final Map<KeyId, Timeline> lives = new HashMap<>();
  private final KeyIndex index = new KeyIndex();
  private final AtomicBoolean writing = new AtomicBoolean(true);

  @RepeatedTest(3)
  @Timeout(60)
  void noReaderSeesAKeyTornOrBehindThePosition() throws Exception {
    createHistory();
    var readers = new ArrayList<Future<Long>>();
    try (var threads = Executors.newFixedThreadPool(READERS)) {
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(reader(new Random(seed + i))));
      }
      history.ledger.events.forEach(index::apply);
      writing.set(false);
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
    assertThat(index.digestOfState())
        .as("seed %s", seed)
        .isEqualTo(history.ledger.index.digestOfState());
  }

  /** A few keys that are rotated all the time, and many that fill tables and pages. */
  private void createHistory() {
    for (int i = 0; i < 3; i++) {
      history.addKey();
    }
    List<KeyId> few = List.copyOf(history.keys());
    for (int i = 0; i < 12_000; i++) {
      switch (i % 4) {
        case 0 -> history.rotate(few.get(random.nextInt(few.size())));
        case 1 -> history.addEvent(few.get(random.nextInt(few.size())));
        default -> history.step(2);
      }
    }
    for (LoggedEvent event : history.ledger.events) {
      if (event.event() instanceof KeyEvent) {
        lives
            .computeIfAbsent(
                new KeyId(event.stream().id()), _ -> new Timeline(new TreeMap<>(), new HashMap<>()))
            .add(event);
      }
    }
  }

  /** Reads mostly the keys that the writer is changing. */
  private Callable<Long> reader(Random own) {
    return () -> {
      long reads = 0;
      int newest = 0;
      do {
        while (newest + 1 < history.minted.size()
            && history.minted.get(newest).since() <= index.position()) {
          newest++;
        }
        int back = own.nextInt(own.nextBoolean() ? 8 : newest + 1);
        readKey(history.minted.get(Math.max(0, newest - back)));
        reads++;
      } while (writing.get());
      return reads;
    };
  }

  private void readKey(KeyHistory.Minted secret) {
    Timeline life = requireNonNull(lives.get(secret.key()));
    long position = index.position();
    FoundKey found = index.find(secret.digest());
    var named = index.find(secret.key());
    if (found == null || named.isEmpty()) {
      assertThat(secret.since()).as("seed %s: missed %s", seed, secret).isGreaterThan(position);
      return;
    }
    KeyView view = found.view();
    assertThat(view).as("seed %s", seed).isEqualTo(life.views.get(view.position()));
    assertThat(named.get()).as("seed %s", seed).isEqualTo(life.views.get(named.get().position()));
    Long least = life.views.floorKey(position);
    assertThat(view.position())
        .as("seed %s: behind position %s", seed, position)
        .isGreaterThanOrEqualTo(least == null ? 0 : least)
        .isGreaterThanOrEqualTo(secret.since());
    assertThat(found.generation()).as("seed %s", seed).isEqualTo(secret.generation());
    if (secret.generation() < view.facts().secrets().generation()) {
      assertThat(found.decidedBy(DecisionCode.ROTATED_OUT))
          .as("seed %s: %s at %s", seed, secret, view.position())
          .isEqualTo(requireNonNull(life.endings.get(secret.generation())).at(view.position()));
    }
  }
}
