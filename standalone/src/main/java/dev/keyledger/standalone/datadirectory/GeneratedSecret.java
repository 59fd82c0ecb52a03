package dev.keyledger.standalone.datadirectory;

import java.nio.file.Path;

/** A secret that Keyledger made for itself and keeps in a file. Immutable; never printed. */
public final class GeneratedSecret {
  private final String secret;
  private final boolean justMade;
  private final Path file;

  GeneratedSecret(String secret, boolean justMade, Path file) {
    this.secret = secret;
    this.justMade = justMade;
    this.file = file;
  }

  /** The secret itself: for whom it protects, and never for a log. */
  public String revealSecret() {
    return secret;
  }

  /** Whether this call made it; false if it was read from the file of an earlier start. */
  public boolean justMade() {
    return justMade;
  }

  /** The file that holds it, readable by the owner of the process only. */
  public Path file() {
    return file;
  }

  @Override
  public String toString() {
    return "GeneratedSecret[" + file + "]";
  }
}
