package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.digest;
import static dev.keyledger.log.TestEvents.issue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answer records, written by the appends that they describe. */
@Timeout(20)
class AnswerRecordsTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final EventCodec codec = new EventCodec();
  private final LogReader reader = new LogReader(database, codec);
  private final AnswerRecords records = new AnswerRecords(database);
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  @Test
  void anAnswerIsKeptAtThePositionOfItsLastEvent() {
    appender.append(List.of(issue(1)));
    appender.append(List.of(issue(2), change(2, 1)), List.of(answer(7)));

    var kept = records.find(List.of(digest(6), digest(7))).orElseThrow();
    assertThat(kept.id()).isEqualTo(digest(7));
    assertThat(kept.fingerprint()).isEqualTo(digest(1007));
    assertThat(kept.position()).isEqualTo(3);
    assertThat(kept.sealed()).containsExactly(7);
    assertThat(records.find(List.of(digest(8)))).isEmpty();
  }

  @Test
  void unitsThatShareAnAppendKeepTheirOwnPositions() {
    var all = new ArrayList<CompletableFuture<Long>>();
    for (int i = 0; i < 64; i++) {
      int number = i;
      all.add(
          CompletableFuture.supplyAsync(
              () ->
                  appender
                      .append(List.of(issue(number), change(number, 1)), List.of(answer(number)))
                      .getLast()
                      .position(),
              THREADS));
    }
    for (int i = 0; i < all.size(); i++) {
      long position = all.get(i).join();
      assertThat(records.find(List.of(digest(i))).orElseThrow().position()).isEqualTo(position);
    }
  }

  @Test
  void anAnswerWithoutEventsIsNotKept() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> appender.append(List.of(), List.of(answer(8))));
    assertThat(appender.append(List.of(), List.of())).isEmpty();
    assertThat(reader.head().position()).isZero();
  }

  @Test
  void theBytesOfEachCallerAreSummedUp() {
    appender.append(List.of(issue(1)), List.of(answer(1, "one", 100), answer(2, "one", 20)));
    appender.append(List.of(issue(2)), List.of(answer(3, "one", 3), answer(4, "two", 5)));

    assertThat(records.usage("one").bytes()).isEqualTo(123);
    assertThat(records.usage("two").bytes()).isEqualTo(5);
    assertThat(records.usage("three").bytes()).isZero();
    assertThat(records.usage("one").untilLess())
        .isBetween(Duration.ofHours(24).minusSeconds(30), Duration.ofHours(25));
  }

  @Test
  void unitsThatShareAnAppendAreSummedUpForTheirCallers() {
    var all = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < 64; i++) {
      int number = i;
      all.add(
          CompletableFuture.runAsync(
              () ->
                  appender.append(
                      List.of(issue(number)), List.of(answer(number, "of " + number % 2, 10))),
              THREADS));
    }
    all.forEach(CompletableFuture::join);
    assertThat(records.usage("of 0").bytes()).isEqualTo(320);
    assertThat(records.usage("of 1").bytes()).isEqualTo(320);
  }

  @Test
  void aRefusedAppendUsesNoBytes() {
    appender.append(List.of(issue(1)), List.of(answer(7)));

    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> appender.append(List.of(issue(1)), List.of(answer(8))));
    assertThat(records.usage("one").bytes()).isEqualTo(1);
  }

  @Test
  void bytesCountUntilTheirAnswersHaveGone() {
    appender.append(List.of(issue(1)), List.of(answer(7)));
    TestDatabases.execute(
        settings,
        "UPDATE log.idempotency_usage SET hour = clock_timestamp() - interval '24:59:50'");
    assertThat(records.usage("one").bytes()).isEqualTo(1);
    assertThat(records.usage("one").untilLess()).isBetween(Duration.ZERO, Duration.ofSeconds(10));
    records.deleteExpired(10);
    assertThat(records.usage("one").bytes()).isEqualTo(1);

    TestDatabases.execute(
        settings, "UPDATE log.idempotency_usage SET hour = hour - interval '10 seconds'");
    assertThat(records.usage("one").bytes()).isZero();
    records.deleteExpired(10);
    TestDatabases.execute(
        settings, "UPDATE log.idempotency_usage SET hour = hour + interval '1 hour'");
    assertThat(records.usage("one").bytes()).as("the sum is deleted too").isZero();
  }

  @Test
  void ofTwoUnitsWithOneAnswerTheSecondIsNotAppended() {
    appender.append(List.of(issue(1)), List.of(answer(7)));

    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> appender.append(List.of(issue(2)), List.of(answer(8), answer(7))))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(AppendConflictException.Kind.IDEMPOTENCY));
    assertThat(reader.head().position()).isEqualTo(1);
    assertThat(records.find(List.of(digest(8)))).isEmpty();
  }

  @Test
  void aConflictingUnitKeepsNoAnswer() {
    appender.append(List.of(issue(1)));

    assertThatExceptionOfType(AppendConflictException.class)
        .isThrownBy(() -> appender.append(List.of(issue(1)), List.of(answer(7))));
    assertThat(records.find(List.of(digest(7)))).isEmpty();
  }

  @Test
  void anAnswerExpiresAfterADay() {
    appender.append(List.of(issue(1)), List.of(answer(7)));
    age("23:59:50");
    assertThat(records.find(List.of(digest(7)))).isPresent();
    assertThat(records.deleteExpired(10)).isZero();

    age("00:00:10");
    assertThat(records.find(List.of(digest(7)))).isEmpty();
    appender.append(List.of(issue(2)), List.of(answer(7)));
    assertThat(records.find(List.of(digest(7))).orElseThrow().position()).isEqualTo(2);
  }

  @Test
  void expiredAnswersAreDeletedInSmallNumbers() {
    for (int i = 0; i < 5; i++) {
      appender.append(List.of(issue(i)), List.of(answer(i)));
    }
    age("24:00:00");
    appender.append(List.of(issue(5)), List.of(answer(5)));

    assertThat(records.deleteExpired(3)).isEqualTo(3);
    assertThat(records.deleteExpired(3)).isEqualTo(2);
    assertThat(records.deleteExpired(3)).isZero();
    assertThat(records.find(List.of(digest(5)))).isPresent();
  }

  private void age(String by) {
    TestDatabases.execute(
        settings, "UPDATE log.idempotency SET time = time - interval '" + by + "'");
  }

  private static AnswerRecord answer(int number) {
    return answer(number, "one", 1);
  }

  private static AnswerRecord answer(int number, String caller, int bytes) {
    byte[] sealed = new byte[bytes];
    sealed[0] = (byte) number;
    return new AnswerRecord(digest(number), digest(1000 + number), caller, sealed);
  }
}
