package dev.keyledger.node.snapshot;

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
import dev.keyledger.log.Head;
import dev.keyledger.log.Leaf;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.Peppers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A log in memory that issues keys and nothing else, and an index that follows it. */
final class TestNode {
  static final UUID STORE = UUID.fromString("00000000-0000-0001-0000-000000000002");
  static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  static final Peppers PEPPERS = Peppers.parse("1:" + "A".repeat(43) + "=");

  final List<LoggedEvent> events = Collections.synchronizedList(new ArrayList<>());
  UUID storeId = STORE;
  int incarnation = 1;

  /** The part of the events that makes the histories of nodes differ. */
  String request = "request";

  KeyIndex index = new KeyIndex();

  SnapshotDirectory directory(Path path) {
    return directory(path, PEPPERS);
  }

  SnapshotDirectory directory(Path path, Peppers peppers) {
    return new SnapshotDirectory(path, peppers, this::head, this::leafAt);
  }

  /** Starts from the files in the directory, and catches up. */
  KeyIndex start(SnapshotDirectory directory) {
    index = directory.load();
    events.forEach(index::apply);
    return index;
  }

  void issue(int count) {
    for (int i = 0; i < count; i++) {
      long position = events.size() + 1L;
      KeyId key = KeyId.of(START.toEpochMilli(), 0, position);
      var issued =
          new KeyIssued(
              "a key",
              new Owner(OwnerType.APP, "shop"),
              Environment.LIVE,
              new StoredSecret(new Digest(position, 0, 0, 0), 1, null),
              List.of("read:*"),
              null,
              null,
              null,
              List.of(),
              List.of(),
              Map.of());
      var event =
          new LoggedEvent(
              position,
              StreamId.of(key),
              0,
              "default",
              START.plusSeconds(position),
              Actor.ROOT,
              request,
              issued,
              EventContext.NONE);
      events.add(event);
      index.apply(event);
    }
  }

  Head head() {
    return new Head(storeId, incarnation, events.size(), START);
  }

  Optional<Leaf> leafAt(long position) {
    if (position > events.size()) {
      return Optional.empty();
    }
    LoggedEvent event = events.get((int) position - 1);
    return Optional.of(
        new Leaf(
            event.stream(),
            event.sequence(),
            event.time(),
            event.requestId(),
            new Digest(position, event.requestId().hashCode(), 0, 0)));
  }
}
