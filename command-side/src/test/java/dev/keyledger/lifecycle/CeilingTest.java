package dev.keyledger.lifecycle;

import static dev.keyledger.lifecycle.KeyDeciderTest.APP;
import static dev.keyledger.lifecycle.KeyDeciderTest.DAY;
import static dev.keyledger.lifecycle.KeyDeciderTest.FIRST;
import static dev.keyledger.lifecycle.KeyDeciderTest.KEY;
import static dev.keyledger.lifecycle.KeyDeciderTest.NOW;
import static dev.keyledger.lifecycle.KeyDeciderTest.REMINDERS;
import static dev.keyledger.lifecycle.KeyDeciderTest.SECOND;
import static dev.keyledger.lifecycle.KeyDeciderTest.USER;
import static dev.keyledger.lifecycle.KeyDeciderTest.policy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.lifecycle.KeyCommand.CancelPlan;
import dev.keyledger.lifecycle.KeyCommand.ChangePermissions;
import dev.keyledger.lifecycle.KeyCommand.DescribeKey;
import dev.keyledger.lifecycle.KeyCommand.GiveUpSecret;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyCommand.PlanRevocation;
import dev.keyledger.lifecycle.KeyCommand.PlanSuspension;
import dev.keyledger.lifecycle.KeyCommand.RecordDue;
import dev.keyledger.lifecycle.KeyCommand.RenewKey;
import dev.keyledger.lifecycle.KeyCommand.ReportLeak;
import dev.keyledger.lifecycle.KeyCommand.RestrictKey;
import dev.keyledger.lifecycle.KeyCommand.ResumeKey;
import dev.keyledger.lifecycle.KeyCommand.RetireSecret;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyCommand.RotateKey;
import dev.keyledger.lifecycle.KeyCommand.SuspendKey;
import dev.keyledger.lifecycle.KeyCommand.TransferKey;
import dev.keyledger.lifecycle.Outcome.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The ceiling, for all commands and all ways in which a key can be stronger than the caller. */
@NullUnmarked
class CeilingTest {
  private static final Instant END = NOW.plus(Duration.ofDays(90));
  private static final IpAllowList OFFICE = IpAllowList.parse(List.of("192.0.2.0/24"));

  private static final CommandContext CONTEXT =
      new CommandContext(
          "default",
          null,
          NOW,
          policy(Duration.ofDays(366), true, null),
          new Ceiling(
              PermissionSet.of(
                  List.of("keyledger:keys:change", "keyledger:grant:read:*", "keyledger:self:*")),
              END,
              OFFICE));

  private record Power(String permission, Instant end, IpAllowList places) {}

  /** The power of the caller. */
  private static final Power EQUAL = new Power("keyledger:keys:change", END, OFFICE);

  /**
   * The power of a key that is not an operator's: it may outlive the caller, and be used from
   * anywhere.
   */
  private static final Power OF_ITSELF =
      new Power("keyledger:self:renew", END.plus(DAY), IpAllowList.ANY);

  private static final List<Power> STRONGER =
      List.of(
          new Power("write:users", END, OFFICE),
          new Power("*:users", END, OFFICE),
          new Power("keyledger:erase", END, OFFICE),
          new Power("keyledger:grant:write:users", END, OFFICE),
          new Power("keyledger:*", END, OFFICE),
          new Power("keyledger:keys:change", END.plusMillis(1), OFFICE),
          new Power("keyledger:keys:change", null, OFFICE),
          new Power("keyledger:keys:change", END, IpAllowList.parse(List.of("192.0.2.0/23"))),
          new Power("keyledger:keys:change", END, IpAllowList.parse(List.of("192.0.2.7", "::1"))),
          new Power("keyledger:keys:change", END, IpAllowList.ANY));

  /** The commands whose caller must cover the key, by the power that they leave it with. */
  private static final List<Function<Power, KeyCommand>> COVERED =
      List.of(
          to -> new RenewKey(KEY, CONTEXT, expiry(to), true),
          _ -> new RotateKey(KEY, CONTEXT, SECOND, Duration.ZERO, true, null, false, null),
          _ -> new ResumeKey(KEY, CONTEXT),
          _ -> new CancelPlan(KEY, CONTEXT),
          to -> new ChangePermissions(KEY, CONTEXT, permissions(to)),
          to -> new RestrictKey(KEY, CONTEXT, to.places()),
          _ -> new DescribeKey(KEY, CONTEXT, new KeyName("x"), null),
          _ -> new TransferKey(KEY, CONTEXT, USER));

  private static final List<Function<Power, KeyCommand>> BEGINNING =
      List.of(
          to -> new IssueKey(KEY, CONTEXT, specification(to), FIRST),
          to -> new ImportKey(KEY, CONTEXT, specification(to), FIRST, ImportKey.Past.NONE));

