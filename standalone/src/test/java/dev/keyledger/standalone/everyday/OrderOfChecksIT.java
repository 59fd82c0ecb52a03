package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The order of checks: a request with two faults is refused for the one that the contract checks
 * first, whatever the command.
 */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class OrderOfChecksIT {
  /**
   * The faults of a request, in the order in which they are reported; faults of one rank have no
   * order.
   */
  enum Fault {
    LONG_HEAD(1, 431, "headers-too-large"),
    LARGE_BODY(1, 413, "too-large"),
    MEDIA_TYPE(1, 415, "unsupported-media-type"),
    METHOD(1, 405, "method-not-allowed"),
    CREDENTIAL(2, 401, "unauthorized"),
    PERMISSION(3, 403, "forbidden"),
    SYNTAX(4, 400, "bad-request"),
    POSITION(5, 400, "invalid-position-token"),
    KEY(6, 404, "not-found"),
    REPLAY(7, 422, "idempotency-key-reused"),
    VERSION(8, 412, "version-mismatch"),
    FIELD(9, 422, ""),
    CEILING(10, 403, "permission-ceiling"),
    STATE(11, 409, "key-revoked");

    final int rank;
    final int status;
    final String code;

    Fault(int rank, int status, String code) {
      this.rank = rank;
      this.status = status;
      this.code = code;
    }
  }

  /** A command on a key, with a valid body and one with a field outside its limits. */
  enum Command {
    RENEW("POST", "/renew", "\"lifetime\":\"P200D\"", "\"lifetime\":\"PT0S\""),
    ROTATE("POST", "/rotate", "\"overlap\":\"PT1H\"", "\"overlap\":\"P367D\""),
    PERMIT(
        "PUT", "/permissions", "\"permissions\":[\"read:users\"]", "\"permissions\":[\"read*\"]"),
    RESTRICT("PUT", "/restrictions", "\"ipAllowList\":[\"10.0.0.0/8\"]", "\"ipAllowList\":[\"x\"]"),
    DESCRIBE("PATCH", "", "\"name\":\"Another\"", "\"name\":\"\""),
    TRANSFER(
        "POST",
        "/transfer",
        "\"owner\":{\"type\":\"user\",\"id\":\"1\"}",
        "\"owner\":{\"type\":\"user\",\"id\":\"a b\"}");

    final String method;
    final String path;
    final String good;
    final String wrong;

    Command(String method, String path, String good, String wrong) {
      this.method = method;
      this.path = path;
      this.good = good;
      this.wrong = wrong;
    }
  }

  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
  }

  static Stream<Arguments> pairs() {
    var pairs = new ArrayList<Arguments>();
    for (Command command : Command.values()) {
      for (Fault first : Fault.values()) {
        for (Fault second : Fault.values()) {
          if (first.rank < second.rank) {
            pairs.add(Arguments.of(command, first, second));
          }
        }
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @EnumSource
  void eachFaultAloneIsAnsweredAsItself(Fault fault) {
    for (Command command : Command.values()) {
      assertAnswered(fault, command, EnumSet.of(fault));
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutAFaultItIsDone(Command command) {
    assertThat(sent(command, EnumSet.noneOf(Fault.class)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theFaultThatIsLookedForFirstIsAnswered(Command command, Fault first, Fault second) {
    assertAnswered(first, command, EnumSet.of(first, second));
  }

  private void assertAnswered(Fault fault, Command command, Set<Fault> faults) {
    Answer answer = sent(command, faults);

    assertThat(answer.status()).as(command + ": " + answer.text()).isEqualTo(fault.status);
    if (!fault.code.isEmpty()) {
      assertThat(answer.body().path("code").asString()).isEqualTo(fault.code);
    }
  }

  private Answer sent(Command command, Set<Fault> faults) {
    IssuedKey key = issuer.issued("read:users");
    Client caller = caller(faults);
    if (faults.contains(Fault.REPLAY)) {
      caller = caller.header("Idempotency-Key", usedKeyOf(caller));
    }
    if (faults.contains(Fault.STATE)) {
      issuer.done(key, "revoke", "{}");
    }
    if (faults.contains(Fault.VERSION)) {
      caller = caller.header("If-Match", "\"99\"");
    }
    if (faults.contains(Fault.POSITION)) {
      caller = caller.header("Keyledger-At-Least", "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB");
    }
    if (faults.contains(Fault.LONG_HEAD)) {
      caller = caller.header("X-Long", "a".repeat(9000));
    }
    caller =
        caller.header(
            "Content-Type", faults.contains(Fault.MEDIA_TYPE) ? "text/plain" : "application/json");
    String path =
        faults.contains(Fault.KEY) ? "/v1/keys/key_01k0000000000000000000000x" : key.path();
    String method = faults.contains(Fault.METHOD) ? "DELETE" : command.method;
    return caller.send(method, path + command.path, BodyPublishers.ofString(body(command, faults)));
  }

  private static String body(Command command, Set<Fault> faults) {
    List<String> fields = new ArrayList<>();
    fields.add(faults.contains(Fault.FIELD) ? command.wrong : command.good);
    if (faults.contains(Fault.SYNTAX)) {
      fields.add("\"status\":\"active\"");
    }
    String body = "{" + String.join(",", fields) + "}";
    return faults.contains(Fault.LARGE_BODY) ? body + " ".repeat(64 * 1024) : body;
  }

  private Client caller(Set<Fault> faults) {
    Client anybody = keyledger.client();
    if (faults.contains(Fault.CREDENTIAL)) {
      return anybody.bearer("nobody's");
    }
    if (faults.contains(Fault.PERMISSION)) {
      return anybody.bearer(issuer.issued("keyledger:keys:suspend").secret());
    }
    return faults.contains(Fault.CEILING)
        ? anybody.bearer(issuer.issued("keyledger:keys:*").secret())
        : anybody.bearer(issuer.issued("keyledger:keys:*", "keyledger:grant:read:users").secret());
  }

  /** Returns an Idempotency-Key that the caller, if any, has used for another command. */
  private String usedKeyOf(Client caller) {
    String used = UUID.randomUUID().toString();
    caller
        .header("Idempotency-Key", used)
        .post(issuer.issued("read:users").path() + "/suspend", "{}");
    return used;
  }
}
