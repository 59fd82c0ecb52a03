package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The duration of a shutdown, whatever the application waits for. */
@Timeout(120)
class ShutdownIT {
  /**
   * Starts with a database that accepts the connection and never answers, for which a start waits
   * 30 seconds.
   */
  @ParameterizedTest
  @EnumSource(Application.class)
  void anApplicationThatIsStillStartingEndsWithinTenSeconds(Application application)
      throws Exception {
    try (var database = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var starting =
            KeyledgerProcess.firstLaunch(application, environment(database.getLocalPort()));
        Socket silent = database.accept()) {
      starting.terminate();
      assertThat(starting.isAlive()).isFalse();
      assertThat(silent.isClosed()).isFalse();
    }
  }

  private static Map<String, String> environment(int port) {
    return Map.of(
        "KEYLEDGER_DATABASE_URL", "jdbc:postgresql://127.0.0.1:" + port + "/keyledger",
        "KEYLEDGER_DATABASE_USERNAME", "keyledger",
        "KEYLEDGER_DATABASE_PASSWORD", "password",
        "KEYLEDGER_ROOT_KEY", "root-key-of-a-node-that-never-starts",
        "KEYLEDGER_PEPPERS", "1:" + Base64.getEncoder().encodeToString(new byte[32]));
  }
}