  /** The commands that only remove power from a key. */
  private static final List<KeyCommand> HARMLESS =
      List.of(
          new SuspendKey(KEY, CONTEXT),
          new PlanSuspension(KEY, CONTEXT, NOW.plus(DAY)),
          new PlanRevocation(KEY, CONTEXT, NOW.plus(DAY), RevocationReason.POLICY),
          new RetireSecret(KEY, CONTEXT),
          new RevokeKey(KEY, CONTEXT, RevocationReason.POLICY),
          new ReportLeak(KEY, CONTEXT, 1),
          new GiveUpSecret(KEY, CONTEXT, 1, RevocationReason.UNSPECIFIED),
          new RecordDue(KEY, CONTEXT, NOW, Set.of(), null));

  @Test
  void noCommandTouchesAKeyThatIsStronger() {
    for (Power before : STRONGER) {
      for (Function<Power, KeyCommand> command : COVERED) {
        assertRefused(before, command.apply(EQUAL)); // although it would be covered afterwards
        assertRefused(before, command.apply(before));
      }
    }
  }

  @Test
  void noCommandMakesAKeyStronger() {
    for (Power after : STRONGER) {
      assertRefused(
          new Power(after.permission(), EQUAL.end(), after.places()),
          new RenewKey(KEY, CONTEXT, expiry(after), true));
      assertRefused(
          new Power("read:users", after.end(), after.places()),
          new ChangePermissions(KEY, CONTEXT, permissions(after)));
      assertRefused(
          new Power(after.permission(), after.end(), EQUAL.places()),
          new RestrictKey(KEY, CONTEXT, after.places()));
      for (Function<Power, KeyCommand> command : BEGINNING) {
        assertThat(reasonOf(KeyDecider.decide(new KeyState.NotIssued(), command.apply(after))))
            .as("%s", after)
            .isEqualTo(Reason.PERMISSION_CEILING);
      }
    }
  }

  @Test
  void aKeyThatTheCallerCoversIsNotRefused() {
    for (Power power : List.of(EQUAL, OF_ITSELF)) {
      for (Function<Power, KeyCommand> command : COVERED) {
        assertThat(decide(power, command.apply(power))).isInstanceOf(Outcome.Accepted.class);
      }
      for (Function<Power, KeyCommand> command : BEGINNING) {
        assertThat(KeyDecider.decide(new KeyState.NotIssued(), command.apply(power)))
            .isInstanceOf(Outcome.Accepted.class);
      }
    }
  }

  @Test
  void everyKeyCanBeEnded() {
    for (Power before : STRONGER) {
      for (KeyCommand command : HARMLESS) {
        assertThat(decide(before, command)).isInstanceOf(Outcome.Accepted.class);
      }
    }
  }

  @Test
  void noCommandIsLeftOut() {
    var tried = new ArrayList<>(HARMLESS);
    Stream.concat(COVERED.stream(), BEGINNING.stream())
        .forEach(command -> tried.add(command.apply(EQUAL)));
    assertThat(tried.stream().map(Object::getClass).collect(toSet()))
        .isEqualTo(recordsOf(KeyCommand.class));
  }

  private static Set<Class<?>> recordsOf(Class<?> type) {
    return type.isRecord()
        ? Set.of(type)
        : Stream.of(type.getPermittedSubclasses())
            .flatMap(permitted -> recordsOf(permitted).stream())
            .collect(toSet());
  }

  private static void assertRefused(Power before, KeyCommand command) {
    assertThat(reasonOf(decide(before, command)))
        .as("%s of %s", command, before)
        .isEqualTo(Reason.PERMISSION_CEILING);
  }

  private static Reason reasonOf(Outcome outcome) {
    return outcome instanceof Outcome.Rejected rejected ? rejected.reason() : null;
  }

  /**
   * Decides a command on a suspended key with an open overlap, to which every command can apply
   * except the planning of a suspension.
   */
  private static Outcome decide(Power before, KeyCommand command) {
    KeyState key =
        new KeyState.NotIssued()
            .evolve(issued(before))
            .evolve(new KeyRotated(2, FIRST, NOW.plus(DAY)));
    return KeyDecider.decide(
        command instanceof PlanSuspension ? key : key.evolve(new KeySuspended()), command);
  }

  private static KeyIssued issued(Power power) {
    return new KeyIssued(
        "Operator",
        APP,
        Environment.LIVE,
        FIRST,
        List.of(power.permission()),
        null,
        power.end(),
        power.end() == null ? null : power.end().plus(DAY),
        REMINDERS,
        power.places().toCanonical(),
        Map.of());
  }

  private static KeySpecification specification(Power power) {
    return new KeySpecification(
        new KeyName("Operator"),
        APP,
        Environment.LIVE,
        permissions(power),
        expiry(power),
        null,
        power.places(),
        new Metadata(Map.of()));
  }

  private static RequestedExpiry expiry(Power power) {
    return power.end() == null ? new RequestedExpiry.Never() : new RequestedExpiry.At(power.end());
  }

  private static List<Permission> permissions(Power power) {
    return List.of(new Permission(power.permission()));
  }
}
