package dev.keyledger.cli;

import dev.keyledger.cli.Values.Lifetime;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The expiry of a key; the workspace's policy sets it unless an option does. */
final class Expiry {
  @Option(
      names = "--lifetime",
      paramLabel = "DURATION",
      description = "How long it is valid from now on, such as 30d, or never")
  @Nullable Lifetime lifetime;

  @Option(
      names = "--expires-at",
      paramLabel = "TIME",
      description = "When it expires, such as 2027-01-31T12:00:00Z")
  @Nullable Instant expiresAt;

  /**
   * @throws RefusedException if both are given
   */
  void requireOne() {
    if (lifetime != null && expiresAt != null) {
      throw new RefusedException(
          ExitCode.USAGE, "--lifetime and --expires-at exclude each other: give one of them.");
    }
  }
}
