package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.common.Registration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A rival that appends an event after each decision and before the append of it. */
@Timeout(120)
class ContentionTest {
  private static final int ATTEMPTS_MAX = 10;
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);

  private String keyId = "";

  @AfterAll
  static void end() {
    node.close();
  }

  @BeforeEach
  void issue() {
    keyId =
        node.post(
                "/v1/keys",
                """
                {"name":"n","owner":{"type":"app","id":"a"},"permissions":[]}
                """)
            .field("keyId");
  }

  @Test
  void aCommandSucceedsAtItsLastAttempt() {
    double done = commands("done");
    double failed = commands("failed");
    try (var rival = new Rival(ATTEMPTS_MAX - 1, this::describe)) {
      assertThat(suspend().status()).isEqualTo(200);
      assertThat(rival.attempts.get()).isEqualTo(ATTEMPTS_MAX);
    }
    assertThat(commands("done")).isEqualTo(done + 1);
    assertThat(commands("failed")).isEqualTo(failed);
  }

  @Test
  void aStormOfOthersEndsInAConflict() {
    double done = commands("done");
    double failed = commands("failed");
    try (var rival = new Rival(ATTEMPTS_MAX, this::describe)) {
      var answer = suspend();
      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.field("code")).isEqualTo("conflict");
      assertThat(rival.attempts.get()).isEqualTo(ATTEMPTS_MAX);
    }
    assertThat(commands("done")).isEqualTo(done);
    assertThat(commands("failed")).as("counted once").isEqualTo(failed + 1);
    assertThat(suspend().status()).as("nothing was done").isEqualTo(200);
  }

  @Test
  void aWorkspaceThatChangesMeanwhileDelaysACommand() {
    try (var rival = new Rival(3, this::changePolicy)) {
      assertThat(suspend().status()).isEqualTo(200);
      assertThat(rival.attempts.get()).isEqualTo(4);
    }
  }

  @Test
  void aBatchIsDecidedAgainToo() {
    try (var rival = new Rival(ATTEMPTS_MAX - 1, this::describe)) {
      var answer = node.post("/v1/owners/app/a/revoke-keys", "{}");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).contains(keyId);
      assertThat(rival.attempts.get()).isEqualTo(ATTEMPTS_MAX);
    }
  }

  private CommandNode.Answer suspend() {
    return node.post("/v1/keys/" + keyId + "/suspend", "{}");
  }

  private void describe() {
    append(StreamId.of(new KeyId(keyId)), new KeyDescribed("rival " + System.nanoTime(), Map.of()));
  }

  private void changePolicy() {
    append(StreamId.ofWorkspace("default"), new PolicyChanged(WorkspacePolicy.DEFAULT));
  }

  private static void append(StreamId stream, LedgerEvent event) {
    long next = node.bean(LogReader.class).readStream(stream).size();
    node.bean(LogAppender.class)
        .append(
            List.of(
                new NewEvent(
                    stream, next, "default", event, Actor.ROOT, "rival", EventContext.NONE)));
  }

  private static double commands(String outcome) {
    return node.bean(MeterRegistry.class)
        .counter("keyledger.commands", "type", "SuspendKey", "outcome", outcome)
        .count();
  }

  /** Counts the attempts, and disturbs the first of them. */
  private static final class Rival implements AutoCloseable {
    private final AtomicInteger attempts = new AtomicInteger();
    private final Registration registration;

    Rival(int disturbed, Runnable change) {
      registration =
          node.bean(CommandBus.class)
              .registerHandlerInterceptor((_, chain) -> {
                Object decision = chain.proceed();
                if (attempts.incrementAndGet() <= disturbed) {
                  change.run();
                }
                return decision;
              });
    }

    @Override
    public void close() {
      registration.cancel();
    }
  }
}
