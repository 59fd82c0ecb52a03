package dev.keyledger.lifecycle.batch;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StreamId;
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.lifecycle.CommandCount;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyLedger.Origin;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out orders about many keys as one unit of the log: what is decided becomes durable
 * together, or nothing of it does. Each key is decided by {@link KeyDecider} as ever.
 *
 * <p>Methods block until the outcome is durable, and throw what {@link
 * dev.keyledger.lifecycle.KeyLedger#carryOut} does. Thread-safe.
 */
public final class KeyBatches {
  /** The most keys of a batch: as many as a unit of the log has events. */
  public static final int KEYS_MAX = LogAppender.UNIT_EVENTS_MAX;

  /** The most reports of leaks in a batch: each adds two events at most. */
  public static final int LEAKS_MAX = LogAppender.UNIT_EVENTS_MAX / 2;

  /** How often a batch is decided anew because others changed one of its keys in between. */
  static final int ATTEMPTS_MAX = 10;

  private final LogAppender appender;
  private final LogReader log;
  private final KeySideRows sideRows;
  private final CommandCount count;

  public KeyBatches(LogAppender appender, LogReader log, KeySideRows sideRows, CommandCount count) {
    this.appender = appender;
    this.log = log;
    this.sideRows = sideRows;
    this.count = count;
  }

  /**
   * A key that is to be taken in.
   *
   * @param digests all digests that its secret may be known by
   */
  public record Entry(KeyCommand.ImportKey command, Set<Digest> digests, Origin origin) {
    public Entry {
      digests = Set.copyOf(digests);
    }
  }

  /**
   * What became of a batch.
   *
   * @param told what the answer tells
   * @param position the position of the batch's last event, or else where the log ended when the
   *     batch was found to change nothing
   */
  public record Done<T>(T told, long position) {}

  /** What is to be kept of the answer, by the very append that records the batch. */
  public interface Keeping<T> {
    List<AnswerRecord> keep(T told);
  }

  /**
   * Takes keys in. Each entry stands for itself: one that is refused leaves the others as they are,
   * and of entries with one secret the first that is good wins.
   *
   * @param entries at most {@value #KEYS_MAX}, all of that workspace
   * @return the outcome of each entry, in their order
   */
  public Done<List<Outcome>> takeIn(
      String workspace, List<Entry> entries, Keeping<List<Outcome>> keeping) {
    Done<List<Outcome>> done;
    try {
      done = decideAndAppend(workspace, entries, keeping);
    } catch (RuntimeException | Error e) {
      entries.forEach(_ -> count.failed(KeyCommand.ImportKey.class));
      throw e;
    }
    for (Outcome outcome : done.told) {
      switch (outcome) {
        case Outcome.Accepted _ -> count.done(KeyCommand.ImportKey.class);
        case Outcome.Rejected rejected -> count.refused(KeyCommand.ImportKey.class, rejected);
      }
    }
    return done;
  }

  private Done<List<Outcome>> decideAndAppend(
      String workspace, List<Entry> entries, Keeping<List<Outcome>> keeping) {
    Set<Digest> all =
        entries.stream()
            .flatMap(entry -> entry.digests.stream())
            .collect(Collectors.toUnmodifiableSet());
    for (int attempt = 1; ; attempt++) {
      List<Outcome> outcomes = decide(entries, sideRows.known(workspace, all));
      List<NewEvent> unit = new ArrayList<>();
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        unit.addAll(newEvents(entry.command, 0, outcomes.get(i), entry.origin));
      }
      try {
        long known =
            entries.isEmpty()
                ? LogAppender.WORKSPACES_ALL_KNOWN
                : entries.getFirst().command.circumstances().workspacesKnown();
        return new Done<>(outcomes, append(unit, keeping.keep(outcomes), known, head()));
      } catch (AppendConflictException conflict) {
        // Somebody else brought one of the secrets; what is known is looked up anew.
        if (endsIt(conflict) || attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  private static List<Outcome> decide(List<Entry> entries, Set<Digest> known) {
    var taken = new HashSet<>(known);
    var outcomes = new ArrayList<Outcome>(entries.size());
    int accepted = 0;
    for (Entry entry : entries) {
      Outcome outcome = KeyDecider.decide(new KeyState.NotIssued(), entry.command.after(accepted));
      if (outcome instanceof Outcome.Accepted && !Collections.disjoint(taken, entry.digests)) {
        outcome = Outcome.Rejected.DIGEST_ALREADY_KNOWN;
      }
      if (outcome instanceof Outcome.Accepted) {
        taken.addAll(entry.digests);
        accepted++;
      }
      outcomes.add(outcome);
    }
    return List.copyOf(outcomes);
  }

  /**
   * What a revocation of an owner's keys did.
   *
   * @param keyIds the keys that were revoked, in the order of their ids; none that was revoked
   *     before
   * @param remaining how many keys of the owner are not revoked yet, because a batch has a limit
   */
  public record Revoked(List<KeyId> keyIds, int remaining) {
    public Revoked {
      keyIds = List.copyOf(keyIds);
    }
  }

  /**
   * Revokes the keys that an owner has at the head of the log, at most {@value #KEYS_MAX} of them.
   */
  public Done<Revoked> revokeAllOf(
      Owner owner,
      RevocationReason reason,
      Circumstances circumstances,
      Origin origin,
      Keeping<Revoked> keeping) {
    Done<Revoked> done;
    try {
      done = revokeAtHead(owner, reason, circumstances, origin, keeping);
    } catch (RuntimeException | Error e) {
      count.failed(KeyCommand.RevokeKey.class);
      throw e;
    }
    done.told.keyIds.forEach(_ -> count.done(KeyCommand.RevokeKey.class));
    return done;
  }

  private Done<Revoked> revokeAtHead(
      Owner owner,
      RevocationReason reason,
      Circumstances circumstances,
      Origin origin,
      Keeping<Revoked> keeping) {
    for (int attempt = 1; ; attempt++) {
      // Read first, so that no key at or before this position can be missed below.
      long head = head();
      Owned owned = keysOf(circumstances.workspace(), owner);
      List<NewEvent> unit = new ArrayList<>();
      for (KeyView key : owned.first) {
        var command = new KeyCommand.RevokeKey(key.keyId(), circumstances, reason);
        Outcome outcome = KeyDecider.decide(key.state(), command);
        unit.addAll(newEvents(command, key.sequence() + 1, outcome, origin));
      }
      var revoked = new Revoked(owned.first.stream().map(KeyView::keyId).toList(), owned.remaining);
      try {
        long known = circumstances.workspacesKnown();
        return new Done<>(revoked, append(unit, keeping.keep(revoked), known, head));
      } catch (AppendConflictException conflict) {
        if (endsIt(conflict) || attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  /** The keys of an owner that are not revoked: as many as a batch may have, and a count. */
  private record Owned(List<KeyView> first, int remaining) {}

  private Owned keysOf(String workspace, Owner owner) {
    var first = new ArrayList<KeyView>();
    int remaining = 0;
    @Nullable KeyId last = null;
    List<KeyId> page;
    do {
      page = sideRows.onceOwnedBy(workspace, owner, last, KEYS_MAX);
      for (KeyView key : living(page, owner)) {
        if (first.size() < KEYS_MAX) {
          first.add(key);
        } else {
          remaining++;
        }
      }
      last = page.isEmpty() ? null : page.getLast();
    } while (page.size() == KEYS_MAX);
    return new Owned(first, remaining);
  }

  /** Those of the keys that still are the owner's and are not revoked, in the same order. */
  private List<KeyView> living(Collection<KeyId> keyIds, Owner owner) {
    Map<KeyId, List<LoggedEvent>> streams = log.readKeys(keyIds);
    return keyIds.stream()
        .flatMap(keyId -> Stream.ofNullable(KeyView.fold(streams.getOrDefault(keyId, List.of()))))
        .filter(
            key -> key.facts().owner().equals(owner) && !(key.state() instanceof KeyState.Revoked))
        .toList();
  }

  /**
   * Carries out reports of leaks, one after the other.
   *
   * @param reports at most {@value #LEAKS_MAX}, of whichever workspaces
   * @return how many events were added
   */
  public Done<Integer> reportLeaks(List<KeyCommand.ReportLeak> reports, Origin origin) {
    Done<Integer> done;
    try {
      done = reportAtHead(reports, origin);
    } catch (RuntimeException | Error e) {
      reports.forEach(_ -> count.failed(KeyCommand.ReportLeak.class));
      throw e;
    }
    reports.forEach(_ -> count.done(KeyCommand.ReportLeak.class));
    return done;
  }

  private Done<Integer> reportAtHead(List<KeyCommand.ReportLeak> reports, Origin origin) {
    List<KeyId> keyIds = reports.stream().map(KeyCommand.ReportLeak::keyId).distinct().toList();
    for (int attempt = 1; ; attempt++) {
      long head = head();
      Map<KeyId, List<LoggedEvent>> streams = log.readKeys(keyIds);
      var units = new HashMap<KeyId, List<NewEvent>>();
      for (KeyCommand.ReportLeak report : reports) {
        List<LoggedEvent> before = streams.getOrDefault(report.keyId(), List.of());
        List<NewEvent> unit = units.computeIfAbsent(report.keyId(), _ -> new ArrayList<>());
        unit.addAll(
            newEvents(
                report,
                before.size() + unit.size(),
                KeyDecider.decide(stateAfter(before, unit), report),
                origin));
      }
      List<NewEvent> all = units.values().stream().flatMap(List::stream).toList();
      try {
        return new Done<>(
            all.size(), append(all, List.of(), LogAppender.WORKSPACES_ALL_KNOWN, head));
      } catch (AppendConflictException conflict) {
        if (attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  /** The state of a key after what the log has of it, and what a unit is about to add. */
  private static KeyState stateAfter(List<LoggedEvent> logged, List<NewEvent> added) {
    KeyState state = new KeyState.NotIssued();
    for (LedgerEvent event :
        Stream.concat(logged.stream().map(LoggedEvent::event), added.stream().map(NewEvent::event))
            .toList()) {
      state = state.evolve((KeyEvent) event);
    }
    return state;
  }

  private static List<NewEvent> newEvents(
      KeyCommand command, long firstSequence, Outcome outcome, Origin origin) {
    return switch (outcome) {
      case Outcome.Rejected _ -> List.of();
      case Outcome.Accepted accepted -> {
        var events = new ArrayList<NewEvent>();
        for (LedgerEvent event : accepted.events()) {
          events.add(
              new NewEvent(
                  StreamId.of(command.keyId()),
                  firstSequence + events.size(),
                  command.circumstances().workspace(),
                  event,
                  origin.actor(),
                  origin.requestId(),
                  origin.context()));
        }
        yield events;
      }
    };
  }

  /**
   * Appends the unit.
   *
   * @param workspacesKnown what was known of workspaces when it was decided
   * @param head where the answer stands if there is nothing to append
   */
  private long append(
      List<NewEvent> unit, List<AnswerRecord> answers, long workspacesKnown, long head) {
    if (unit.isEmpty()) {
      log.requireWorkspacesUnchanged(workspacesKnown);
    }
    List<LoggedEvent> appended =
        appender.append(
            unit,
            unit.isEmpty() ? answers.stream().map(answer -> answer.at(head)).toList() : answers,
            workspacesKnown);
    return appended.isEmpty() ? head : appended.getLast().position();
  }

  private long head() {
    return log.head().position();
  }

  /** Whether the batch is no longer the right one, so that deciding it anew would not help. */
  private static boolean endsIt(AppendConflictException conflict) {
    return switch (conflict.kind()) {
      case IDEMPOTENCY, WORKSPACE -> true;
      case SEQUENCE, DIGEST -> false;
    };
  }
}
