package dev.keyledger.lifecycle.batch;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyState;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Decides the entries of an import, from the entries and the known digests alone. */
public final class ImportDecider {
  private ImportDecider() {}

  /**
   * Returns the outcomes of the entries, in their order.
   *
   * @param known those of the entries' digests that a key has or had
   */
  public static List<Outcome> decide(List<Entry> entries, Set<Digest> known) {
    var taken = new HashSet<>(known);
    var outcomes = new ArrayList<Outcome>(entries.size());
    int counted = 0;
    for (Entry entry : entries) {
      Outcome outcome = KeyDecider.decide(new KeyState.NotIssued(), entry.command().after(counted));
      if (outcome instanceof Outcome.Accepted && !Collections.disjoint(taken, entry.digests())) {
        outcome = Outcome.Rejected.DIGEST_ALREADY_KNOWN;
      }
      if (outcome instanceof Outcome.Accepted) {
        taken.addAll(entry.digests());
        counted += entry.command().counts() ? 1 : 0;
      }
      outcomes.add(outcome);
    }
    return outcomes;
  }
}
