package dev.keyledger.cli;

import dev.keyledger.client.CallOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command. */
class CommandOptions {
  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the audit; up to 500 characters")
  @Nullable String reason;

  @Option(
      names = "--idempotency-key",
      paramLabel = "TEXT",
      description = "Makes a repetition the same command; 16 to 255 characters")
  @Nullable String idempotencyKey;

  CallOptions options() {
    return new CallOptions(reason, idempotencyKey, null, null, null, null);
  }
}
