package dev.keyledger.standalone.deploy;

import java.nio.file.Path;

/** Where the files of the directory {@code deploy} are. */
final class DeployFiles {
  private DeployFiles() {}

  static Path directory() {
    return Path.of(System.getProperty("user.dir")).resolveSibling("deploy");
  }
}
