package dev.keyledger.log;

import dev.keyledger.events.Digest;

/**
 * The record of an idempotent answer, written by the append that it describes, at the position of
 * its last event. Immutable; equality is identity.
 */
public final class AnswerRecord {
  private final Digest id;
  private final Digest fingerprint;
  private final String caller;
  private final byte[] sealed;

  /**
   * @param id the lookup key; the log holds at most one record with an id
   * @param fingerprint of the answered request
   * @param caller the caller whose usage includes it
   * @param sealed the content of the answer, encrypted so that only its caller can read it
   */
  public AnswerRecord(Digest id, Digest fingerprint, String caller, byte[] sealed) {
    this.id = id;
    this.fingerprint = fingerprint;
    this.caller = caller;
    this.sealed = sealed.clone();
  }

  Digest id() {
    return id;
  }

  Digest fingerprint() {
    return fingerprint;
  }

  String caller() {
    return caller;
  }

  byte[] sealed() {
    return sealed;
  }

  @Override
  public String toString() {
    return "answer " + id;
  }
}
