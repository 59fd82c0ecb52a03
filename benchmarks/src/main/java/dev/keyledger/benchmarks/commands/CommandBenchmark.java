package dev.keyledger.benchmarks.commands;

import dev.keyledger.access.Ceiling;
import dev.keyledger.benchmarks.commands.axon.RememberedKeys;
import dev.keyledger.benchmarks.seeding.SeededKeys;
import dev.keyledger.command.CommandApplication;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.verification.secret.Peppers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The cost of IssueKey and RenewKey in a command-side process, compared with the {@link Yardstick}
 * in alternating runs. A command counts once the process's own index has applied it.
 */
public final class CommandBenchmark implements AutoCloseable {
  private static final int[] CALLERS = {64, 8, 1};
  private static final int CALLERS_MAX = 64;
  private static final int RENEWED_KEYS = 20_000;
  private static final int COUNTED_COMMANDS = 20_000;

  /** The warm-up of each operation, for the compilers. */
  private static final Duration WARM_UP = Duration.ofSeconds(20);

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The time after which idle backends of PostgreSQL have reported their statistics. */
  private static final Duration STATISTICS_DELAY = Duration.ofSeconds(12);

  private final ConfigurableApplicationContext node;
  private final Ledger ledger;
  private final AppliedLog applied;
  private final RememberedKeys remembered;
  private final LedgerDatabase database;
  private final Connection observer;
  private final long postmaster;
  private final Yardstick yardstick;
  private final InstantSource clock = InstantSource.system();
  private final CommandOrigin origin =
      new CommandOrigin(
          Actor.ROOT, "req_" + "0".repeat(32), new EventContext("benchmark", "127.0.0.1", null));
  private final KeyId[] renewed = new KeyId[RENEWED_KEYS];
  private final AtomicLong lastPosition = new AtomicLong();

  private CommandBenchmark() throws SQLException {
    node =
        new SpringApplication(CommandApplication.class)
            .run("--server.port=0", "--server.address=127.0.0.1");
    ledger = node.getBean(Ledger.class);
    applied = node.getBean(AppliedLog.class);
    remembered = new RememberedKeys(node);
    database = node.getBean(LedgerDatabase.class);
    observer = database.openDedicated();
    postmaster = CpuTime.parentOf(number("SELECT pg_backend_pid()"));
    LoggedEvent example =
        new SeededKeys(node.getBean(Peppers.class), 1, clock.instant()).eventsOf(0).getFirst();
    yardstick = new Yardstick(database, CALLERS_MAX, example);
  }

  /**
   * Needs {@code KEYLEDGER_DATABASE_URL} and the other variables of a command-side.
   *
   * @param arguments seconds of a measurement, and rounds; by default 4 and 3
   */
  public static void main(String[] arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    try (var benchmark = new CommandBenchmark()) {
      benchmark.prepare();
      benchmark.compare(Duration.ofSeconds(seconds), rounds);
      benchmark.measureLatencies(Duration.ofSeconds(3L * seconds));
      benchmark.countStatements();
    }
  }

  @Override
  public void close() throws SQLException {
    yardstick.close();
    observer.close();
    node.close();
  }

  /** Issues the keys to be renewed, and warms up. */
  private void prepare() throws Exception {
    var next = new AtomicLong();
    Callers.run(
        CALLERS_MAX,
        (long) RENEWED_KEYS,
        _ -> {
          int place = (int) next.getAndIncrement();
          KeyId keyId = issue();
          if (place < RENEWED_KEYS) {
            renewed[place] = keyId;
          }
        });
    for (Operation operation : Operation.values()) {
      measure(operation, CALLERS_MAX, WARM_UP);
    }
  }

  private enum Operation {
    YARDSTICK("yardstick"),
    ISSUE("IssueKey"),
    RENEW("RenewKey"),
    RENEW_FORGOTTEN("RenewKey, its key not remembered");

    private final String title;

