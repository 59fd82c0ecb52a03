package dev.keyledger.log;

import dev.keyledger.events.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The record of an idempotent answer, written by the append that it reports. Immutable; equality is
 * identity.
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
   * Creates a record at the position of its unit's last event.
   *
   * @param id the lookup key; the log holds at most one record with an id
   * @param fingerprint of the answered request
   * @param sealed the content of the answer, encrypted so that only its caller can read it
   */
  public AnswerRecord(Digest id, Digest fingerprint, byte[] sealed) {
    this(id, fingerprint, sealed.clone(), null);
  }

  /** Returns a copy at a position that is already in the log, for a unit without events. */
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

  /** Returns the position; null means that of the unit's last event. */
  @Nullable Long position() {
    return position;
  }

  @Override
  public String toString() {
    return "answer " + id;
  }
}
