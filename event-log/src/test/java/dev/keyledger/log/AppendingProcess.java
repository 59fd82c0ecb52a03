package dev.keyledger.log;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;

/** A second node for {@link TwoProcessesTest}: appends as fast as possible until it is stopped. */
final class AppendingProcess {
  private static final int CALLERS = 16;
  static final long FIRST_KEY = 1_000_000_000L;

  private AppendingProcess() {}

  public static void main(String[] arguments) {
    var settings = new DatabaseSettings(arguments[0], arguments[1], arguments[2]);
    try (var database = LedgerDatabase.open(settings);
        var appender = new LogAppender(database, new EventCodec(), InstantSource.system());
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < CALLERS; caller++) {
        long first = FIRST_KEY * (caller + 1);
        callers.execute(() -> appendForever(appender, first));
      }
    }
  }

  private static void appendForever(LogAppender appender, long first) {
    for (long key = first; ; key++) {
      try {
        appender.append(List.of(TestEvents.issue(key), TestEvents.change(key, 1)));
      } catch (StoreUnavailableException e) {
        // After a freeze the connection is closed; the appender reconnects.
        System.err.println(e.getMessage());
      }
    }
  }
}
