package dev.keyledger.standalone.datadirectory;

import java.nio.file.Path;

/** A secret that Keyledger generated and keeps in a file. Immutable; its text form is redacted. */
public final class GeneratedSecret {
  private final String secret;
  private final boolean isNew;
  private final Path file;

  GeneratedSecret(String secret, boolean isNew, Path file) {
    this.secret = secret;
    this.isNew = isNew;
    this.file = file;
  }

  /** Returns the secret; never log it. */
  public String revealSecret() {
    return secret;
  }

  /** Returns whether this call generated the secret; false if it was read from its file. */
  public boolean isNew() {
    return isNew;
  }

  /** Returns its file, which only the owner of the process can read. */
  public Path file() {
    return file;
  }

  @Override
  public String toString() {
    return "GeneratedSecret[" + file + "]";
  }
}