    Operation(String title) {
      this.title = title;
    }
  }

  /** The result of a measurement. */
  private record Measured(long operations, long nanos, CpuTime cpu) {
    double perSecond() {
      return operations * 1e9 / nanos;
    }

    double jvmMicros() {
      return cpu.jvmNanos() / 1e3 / operations;
    }

    double postgresMicros() {
      return cpu.postgresNanos() / 1e3 / operations;
    }
  }

  private Measured measure(Operation operation, int callers, Duration time) throws Exception {
    CpuTime cpuBefore = CpuTime.now(postmaster);
    long start = System.nanoTime();
    long operations =
        Callers.run(
            callers,
            time,
            caller -> {
              switch (operation) {
                case YARDSTICK -> yardstick.insertAndCommit(caller);
                case ISSUE -> issue();
                case RENEW -> renew(anyKey());
                case RENEW_FORGOTTEN -> {
                  KeyId key = anyKey();
                  remembered.forget(key);
                  renew(key);
                }
              }
            });
    awaitApplied(lastPosition.get());
    long nanos = System.nanoTime() - start;
    return new Measured(operations, nanos, CpuTime.now(postmaster).since(cpuBefore));
  }

  private void compare(Duration time, int rounds) throws Exception {
    System.out.println(
        """

        | callers | operation | per second | times the yardstick | JVM us | PostgreSQL us |
        |---|---|---|---|---|---|\
        """);
    for (int callers : CALLERS) {
      var yardsticks = new ArrayList<Measured>();
      var issues = new ArrayList<Measured>();
      var renewals = new ArrayList<Measured>();
      var forgotten = new ArrayList<Measured>();
      for (int round = 0; round < rounds; round++) {
        yardsticks.add(measure(Operation.YARDSTICK, callers, time));
        issues.add(measure(Operation.ISSUE, callers, time));
        renewals.add(measure(Operation.RENEW, callers, time));
        forgotten.add(measure(Operation.RENEW_FORGOTTEN, callers, time));
      }
      print(callers, Operation.YARDSTICK, yardsticks, yardsticks);
      print(callers, Operation.ISSUE, issues, yardsticks);
      print(callers, Operation.RENEW, renewals, yardsticks);
      print(callers, Operation.RENEW_FORGOTTEN, forgotten, yardsticks);
    }
  }

  private static void print(
      int callers, Operation operation, List<Measured> rounds, List<Measured> yardsticks) {
    var ratios = new ArrayList<Double>();
    for (int round = 0; round < rounds.size(); round++) {
      ratios.add(rounds.get(round).perSecond() / yardsticks.get(round).perSecond());
    }
    System.out.printf(
        "| %d | %s | %,.0f | %.2f | %.0f | %.0f |%n",
        callers,
        operation.title,
        median(rounds, Measured::perSecond),
        median(ratios, ratio -> ratio),
        median(rounds, Measured::jvmMicros),
        median(rounds, Measured::postgresMicros));
  }

