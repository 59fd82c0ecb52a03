package dev.keyledger.benchmarks.memory;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.index.IndexSnapshot;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.SnapshotOrigin;
import dev.keyledger.verification.index.SnapshotRefusedException;
import dev.keyledger.verification.secret.Peppers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * The index of many realistic keys: names and owners of 20 characters, three permissions in one of
 * 500 sets, an expiry, no metadata. Prints the bytes per key, the longest time of an event while
 * the index grew, how long a snapshot blocks the writer, and how long it takes to write and to
 * read.
 */
public final class IndexBenchmark {
  private static final int PERMISSION_SETS = 500;
  private static final int BUFFER_BYTES = 1 << 23;
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final Peppers PEPPERS = Peppers.parse("1:" + "A".repeat(43) + "=");

  private IndexBenchmark() {}

  /**
   * @param arguments the number of keys; a file for the snapshot; "read" if the file already exists
   */
  public static void main(String[] arguments) throws IOException, SnapshotRefusedException {
    int keys = Integer.parseInt(arguments[0]);
    Path file = Path.of(arguments[1]);
    if (arguments.length == 2) {
      write(build(keys), file);
    } else {
      read(file);
    }
  }

  private static KeyIndex build(int keys) {
    long before = usedBytes();
    var index = new KeyIndex();
    long longest = 0;
    long began = System.nanoTime();
    for (int number = 0; number < keys; number++) {
      LoggedEvent event = issued(number);
      long collecting = collectingMillis();
      long start = System.nanoTime();
      index.apply(event);
      long took = System.nanoTime() - start;
      if (collecting == collectingMillis()) { // otherwise it is the time of the garbage collector
        longest = Math.max(longest, took);
      }
    }
    System.out.printf(
        "built %,d keys in %.1f s, no event in more than %.1f ms%n",
        keys, (System.nanoTime() - began) / 1e9, longest / 1e6);
    System.out.printf("%.1f bytes a key%n", (double) (usedBytes() - before) / keys);
    return index;
  }

  private static void write(KeyIndex index, Path file) throws IOException {
    long began = System.nanoTime();
    IndexSnapshot snapshot = index.snapshot().orElseThrow();
    double copyMillis = (System.nanoTime() - began) / 1e6;
    LoggedEvent latest = snapshot.latest();
    var origin =
        new SnapshotOrigin(
            new UUID(1, 2), 1, latest.position(), latest.time(), new Digest(1, 2, 3, 4));
    try (var channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.DSYNC);
        var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
      snapshot.write(out, origin, PEPPERS, () -> false);
    }
    System.out.printf(
        "the writer waited %.1f ms; written in %.1f s, %.1f bytes a key%n",
        copyMillis, (System.nanoTime() - began) / 1e9, (double) Files.size(file) / index.keys());
  }

  private static void read(Path file) throws IOException, SnapshotRefusedException {
    long before = usedBytes();
    long began = System.nanoTime();
    KeyIndex index;
    try (var in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        var reading = new IndexSnapshot.Reading(in, PEPPERS)) {
      index = reading.index(_ -> {});
    }
    System.out.printf(
        "read %,d keys in %.1f s, %.1f of them the collector's%n",
        index.keys(), (System.nanoTime() - began) / 1e9, collectingMillis() / 1e3);
    System.out.printf(
        "%.1f bytes a key, %,d keys%n",
        (double) (usedBytes() - before) / index.keys(), index.keys());
  }

  private static LoggedEvent issued(int number) {
    var random = new SplittableRandom(number);
    Instant time = START.plusMillis(number).plusNanos(random.nextInt(1000) * 1000L);
    KeyId key = KeyId.of(time.toEpochMilli(), random.nextLong(), random.nextLong());
    Instant expiresAt = time.plus(WorkspacePolicy.DEFAULT.defaultLifetime());
    var digest =
        new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    String hint = "kl_live_..." + Integer.toString(36 * 36 * 36 + random.nextInt(36 * 36), 36);
    int set = random.nextInt(PERMISSION_SETS);
    var event =
        new KeyIssued(
            "A key of number %04d".formatted(number % 10_000),
            new Owner(OwnerType.SERVICE, "service-%012d".formatted(number / 10)),
            Environment.LIVE,
            new StoredSecret(digest, 1, hint),
            List.of("read:some" + set, "write:some" + set, "list:some" + set),
            null,
            expiresAt,
            expiresAt.plus(WorkspacePolicy.DEFAULT.renewalWindow()),
            WorkspacePolicy.DEFAULT.reminders(),
            List.of(),
            Map.of());
    return new LoggedEvent(
        number + 1L,
        StreamId.of(key),
        0,
        "default",
        time,
        Actor.ROOT,
        "request",
        event,
        EventContext.NONE);
  }

  private static long collectingMillis() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, collector.getCollectionTime());
    }
    return millis;
  }

  private static long usedBytes() {
    var used = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      System.gc();
      used.add(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return used.stream().mapToLong(Long::longValue).min().orElseThrow();
  }
}
