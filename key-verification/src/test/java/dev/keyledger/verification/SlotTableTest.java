package dev.keyledger.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotTableTest {
  private final SlotTable table = new SlotTable();

  @Test
  void whatWasNeverAddedIsNotFound() {
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
    assertFound(table);
  }

  /** More than expected, as many, and fewer. */
  @ParameterizedTest
  @ValueSource(ints = {1, 700, 50_000, 100_000, 200_000})
  void everythingIsFoundInOneThatWasMadeForSoMany(int expected) {
    assertFound(new SlotTable(expected));
  }

  private static void assertFound(SlotTable table) {
    long seed = System.nanoTime();
    var random = new Random(seed);
    long[] hashes = random.longs(100_000).toArray();
    for (int slot = 0; slot < hashes.length; slot++) {
      table.add(hashes[slot], slot);
      int earlier = random.nextInt(slot + 1);
      assertThat(slots(table, hashes[earlier])).as("seed %s", seed).contains(earlier);
    }
    for (int slot = 0; slot < hashes.length; slot++) {
      assertThat(slots(table, hashes[slot])).as("seed %s", seed).contains(slot);
    }
  }

  /** A walk that began before the table grew goes on in what there was. */
  @Test
  void aWalkSurvivesGrowth() {
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
