package dev.keyledger.benchmarks.seeding;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A plausible company: twelve owners with 400 keys in every state, and their history of two years.
 * The secrets are those of {@link SeededKeys}, which anybody can derive, so such a log must never
 * hold real keys. Equal parameters give an equal company.
 */
public final class SeededCompany {
  /** The number of keys. */
  public static final int KEYS = 400;

  private static final Duration SPAN = Duration.ofDays(730);
  private static final WorkspacePolicy POLICY = WorkspacePolicy.DEFAULT;
  private static final Duration QUARTER = Duration.ofDays(90);

  private static final List<Owner> OWNERS =
      List.of(
          new Owner(OwnerType.SERVICE, "payments"),
          new Owner(OwnerType.SERVICE, "billing"),
          new Owner(OwnerType.SERVICE, "search"),
          new Owner(OwnerType.SERVICE, "reports"),
          new Owner(OwnerType.SERVICE, "warehouse"),
          new Owner(OwnerType.APP, "storefront"),
          new Owner(OwnerType.APP, "mobile"),
          new Owner(OwnerType.APP, "partner-portal"),
          new Owner(OwnerType.APP, "back-office"),
          new Owner(OwnerType.USER, "1017"),
          new Owner(OwnerType.USER, "1042"),
          new Owner(OwnerType.USER, "1108"));

  private static final List<String> PURPOSES =
      List.of(
          "Nightly export",
          "Checkout",
          "Invoice run",
          "Price feed",
          "Stock sync",
          "Search indexer",
          "Partner import",
          "Fraud check",
          "Monthly report",
          "Deploy pipeline");

  private static final List<List<String>> PERMISSIONS =
      List.of(
          List.of("read:orders", "write:orders"),
          List.of("read:invoices"),
          List.of("read:products", "read:prices"),
          List.of("read:*"),
          List.of("read:customers", "write:reports:*"),
          List.of("stock:read", "stock:write"));

  private final SeededKeys secrets;
  private final Peppers peppers;
  private final Instant now;

