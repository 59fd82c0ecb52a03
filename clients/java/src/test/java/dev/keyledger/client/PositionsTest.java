package dev.keyledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PositionsTest {
  private final Positions positions = new Positions();

  @Test
  void aThreadUsesTheTokenOfItsOwnLastCommand() {
    assertThat(positions.current()).isNull();
    positions.end(positions.begin(), "a");
    assertThat(positions.current()).isEqualTo("a");
    positions.end(positions.begin(), "b");
    assertThat(positions.current()).isEqualTo("b");
  }

  @Test
  void aThreadUsesTheTokenOfALaterCommandOfAnother() {
    positions.end(positions.begin(), "mine");
    elsewhere(() -> positions.end(positions.begin(), "later"));
    assertThat(positions.current()).isEqualTo("later");
  }

  @Test
  void ofTwoCommandsAtTheSameTimeAThreadUsesTheTokenOfItsOwn() {
    long mine = positions.begin();
    long other = positions.begin();
    positions.end(mine, "mine");
    elsewhere(() -> positions.end(other, "other"));
    assertThat(positions.current()).isEqualTo("mine");
    elsewhere(() -> assertThat(positions.current()).isEqualTo("other"));
  }

  @Test
  void aCommandThatBeganEarlierDoesNotReplaceTheTokenOfALaterOne() {
    long early = positions.begin();
    elsewhere(() -> positions.end(positions.begin(), "later"));
    elsewhere(() -> positions.end(early, "early"));
    assertThat(positions.current()).isEqualTo("later");
  }

  @Test
  void aTokenThatIsForgottenIsUsedNoMore() {
    positions.end(positions.begin(), "a");
    positions.forget("b");
    assertThat(positions.current()).isEqualTo("a");
    positions.forget("a");
    assertThat(positions.current()).isNull();
  }

  private static void elsewhere(Runnable task) {
    CompletableFuture.runAsync(task).join();
  }
}
