package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import dev.keyledger.verification.decision.DecidedBy;
import org.jspecify.annotations.Nullable;

/**
 * A secret that a rotation has replaced. It may remain valid until its overlap ends.
 *
 * <p>The writer of the index writes it before it publishes the record that makes it an ended
 * secret; readers read it after the record.
 */
final class EndedSecret {
  final Digest digest;
  final int slot;
  final int generation;

  /**
   * The event that ended it for good; null while it is the previous secret, whose end is stored in
   * the key's record.
   */
  @Nullable DecidedBy ending;

  /**
   * @param slot the slot of its key's record
   */
  EndedSecret(Digest digest, int slot, int generation) {
    this.digest = digest;
    this.slot = slot;
    this.generation = generation;
  }

  /** Whether the digest is this secret's; takes constant time. */
  boolean has(Digest other) {
    return ((digest.a() ^ other.a())
            | (digest.b() ^ other.b())
            | (digest.c() ^ other.c())
            | (digest.d() ^ other.d()))
        == 0;
  }
}
