package dev.keyledger.cli;

import dev.keyledger.client.CallOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a command on one key. */
final class ChangeOptions extends CommandOptions {
  @Option(
      names = "--if-version",
      paramLabel = "NUMBER",
      description = "Do it only if the key has this version")
  @Nullable Long ifVersion;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      description = "Wait until every node has applied it, at most that long; up to 10s")
  @Nullable Duration wait;

  @Option(names = "--dry-run", description = "Only show what it would be done to")
  boolean dryRun;

  @Override
  CallOptions options() {
    return new CallOptions(reason, idempotencyKey, ifVersion, wait, null, null);
  }
}
