package dev.keyledger.standalone.linearizability;

import dev.keyledger.standalone.linearizability.KeyModel.Request;
import dev.keyledger.standalone.linearizability.KeyModel.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches for an order of requests in which each response agrees with the {@link KeyModel}, and no
 * request precedes one that had ended before it began.
 *
 * <p>Follows the moments at which requests began and ended, and keeps every possible state of the
 * key, each with the set of open requests that it includes. When a request ends, it must be
 * included.
 */
final class Linearizability {
  private Linearizability() {}

  /**
   * A request and its response.
   *
   * @param calledNanos before it was sent
   * @param returnedNanos after it was answered; without meaning if it was not
   * @param response null: it is unknown whether it was executed
   */
  record Operation(
      long calledNanos, long returnedNanos, Request request, @Nullable Response response) {}

  private record Possibility(KeyModel key, Set<Integer> included) {}

  private record Moment(long nanos, int operation, boolean begins) {}

  /** Returns the first operation that fits into no order; empty if all do. */
  static Optional<Operation> misfit(KeyModel initial, List<Operation> operations) {
    var open = new HashSet<Integer>();
    Set<Possibility> possible = Set.of(new Possibility(initial, Set.of()));
    for (Moment moment : moments(operations)) {
      if (moment.begins) {
        open.add(moment.operation);
      } else {
        possible = including(moment.operation, possible, open, operations);
        open.remove(moment.operation);
        if (possible.isEmpty()) {
          return Optional.of(operations.get(moment.operation));
        }
      }
    }
    return Optional.empty();
  }

  private static List<Moment> moments(List<Operation> operations) {
    var moments = new ArrayList<Moment>();
    for (int i = 0; i < operations.size(); i++) {
      moments.add(new Moment(operations.get(i).calledNanos, i, true));
      if (operations.get(i).response != null) {
        moments.add(new Moment(operations.get(i).returnedNanos, i, false));
      }
    }
    // At the same nanosecond they count as concurrent.
    moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(m -> !m.begins));
    return moments;
  }

  private static Set<Possibility> including(
      int ended, Set<Possibility> possible, Set<Integer> open, List<Operation> operations) {
    var found = new HashSet<Possibility>();
    var seen = new HashSet<>(possible);
    var rest = new ArrayDeque<>(possible);
    while (!rest.isEmpty()) {
      Possibility here = rest.pop();
      if (here.included.contains(ended)) {
        var others = new HashSet<>(here.included);
        others.remove(ended);
        found.add(new Possibility(here.key, Set.copyOf(others)));
        continue;
      }
      for (int next : open) {
        if (!here.included.contains(next)) {
          step(here.key, operations.get(next))
              .map(after -> new Possibility(after, with(here.included, next)))
              .filter(seen::add)
              .ifPresent(rest::push);
        }
      }
    }
    return found;
  }

  private static Optional<KeyModel> step(KeyModel key, Operation operation) {
    return operation.response == null
        ? Optional.of(key.step(operation.request).after())
        : key.after(operation.request, operation.response);
  }

  private static Set<Integer> with(Set<Integer> some, int more) {
    var all = new HashSet<>(some);
    all.add(more);
    return Set.copyOf(all);
  }
}