  private static <T> double median(List<T> rounds, ToDoubleFunction<T> value) {
    double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Measures the time from the caller's knowledge of the append until an index shows it. */
  private void measureLatencies(Duration time) throws Exception {
    System.out.println(
        """

        | callers | appended -> applied | p50 ms | p99 ms | events |
        |---|---|---|---|---|\
        """);
    for (int callers : new int[] {CALLERS_MAX, 8}) {
      var here = new ConcurrentHistogram(3);
      Map<Long, Long> appended = new ConcurrentHashMap<>();
      var elsewhere = new Histogram(3);
      try (var follower = Follower.start()) {
        Callers.run(
            callers,
            time,
            _ -> {
              long position = execute(newKey());
              long nanos = System.nanoTime();
              appended.put(position, nanos);
              awaitApplied(position);
              here.recordValue(System.nanoTime() - nanos);
            });
        for (Follower.Applied event : follower.finish()) {
          Long nanos = appended.get(event.position());
          if (nanos != null) {
            elsewhere.recordValue(Math.max(0, event.nanos() - nanos));
          }
        }
      }
      print(callers, "in the same process", here);
      print(callers, "in another process", elsewhere);
    }
  }

  private static void print(int callers, String where, Histogram latencies) {
    System.out.printf(
        "| %d | %s | %.2f | %.2f | %,d |%n",
        callers,
        where,
        latencies.getValueAtPercentile(50) / 1e6,
        latencies.getValueAtPercentile(99) / 1e6,
        latencies.getTotalCount());
  }

  /** Counts transactions, each of which is one statement here, minus those of the idle node. */
  private void countStatements() throws Exception {
    Thread.sleep(STATISTICS_DELAY);
    long quietStart = System.nanoTime();
    long quietBefore = statements();
    Thread.sleep(STATISTICS_DELAY);
    double quietPerNano = (double) (statements() - quietBefore) / (System.nanoTime() - quietStart);
    System.out.println(
        """

        | callers | command | statements per command, the tail's included |
        |---|---|---|\
        """);
    for (int callers : new int[] {CALLERS_MAX, 1}) {
      for (Operation operation : List.of(Operation.ISSUE, Operation.RENEW)) {
        long start = System.nanoTime();
        long before = statements();
        long commands =
            Callers.run(
                callers,
                (long) COUNTED_COMMANDS / (callers == 1 ? 10 : 1),
                _ -> {
                  if (operation == Operation.ISSUE) {
                    issue();
                  } else {
                    renew(anyKey());
                  }
                });
        Thread.sleep(STATISTICS_DELAY);
        double quiet = quietPerNano * (System.nanoTime() - start);
        System.out.printf(
            "| %d | %s | %.2f |%n",
            callers, operation.title, (statements() - before - quiet) / commands);
      }
    }
  }

  private long statements() throws SQLException {
    return number(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database"
            + " WHERE datname = current_database()");
  }

  private long number(String query) throws SQLException {
    try (Statement statement = observer.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private KeyId issue() {
    KeyCommand command = newKey();
    lastPosition.accumulateAndGet(execute(command), Math::max);
    return command.keyId();
  }

  private KeyCommand newKey() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    CommandContext context = context();
    var digest =
        new Digest(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    return new KeyCommand.IssueKey(
        KeyId.of(context.now().toEpochMilli(), random.nextLong(), random.nextLong()),
        context,
        new KeySpecification(
            new KeyName("Billing of orders"),
            new Owner(OwnerType.SERVICE, "billing-" + random.nextInt(10_000)),
            Environment.LIVE,
            List.of(new Permission("read:orders"), new Permission("write:orders")),
            new RequestedExpiry.ByPolicy(),
            null,
            IpAllowList.ANY,
            new Metadata(Map.of("team", "billing"))),
        new StoredSecret(digest, 1, "kl_live_...abcd"));
  }

  private KeyId anyKey() {
    return renewed[ThreadLocalRandom.current().nextInt(RENEWED_KEYS)];
  }

  private void renew(KeyId key) {
    var command =
        new KeyCommand.RenewKey(
            key,
            context(),
            new RequestedExpiry.After(Duration.ofDays(90)),
            true); // another caller may have read the clock later
    lastPosition.accumulateAndGet(execute(command), Math::max);
  }

  private CommandContext context() {
    return new CommandContext(
        SeededKeys.WORKSPACE, null, clock.instant(), WorkspacePolicy.DEFAULT, Ceiling.NONE);
  }

  private long execute(KeyCommand command) {
    var result = ledger.execute(new Ledger.Order<>(command, origin));
    if (result.decision().rejected().isPresent()) {
      throw new IllegalStateException(result.toString());
    }
    return result.position();
  }

  private void awaitApplied(long position) {
    if (!applied.await(position, PATIENCE)) {
      throw new IllegalStateException("the index does not keep up");
    }
  }
}
