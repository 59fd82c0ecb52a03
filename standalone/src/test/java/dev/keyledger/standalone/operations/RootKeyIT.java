package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The root key is changed node by node, and callers go over when they like. */
@Timeout(240)
class RootKeyIT {
  private static final String OLD = "the-old-root-key-of-the-tests-0123456789";
  private static final String NEW = "the-new-root-key-of-the-tests-0123456789";
  private static final String PATH = "/v1/keys/key_01k0000000000000000000000x/revoke";

  @Test
  void bothAreAcceptedForAWhileAndTheOldOneIsRefusedAfterwards(@TempDir Path directory)
      throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        KeyledgerProcess both = node(database, NEW + ", " + OLD);
        KeyledgerProcess after = node(database, NEW)) {
      assertThat(status(both, OLD)).isEqualTo(404);
      assertThat(status(both, NEW)).isEqualTo(404);
      assertThat(status(after, NEW)).isEqualTo(404);
      assertThat(status(after, OLD)).isEqualTo(401);
      assertThat(both.output() + after.output()).doesNotContain(OLD).doesNotContain(NEW);
    }
  }

  private static KeyledgerProcess node(OwnDatabase database, String rootKeys) {
    Map<String, String> environment = new HashMap<>(database.environment());
    environment.put("KEYLEDGER_ROOT_KEY", rootKeys);
    environment.put("LOGGING_LEVEL_DEV_KEYLEDGER", "TRACE");
    return KeyledgerProcess.start(Application.COMMAND_SIDE, environment);
  }

  /** 404 for who may ask, since there is no such key. */
  private static int status(KeyledgerProcess node, String credential) {
    return node.client().bearer(credential).post(PATH, "{}").status();
  }
}
