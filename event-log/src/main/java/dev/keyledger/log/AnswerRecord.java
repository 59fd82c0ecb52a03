package dev.keyledger.log;

import dev.keyledger.events.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What is to be kept of an answer, written by the very append that the answer tells of. Immutable;
 * equal to itself only.
 */
public final class AnswerRecord {
  private final Digest id;
  private final Digest fingerprint;
  private final byte[] sealed;
  private final @Nullable Long position;

  private AnswerRecord(Digest id, Digest fingerprint, byte[] sealed, @Nullable Long position) {
    this.id = id;
    this.fingerprint = fingerprint;
    this.sealed = sealed;
    this.position = position;
  }

  /**
   * A record at the position of the last event of its unit.
   *
   * @param id by which it is found again; the log holds one record of an id at most
   * @param fingerprint of the request that is answered
   * @param sealed what the answer can be rebuilt from, readable to its caller alone
   */
  public AnswerRecord(Digest id, Digest fingerprint, byte[] sealed) {
    this(id, fingerprint, sealed.clone(), null);
  }

  /** The same at a position that is in the log already, for a unit without events. */
  public AnswerRecord at(long logged) {
    return new AnswerRecord(id, fingerprint, sealed, logged);
  }

  Digest id() {
    return id;
  }

  Digest fingerprint() {
    return fingerprint;
  }

  byte[] sealed() {
    return sealed;
  }

  /** Null: that of the unit's last event. */
  @Nullable Long position() {
    return position;
  }

  @Override
  public String toString() {
    return "answer " + id;
  }
}
