package dev.keyledger.standalone.clients;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.client.Actor;
import dev.keyledger.client.AuditEntry;
import dev.keyledger.client.AuditFilter;
import dev.keyledger.client.CallOptions;
import dev.keyledger.client.Check;
import dev.keyledger.client.CheckResult;
import dev.keyledger.client.Decision;
import dev.keyledger.client.DecisionCode;
import dev.keyledger.client.Environment;
import dev.keyledger.client.IssuedKey;
import dev.keyledger.client.Key;
import dev.keyledger.client.KeyFilter;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.Keys;
import dev.keyledger.client.NewKey;
import dev.keyledger.client.Owner;
import dev.keyledger.client.Policy;
import dev.keyledger.client.PolicyChange;
import dev.keyledger.client.Problem;
import dev.keyledger.client.ProblemCode;
import dev.keyledger.client.Renewal;
import dev.keyledger.client.RevocationReason;
import dev.keyledger.client.Rotation;
import dev.keyledger.client.Secret;
import dev.keyledger.client.Self;
import dev.keyledger.client.Workspaces;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The Java client against a node: each call of it, once. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class JavaClientIT {
  private static final Owner OWNER = Owner.service("billing");

  private final String workspace = "client-" + UUID.randomUUID().toString().substring(0, 8);

  private KeyledgerProcess node;
  private Keyledger root;
  private Keyledger operator;

  @BeforeEach
  void open(KeyledgerProcess shared) {
    node = shared;
    root = client(node.rootKey());
    root.workspaces().open(workspace, PolicyChange.none().holderMay("renew", "rotate"));
    operator =
        client(
            root.keys()
                .issue(NewKey.of("Operator", Owner.app("test")).permissions("keyledger:*"))
                .revealSecret());
  }

  private Keyledger client(String credential) {
    return Keyledger.builder(node.uri().toString(), credential)
        .checkUrl(node.uri(Port.FAST).toString())
        .workspace(workspace)
        .build();
  }

  @Test
  void theLifeOfAKey() {
    Keys keys = operator.keys();
    IssuedKey issued =
        keys.issue(
            NewKey.of("Nightly export", OWNER)
                .permissions("read:invoices")
                .lifetime(Duration.ofDays(30))
                .metadata(Map.of("team", "payments"))
                .ipAllowList("203.0.113.0/24"));
    String id = issued.key().keyId();
    assertThat(keys.get(id)).isEqualTo(issued.key());
    assertThat(keys.renew(id, Renewal.lifetime(Duration.ofDays(60))).version()).isEqualTo(2);
    assertThat(keys.renewAll(List.of(id), Renewal.lifetime(Duration.ofDays(90))).getFirst())
        .satisfies(renewed -> assertThat(renewed.problem()).isNull());
    assertThat(keys.rotate(id, Rotation.overlap(Duration.ofHours(1))).key().generation())
        .isEqualTo(2);
    assertThat(keys.retireSecret(id).secrets()).hasSize(1);
    assertThat(keys.suspend(id).status()).isEqualTo(Key.Status.SUSPENDED);
    assertThat(keys.resume(id).status()).isEqualTo(Key.Status.ACTIVE);
    Instant later = Instant.now().plus(Duration.ofDays(1));
    assertThat(keys.suspendAt(id, later).planned())
        .isNotNull()
        .returns(false, Key.Planned::revokes);
    assertThat(keys.cancelPlan(id).planned()).isNull();
    assertThat(
            requireNonNull(keys.revokeAt(id, later, RevocationReason.SUPERSEDED).planned())
                .reason())
        .isEqualTo(RevocationReason.SUPERSEDED);
    keys.cancelPlan(id);
    assertThat(keys.changePermissions(id, List.of("read:*")).permissions())
        .containsExactly("read:*");
    assertThat(keys.restrict(id, List.of()).ipAllowList()).isEmpty();
    assertThat(keys.rename(id, "Export").name()).isEqualTo("Export");
    assertThat(keys.describe(id, Map.of()).metadata()).isEmpty();
    assertThat(keys.transfer(id, Owner.user("42")).owner()).isEqualTo(Owner.user("42"));
    Key before = keys.getAt(id, issued.key().createdAt());
    assertThat(before.permissions()).containsExactly("read:invoices");

    CallOptions waiting =
        CallOptions.because("It leaked")
            .waitUntilApplied(Duration.ofSeconds(5))
            .ifVersion(keys.get(id).version());
    Key revoked = operator.with(waiting).keys().revoke(id, RevocationReason.LEAKED);
    assertThat(revoked.status()).isEqualTo(Key.Status.REVOKED);
    assertThat(revoked.notAppliedBy()).isEmpty();
    List<AuditEntry> history = keys.history(id).toList();
    assertThat(history.getFirst().type()).isEqualTo("KeyIssued");
    assertThat(history.getLast().reason()).isEqualTo("It leaked");
    assertThat(keys.getAt(id, history.getFirst().position()).generation()).isEqualTo(1);
    assertThatThrownBy(() -> keys.suspend(id))
        .isInstanceOf(KeyledgerException.Conflict.class)
        .extracting(thrown -> ((KeyledgerException) thrown).code())
        .isEqualTo(ProblemCode.KEY_REVOKED);
    assertThatThrownBy(() -> operator.with(waiting).keys().revoke(id, RevocationReason.LEAKED))
        .extracting(thrown -> ((KeyledgerException) thrown).code())
        .isEqualTo(ProblemCode.VERSION_MISMATCH);
  }

  @Test
  void manyKeys() {
    Keys keys = operator.keys();
    IssuedKey first = keys.issue(NewKey.of("First", OWNER).permissions("read:a"));
    keys.issue(NewKey.of("Second", OWNER).permissions("read:*").environment(Environment.TEST));
    List<Keys.KeyResult> imported =
        keys.importKeys(
            List.of(
                NewKey.of("Third", Owner.user("7")).secretSha256("ab".repeat(32)),
                NewKey.of(" ", Owner.user("7")).secretSha256("cd".repeat(32))));
    assertThat(imported.get(0).keyId()).startsWith("key_");
    assertThat(requireNonNull(imported.get(1).problem()).code())
        .isEqualTo(ProblemCode.INVALID_FIELD);

    assertThat(keys.all(KeyFilter.all().owner(OWNER).limit(1)).map(Key::name))
        .containsExactly("Second", "First");
    assertThat(keys.list(KeyFilter.all().environment(Environment.TEST)).data())
        .extracting(Key::name)
        .containsExactly("Second");
    assertThat(keys.expiring(Duration.ofDays(91)).map(Key::name)).contains("First", "Third");
    assertThat(keys.holders("read:a").map(Key::name)).containsExactly("Second", "First");

    keys.reportLeaks(List.of(Secret.of(first.revealSecret()), Secret.of("nobody's")));
    assertThat(keys.get(first.key().keyId()).revocationReason()).isEqualTo(RevocationReason.LEAKED);
    assertThat(keys.revokeAllOf(OWNER, RevocationReason.OWNER_LEFT).keyIds()).hasSize(1);
    String operatorId = requireNonNull(operator.self().read().key()).keyId();
    assertThat(root.keys().revokeWithDescendants(operatorId, RevocationReason.POLICY).keyIds())
        .containsExactly(requireNonNull(imported.get(0).keyId()));
  }

  @Test
  void checks() {
    IssuedKey key = operator.keys().issue(NewKey.of("Key", OWNER).permissions("read:*"));
    String secret = key.revealSecret();
    assertThat(operator.checks().permits(secret, "read:users")).isTrue();
    assertThat(operator.checks().permits(secret, "write:users")).isFalse();
    Decision explained =
        operator.checks().verify(Check.of(secret).anyOf("a:b").ip("203.0.113.7").explained());
    assertThat(explained.code()).isEqualTo(DecisionCode.INSUFFICIENT_PERMISSIONS);
    assertThat(explained.missingPermissions()).containsExactly("a:b");
    assertThat(explained.conditions()).hasSize(9);
    List<CheckResult> results =
        operator
            .checks()
            .verifyAll(
                List.of(
                    Check.of(secret), Check.of("x"), Check.of("x").maxAge(Duration.ofHours(1))));
    assertThat(requireNonNull(((Decision) results.get(0)).key()).keyId())
        .isEqualTo(key.key().keyId());
    assertThat(((Decision) results.get(1)).code()).isEqualTo(DecisionCode.NOT_FOUND);
    assertThat(((Problem) results.get(2)).code()).isEqualTo(ProblemCode.INVALID_FIELD);
    Check check = Check.of(secret);
    assertThat(
            operator
                .checks()
                .verifyAt(check, requireNonNull(explained.decidedBy()).position())
                .valid())
        .isTrue();
    assertThat(operator.checks().verifyAt(check, key.key().createdAt().minusSeconds(1)).code())
        .isEqualTo(DecisionCode.NOT_FOUND);
  }

  @Test
  void theClientReadsItsOwnWrites() {
    IssuedKey key = operator.keys().issue(NewKey.of("Key", OWNER));
    for (int i = 0; i < 20; i++) {
      operator.keys().suspend(key.key().keyId());
      assertThat(operator.checks().verify(Check.of(key.revealSecret())).code())
          .isEqualTo(DecisionCode.SUSPENDED);
      assertThat(operator.keys().list(KeyFilter.all().status(Key.Status.SUSPENDED)).data())
          .hasSize(1);
      operator.keys().resume(key.key().keyId());
      assertThat(operator.keys().list(KeyFilter.all().status(Key.Status.SUSPENDED)).data())
          .isEmpty();
    }
  }

  @Test
  void theHolderServesItself() {
    IssuedKey key = operator.keys().issue(NewKey.of("Key", OWNER).lifetime(Duration.ofDays(1)));
    Self self = client(key.revealSecret()).self();
    assertThat(self.read().holderMay()).containsExactly("renew", "rotate");
    assertThat(self.renew(Renewal.lifetime(Duration.ofDays(2))).version()).isEqualTo(2);
    IssuedKey rotated = self.rotate(Rotation.overlap(Duration.ofHours(1)));
    assertThat(client(rotated.revealSecret()).self().revoke(RevocationReason.SUPERSEDED).status())
        .isEqualTo(Key.Status.REVOKED);
    assertThatThrownBy(self::read).isInstanceOf(KeyledgerException.Unauthorized.class);
    assertThat(root.self().read().key()).isNull();
    Policy policy = root.workspaces().get(workspace).policy();
    Self.BindingPolicy told = requireNonNull(root.self().read().policy());
    assertThat(told.maxLifetime()).isEqualTo(policy.maxLifetime());
    assertThat(told.allowedPermissions()).isEqualTo(policy.allowedPermissions());
  }

  @Test
  void workspacesAuditAndLog() {
    Workspaces workspaces = root.workspaces();
    assertThat(workspaces.get(workspace).policy().holderMay()).containsExactly("renew", "rotate");
    assertThat(
            workspaces.changePolicy(workspace, PolicyChange.none().maxKeys(7)).policy().maxKeys())
        .isEqualTo(7);
    assertThat(workspaces.list().map(Workspaces.Workspace::workspace)).contains(workspace);

    IssuedKey key =
        operator.with(CallOptions.because("Somebody asked")).keys().issue(NewKey.of("Key", OWNER));
    String operatorId = requireNonNull(operator.self().read().key()).keyId();
    assertThat(operator.audit().all(AuditFilter.all().key(key.key().keyId())).toList())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.type()).isEqualTo("KeyIssued");
          assertThat(entry.actor()).isEqualTo(new Actor("operator", operatorId));
          assertThat(entry.reason()).isEqualTo("Somebody asked");
          assertThat(entry.data()).containsEntry("name", "Key");
        });
    assertThat(operator.audit().eraseContextsOn(key.key().keyId()).events()).isEqualTo(1);
    assertThat(operator.audit().eraseContextsOf(new Actor("operator", operatorId)).more())
        .isFalse();
    assertThat(
            operator.audit().list(AuditFilter.all().type("KeyIssued").limit(1)).data().getFirst())
        .satisfies(entry -> assertThat(entry.reason()).isNull());
    String token = operator.position().orElseThrow();
    try (var lines = operator.audit().export(0)) {
      assertThat(lines).last().asString().contains("ExportTrailer");
    }
    assertThat(operator.log().applied(token).everywhere()).isTrue();
    assertThat(root.log().nodes()).isNotEmpty();
    assertThat(operator.log().checkpoint()).contains("\n\n");

    assertThat(workspaces.close(workspace).closedAt()).isNotNull();
    assertThat(root.checks().verify(Check.of(key.revealSecret())).code())
        .isEqualTo(DecisionCode.NOT_FOUND);
  }

  @Test
  void problemsHaveTypes() {
    assertThatThrownBy(() -> client("nobody").keys().get("key_x"))
        .isInstanceOf(KeyledgerException.Unauthorized.class);
    assertThatThrownBy(() -> operator.keys().get("key_x"))
        .isInstanceOf(KeyledgerException.NotFound.class);
    assertThatThrownBy(() -> operator.workspaces().get(workspace))
        .isInstanceOf(KeyledgerException.Forbidden.class);
    assertThatThrownBy(() -> operator.keys().issue(NewKey.of("", OWNER)))
        .isInstanceOf(KeyledgerException.Invalid.class)
        .satisfies(thrown ->
            assertThat(((KeyledgerException) thrown).problem().orElseThrow().errors())
                .extracting(Problem.InvalidField::field)
                .containsExactly("name"));
  }

  /** Loses the first answer, after the execution of the command. */
  @Test
  void aCommandWhoseAnswerIsLostIsDoneOnce() throws IOException {
    try (var line = new LossyLine(node.uri().getPort());
        Keyledger remote =
            Keyledger.builder("http://127.0.0.1:" + line.port(), node.rootKey())
                .workspace(workspace)
                .build()) {
      IssuedKey key = remote.keys().issue(NewKey.of("Once", OWNER).permissions("read:users"));
      assertThat(line.connections.get()).isEqualTo(2);
      assertThat(remote.checks().permits(key.revealSecret(), "read:users")).isTrue();
      assertThat(remote.keys().list(KeyFilter.all().text("Once")).data()).hasSize(1);
    }
  }

  /** Forwards connections; closes the first one as soon as an answer comes. */
  private static final class LossyLine implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final AtomicInteger connections = new AtomicInteger();

    LossyLine(int target) throws IOException {
      this.target = target;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return server.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = server.accept();
          boolean first = connections.incrementAndGet() == 1;
          Socket service = new Socket(InetAddress.getLoopbackAddress(), target);
          Thread.ofVirtual().start(() -> pump(client, service, false));
          Thread.ofVirtual().start(() -> pump(service, client, first));
        }
      } catch (IOException _) {
        // closed
      }
    }

    private static void pump(Socket from, Socket to, boolean loses) {
      try (from;
          to) {
        byte[] buffer = new byte[8192];
        for (int read = from.getInputStream().read(buffer);
            read >= 0 && !loses;
            read = from.getInputStream().read(buffer)) {
          to.getOutputStream().write(buffer, 0, read);
        }
      } catch (IOException _) {
        // one end has closed the connection; closing the other ends its pump
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
