package dev.keyledger.standalone.clients;

import static dev.keyledger.client.Decision.Source.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.client.Check;
import dev.keyledger.client.Decision;
import dev.keyledger.client.DecisionCode;
import dev.keyledger.client.IssuedKey;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.LocalDecisions;
import dev.keyledger.client.NewKey;
import dev.keyledger.client.Owner;
import dev.keyledger.client.PolicyChange;
import dev.keyledger.client.RevocationReason;
import dev.keyledger.client.Rotation;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Local decisions of the Java client, and their end by the node's feed. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class LocalDecisionsIT {
  private static final Owner OWNER = Owner.service("billing");

  private final String workspace = "local-" + UUID.randomUUID().toString().substring(0, 8);

  private Keyledger root;
  private Keyledger application;

  @BeforeEach
  void open(KeyledgerProcess node) {
    root = Keyledger.builder(node.uri().toString(), node.rootKey()).workspace(workspace).build();
    root.workspaces().open(workspace, PolicyChange.none());
    IssuedKey operator =
        root.keys()
            .issue(
                NewKey.of("Application", OWNER)
                    .permissions("keyledger:verify", "keyledger:feed:read"));
    application =
        Keyledger.builder(node.uri().toString(), operator.revealSecret())
            .localDecisions(LocalDecisions.upTo(100))
            .build();
    await().until(() -> application.localDecisions().orElseThrow().live());
  }

  @AfterEach
  void close() {
    application.close();
  }

  @Test
  void aChangeOfAKeyElsewhereIsSeenHere() {
    IssuedKey key = root.keys().issue(NewKey.of("Key", OWNER).permissions("read:*"));
    String id = key.key().keyId();
    Check check = Check.of(key.revealSecret()).anyOf("read:users");
    awaitLocal(check, DecisionCode.VALID);
    assertThat(application.checks().verify(check.anyOf("write:users")).code())
        .isEqualTo(DecisionCode.INSUFFICIENT_PERMISSIONS);
    root.keys().suspend(id);
    awaitLocal(check, DecisionCode.SUSPENDED);
    root.keys().resume(id);
    awaitLocal(check, DecisionCode.VALID);
    root.keys().rotate(id, Rotation.overlap(Duration.ZERO));
    awaitLocal(check, DecisionCode.ROTATED_OUT);
    root.keys().revoke(id, RevocationReason.COMPROMISED);
    awaitLocal(check, DecisionCode.REVOKED);
  }

  @Test
  void theEndOfAWorkspaceIsSeenHere() {
    IssuedKey key = root.keys().issue(NewKey.of("Key", OWNER));
    Check check = Check.of(key.revealSecret());
    awaitLocal(check, DecisionCode.VALID);
    root.workspaces().close(workspace);
    await()
        .ignoreExceptions() // the application's own key is no longer valid
        .until(() -> !application.localDecisions().orElseThrow().live());
    assertThat(application.localDecisions().orElseThrow().entries()).isZero();
  }

  /** Waits until a check is decided here, with a code. */
  private void awaitLocal(Check check, DecisionCode code) {
    await()
        .until(() -> {
          Decision decision = application.checks().verify(check);
          return decision.source() == LOCAL && decision.code() == code;
        });
  }
}
