package dev.keyledger.verification.index;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.verification.index.Ledger.KeySpec;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The publication of the index to readers, under the compilers and the memory model of this
 * machine. Any outcome that is not listed is a defect. {@link PublicationTest} runs these tests.
 */
public final class PublicationStress {
  private static final int RECORD_BYTES = 64;

  /** All entries fall into one segment of the table, because their low bits are equal. */
  private static final long STEP = 0x1357_9bdf_0000_0000L;

  private static final int BEFORE_GROWTH = 6;

  private PublicationStress() {}

  /** A reader that finds a slot in the table finds a complete record in it. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "not added yet")
  @Outcome(id = "64", expect = ACCEPTABLE, desc = "added, and whole")
  @State
  public static class RecordBehindEntry {
    private final SlotTable table = new SlotTable();
    private final PagedArray<byte[]> records = new PagedArray<>();

    @Actor
    public void writer() {
      table.add(STEP, records.add(filled(1)));
    }

    @Actor
    public void reader(I_Result result) {
      SlotTable.Probe probe = table.probe(STEP);
      result.r1 = probe.next() ? sum(records.get(probe.slot())) : 0;
    }
  }

  /**
   * A reader that reads a slot twice sees complete records, and never an older one the second time.
   */
  @JCStressTest
  @Outcome(id = "64, 64", expect = ACCEPTABLE, desc = "before")
  @Outcome(id = "64, 128", expect = ACCEPTABLE, desc = "replaced in between")
  @Outcome(id = "128, 128", expect = ACCEPTABLE, desc = "after")
  @State
  public static class ReplacedRecord {
    private final PagedArray<byte[]> records = new PagedArray<>();

    public ReplacedRecord() {
      records.add(filled(1));
    }

    @Actor
    public void writer() {
      records.set(0, filled(2));
    }

    @Actor
    public void reader(II_Result result) {
      result.r1 = sum(records.get(0));
      result.r2 = sum(records.get(0));
    }
  }

  /** Entries of a segment are found while the segment grows. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "before")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "after")
  @State
  public static class GrowingSegment {
    private final SlotTable table = new SlotTable();

    public GrowingSegment() {
      for (int i = 0; i < BEFORE_GROWTH; i++) {
        table.add(i * STEP, i);
      }
    }

    @Actor
    public void writer() {
      table.add(BEFORE_GROWTH * STEP, BEFORE_GROWTH);
    }

    @Actor
    public void reader(II_Result result) {
      result.r2 = table.probe(BEFORE_GROWTH * STEP).next() ? 1 : 0;
      result.r1 = table.probe(3 * STEP).next() ? 1 : 0;
    }
  }

  /** A position is never ahead of its data: a rotated-out secret and the new one. */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "before the rotation")
  @Outcome(id = "1, 1, 2", expect = ACCEPTABLE_INTERESTING, desc = "data before its position")
  @Outcome(id = "1, 2, 0", expect = ACCEPTABLE_INTERESTING, desc = "the record, not its digest")
  @Outcome(id = "1, 2, 2", expect = ACCEPTABLE_INTERESTING, desc = "data before its position")
  @Outcome(id = "2, 2, 2", expect = ACCEPTABLE, desc = "after the rotation")
  @State
  public static class PositionBehindData {
    private static final LoggedEvent ISSUED;
    private static final LoggedEvent ROTATED;
    private static final Digest OLD;
    private static final Digest NEW;

    static {
      var ledger = new Ledger();
      KeySecret first = ledger.secret();
      KeySecret second = ledger.secret();
      KeyId key = ledger.issue(KeySpec.DEFAULT_SPEC, first);
      ledger.rotate(key, 2, second, Instant.MAX);
      ISSUED = ledger.events.getFirst();
      ROTATED = ledger.last();
      OLD = Ledger.stored(first, KeySpec.DEFAULT_SPEC.pepperVersion()).digest();
      NEW = Ledger.stored(second, 2).digest();
    }

    private final KeyIndex index = new KeyIndex();

    public PositionBehindData() {
      index.apply(ISSUED);
    }

    @Actor
    public void writer() {
      index.apply(ROTATED);
    }

    /** Returns the key's position as found by each secret; 0 if it is not found. */
    @Actor
    public void reader(III_Result result) {
      result.r1 = (int) index.position();
      result.r2 = positionBy(OLD);
      result.r3 = positionBy(NEW);
    }

    private int positionBy(Digest digest) {
      FoundKey found = index.find(digest);
      return found == null ? 0 : (int) found.view().position();
    }
  }

  private static byte[] filled(int with) {
    byte[] record = new byte[RECORD_BYTES];
    for (int i = 0; i < RECORD_BYTES; i++) {
      record[i] = (byte) with;
    }
    return record;
  }

  private static int sum(byte[] record) {
    int sum = 0;
    for (byte one : record) {
      sum += one;
    }
    return sum;
  }
}
