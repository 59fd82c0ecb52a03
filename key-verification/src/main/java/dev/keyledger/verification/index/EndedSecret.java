package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import dev.keyledger.verification.decision.DecidedBy;
import org.jspecify.annotations.Nullable;

/**
 * A secret that another one took the place of; it may live on until its overlap ends.
 *
 * <p>Written by the writer of the index before it publishes the key's record that makes it true:
 * read it after the record.
 */
final class EndedSecret {
  final Digest digest;
  final int slot;
  final int generation;

  /**
   * What ended it, for good; null while it is the secret before the current one, for so long what
   * ends it is told by the key's record.
   */
  @Nullable DecidedBy ending;

  /**
   * @param slot where its key's record is
   */
  EndedSecret(Digest digest, int slot, int generation) {
    this.digest = digest;
    this.slot = slot;
    this.generation = generation;
  }

  /** Whether the digest is this secret's; takes as long whatever it is. */
  boolean has(Digest other) {
    return ((digest.a() ^ other.a())
            | (digest.b() ^ other.b())
            | (digest.c() ^ other.c())
            | (digest.d() ^ other.d()))
        == 0;
  }
}
