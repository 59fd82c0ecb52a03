package dev.keyledger.verification.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotTableTest {
  private final SlotTable table = new SlotTable();
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void aHashThatWasNeverAddedIsNotFound() {
    assertThat(slots(0)).isEmpty();
    table.add(0, 0);
    assertThat(slots(0)).containsExactly(0);
    assertThat(slots(1L << 32)).isEmpty();
  }

  @Test
  void slotsOfOneHashAreAllFound() {
    List<Integer> added = new ArrayList<>();
    for (int slot = 0; slot < 100; slot++) {
      table.add(-1, slot);
      added.add(slot);
      assertThat(slots(-1)).containsExactlyInAnyOrderElementsOf(added);
    }
  }

  @Test
  void everythingIsFoundWhileItGrows() {
    assertFound(0, random.longs(100_000).toArray());
  }

  /** Further slots are added one by one to a table that was created with some. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 700, 5_000, 50_000, 100_000})
  void everythingIsFoundInATableCreatedWithSlots(int slots) {
    assertFound(slots, random.longs(100_000).toArray());
  }

  @Test
  void everythingIsFoundInATableCreatedWithOneFullSegment() {
    assertFound(50_000, random.longs(100_000).map(bits -> bits & ~0xffffffffL).toArray());
  }

  private void assertFound(int slots, long[] hashes) {
    var table = new SlotTable(slots, slot -> hashes[slot]);
    for (int slot = 0; slot < slots; slot++) {
      assertThat(slots(table, hashes[slot])).as("seed %s", seed).contains(slot);
    }
    for (int slot = slots; slot < hashes.length; slot++) {
      table.add(hashes[slot], slot);
      int earlier = random.nextInt(slot + 1);
      assertThat(slots(table, hashes[earlier])).as("seed %s", seed).contains(earlier);
    }
    for (int slot = 0; slot < hashes.length; slot++) {
      assertThat(slots(table, hashes[slot])).as("seed %s", seed).contains(slot);
    }
  }

  /** An iteration that started before the table grew continues on the old segment. */
  @Test
  void anIterationSurvivesGrowth() {
    table.add(7, 1);
    var walk = table.probe(7);
    for (int slot = 2; slot < 100; slot++) {
      table.add(7, slot);
    }
    assertThat(walk.next()).isTrue();
    assertThat(walk.slot()).isEqualTo(1);
  }

  private List<Integer> slots(long hash) {
    return slots(table, hash);
  }

  private static List<Integer> slots(SlotTable table, long hash) {
    var slots = new ArrayList<Integer>();
    for (var probe = table.probe(hash); probe.next(); ) {
      slots.add(probe.slot());
    }
    return slots;
  }
}