  /**
   * @param peppers those of the node that will use the log
   * @param now the end of the two years
   */
  public SeededCompany(Peppers peppers, Instant now) {
    this.secrets = new SeededKeys(peppers, KEYS, now);
    this.peppers = peppers;
    this.now = now.truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * Seeds the log in {@code KEYLEDGER_DATABASE_URL}, for nodes with {@code KEYLEDGER_PEPPERS}, and
   * prints the current secret of each key.
   */
  public static void main(String[] arguments) throws Exception {
    Peppers peppers = Peppers.parse(System.getenv("KEYLEDGER_PEPPERS"));
    InstantSource clock = InstantSource.system();
    var company = new SeededCompany(peppers, clock.instant());
    new Seeder(DatabaseProperties.primaryOfProcess(), peppers, clock).seed(company);
    for (int number = 0; number < KEYS; number++) {
      System.out.println(company.secret(number));
    }
  }

  /** Returns the current secret of a key. */
  public String secret(int number) {
    return secrets.secret(number, isRotated(number) ? 2 : 1).revealToItsCaller();
  }

  /** Returns everything that happened, in the order of the log. */
  public List<LoggedEvent> events() {
    var happened = new ArrayList<Happened>();
    for (int number = 0; number < KEYS; number++) {
      happened.addAll(new Life(number).lived());
    }
    happened.sort(Comparator.comparing(Happened::time));
    var events = new ArrayList<LoggedEvent>(happened.size());
    Map<KeyId, Integer> sequences = new HashMap<>();
    for (Happened one : happened) {
      long position = events.size() + 1L;
      int sequence = sequences.merge(one.key(), 1, Integer::sum) - 1;
      events.add(
          new LoggedEvent(
              position,
              StreamId.of(one.key()),
              sequence,
              SeededKeys.WORKSPACE,
              one.time(),
              one.actor(),
              "req_" + HexFormat.of().toHexDigits(0L) + HexFormat.of().toHexDigits(position),
              one.event(),
              new EventContext(one.reason(), "198.51.100.17", "seeded")));
    }
    return events;
  }

  private static boolean isRotated(int number) {
    return number % 5 == 2;
  }

  private record Happened(
      KeyId key, Instant time, Actor actor, @Nullable String reason, KeyEvent event) {}

  /** The history of one key. */
  private final class Life {
    private final int number;
    private final SplittableRandom random;
    private final KeyId key;
    private final List<Happened> happened = new ArrayList<>();
    private Instant time;

    Life(int number) {
      this.number = number;
      this.random = new SplittableRandom(number);
      this.time = now.minus(SPAN.multipliedBy(KEYS - number).dividedBy(KEYS)).plus(hours(24));
      this.key = KeyId.of(time.toEpochMilli(), random.nextLong(), random.nextLong());
    }

    List<Happened> lived() {
      boolean dies = number % 8 == 3;
      boolean expires = number % 9 == 4;
      boolean isEndless = number % 29 == 5;
      Instant end =
          expires || dies
              ? time.plus(QUARTER)
              : time.plus(Duration.ofDays(30 + random.nextInt(300)));
      issue(isEndless ? null : end);
      while (!expires
          && !dies
          && !isEndless
          && end.isBefore(now.plus(Duration.ofDays(random.nextInt(120))))) {
        Instant renewal = end.minus(Duration.ofDays(random.nextInt(1, 20)));
        if (renewal.isAfter(now)) {
          break;
        }
        time = renewal;
        end = renewal.plus(Duration.ofDays(random.nextInt(120, 360)));
        happen(
            "still in use, says the team",
            new KeyRenewed(end, end.plus(POLICY.renewalWindow()), POLICY.reminders()));
      }
      if (isRotated(number) && !dies && !expires) {
        later(20);
        happen("quarterly rotation", new KeyRotated(2, stored(2), time.plus(Duration.ofDays(7))));
        if (time.plus(Duration.ofDays(2)).isBefore(now)) {
          time = time.plus(hours(40));
          happened.add(new Happened(key, time, Actor.SYSTEM, null, new RotationCompleted(2, true)));
        }
      }
      change();
      if (dies) {
        later(60);
        end();
      }
      return happened;
    }

    private void issue(@Nullable Instant end) {
      Owner owner = OWNERS.get(number % OWNERS.size());
      happen(
          null,
          new KeyIssued(
              PURPOSES.get(number % PURPOSES.size()) + " of " + owner.id(),
              owner,
              number % 7 == 6 ? Environment.TEST : Environment.LIVE,
              stored(1),
              PERMISSIONS.get(number % PERMISSIONS.size()),
              null,
              end,
              end == null ? null : end.plus(POLICY.renewalWindow()),
              end == null ? List.of() : POLICY.reminders(),
              List.of(),
              Map.of("cost-centre", Integer.toString(4700 + number % OWNERS.size()))));
    }

    /**
     * Applies one of the commands that change a key without ending it; leaves most keys unchanged.
     */
    private void change() {
      int which = random.nextInt(12);
      if (which > 3) {
        return;
      }
      later(30);
      switch (which) {
        case 0 ->
            happen(
                "requested in the review",
                new PermissionsChanged(List.of("read:audit"), List.of()));
        case 1 ->
            happen(
                "the service moved to another network",
                new RestrictionsChanged(List.of("198.51.100.0/24")));
        case 2 ->
            happen(
                null,
                new KeyDescribed(
                    PURPOSES.get(number % PURPOSES.size()) + ", renamed",
                    Map.of("cost-centre", "4800")));
        default -> {
          happen("odd traffic at night", new KeySuspended());
          if (number % 2 == 0) {
            later(3);
            happen("it was a new release", new KeyResumed());
          }
        }
      }
    }

    private void end() {
      if (number % 3 == 0) {
        happen(null, new LeakReported(1));
        time = time.plus(1, ChronoUnit.MICROS);
        happen("found in a public repository", new KeyRevoked(RevocationReason.LEAKED));
      } else {
        happen("the project has ended", new KeyRevoked(RevocationReason.NO_LONGER_USED));
      }
    }

    private void happen(@Nullable String reason, KeyEvent event) {
      happened.add(new Happened(key, time, Actor.ROOT, reason, event));
    }

    /** Advances by at most that many days, and not beyond now. */
    private void later(int days) {
      long roomMicros = ChronoUnit.MICROS.between(time, now) - 1;
      long stepMicros = Duration.ofDays(days).toSeconds() * 1_000_000;
      time =
          time.plus(
              1 + random.nextLong(Math.max(1, Math.min(roomMicros, stepMicros))),
              ChronoUnit.MICROS);
    }

    private Duration hours(int max) {
      return Duration.ofMinutes(random.nextInt(max * 60));
    }

    private StoredSecret stored(int generation) {
      var secret = secrets.secret(number, generation);
      int pepper = peppers.currentVersion();
      return new StoredSecret(
          peppers.issued(pepper, secret.sha256()),
          pepper,
          new KeyFormat(KeyFormat.DEFAULT_BRAND).hint(secret));
    }
  }
}
