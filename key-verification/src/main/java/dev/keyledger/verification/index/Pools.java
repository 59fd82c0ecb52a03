package dev.keyledger.verification.index;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The values that keys of an index share; see {@link Pool}. */
@SuppressWarnings("EnumOrdinal") // See PackedKey.
final class Pools {
  private static final ActorType[] ACTOR_TYPES = ActorType.values();

  /** Permissions as in the events, and prepared for checks. */
  record Permissions(List<String> texts, PermissionSet set) {}

  /** An IP list as in the events, and prepared for checks. */
  record Restrictions(List<String> texts, IpAllowList ipAllowList) {}

  final Pool<String, String> workspaces;
  final Pool<List<String>, Permissions> permissions;
  final Pool<List<String>, Restrictions> restrictions;
  final Pool<List<Duration>, List<Duration>> reminders;
  final Pool<Actor, Actor> actors;
  final Pool<String, String> hintPrefixes;

  /**
   * @param sizeMax the maximum number of values in each pool
   */
  Pools(int sizeMax) {
    var texts =
        new Pool.Kind<String, String>(
            text -> text, text -> text, String::length, PackedWriter::text, PackedReader::text);
    workspaces = new Pool<>(texts, sizeMax);
    hintPrefixes = new Pool<>(texts, sizeMax);
    permissions =
        new Pool<>(
            new Pool.Kind<>(
                list -> new Permissions(list, PermissionSet.of(list)),
                Permissions::texts,
                Pools::chars,
                PackedWriter::texts,
                PackedReader::texts),
            sizeMax);
    restrictions =
        new Pool<>(
            new Pool.Kind<>(
                list -> new Restrictions(list, IpAllowList.parse(list)),
                Restrictions::texts,
                Pools::chars,
                PackedWriter::texts,
                PackedReader::texts),
            sizeMax);
    reminders =
        new Pool<>(
            new Pool.Kind<>(
                list -> list,
                list -> list,
                List::size,
                Pools::writeDurations,
                Pools::readDurations),
            sizeMax);
    actors =
        new Pool<>(
            new Pool.Kind<>(
                actor -> actor,
                actor -> actor,
                actor -> actor.toString().length(),
                Pools::write,
                Pools::readActor),
            sizeMax);
  }

  /** Returns all pools, in an order that never changes. */
  List<Pool<?, ?>> all() {
    return List.of(workspaces, permissions, restrictions, reminders, actors, hintPrefixes);
  }

  private static int chars(List<String> texts) {
    int chars = 0;
    for (String text : texts) {
      chars += text.length();
    }
    return chars;
  }

  private static void writeDurations(PackedWriter writer, List<Duration> durations) {
    writer.number(durations.size());
    for (Duration duration : durations) {
      writer.fixed(duration.getSeconds());
      writer.number(duration.getNano());
    }
  }

  private static List<Duration> readDurations(PackedReader reader) {
    Duration[] durations = new Duration[(int) reader.number()];
    Arrays.setAll(durations, _ -> Duration.ofSeconds(reader.fixed(), reader.number()));
    return List.of(durations);
  }

  private static void write(PackedWriter writer, Actor actor) {
    writer.octet(actor.type().ordinal() << 1 | (actor.id() == null ? 0 : 1));
    if (actor.id() != null) {
      writer.text(actor.id());
    }
  }

  private static Actor readActor(PackedReader reader) {
    int head = reader.octet();
    return new Actor(ACTOR_TYPES[head >>> 1], (head & 1) == 0 ? null : reader.text());
  }
}
