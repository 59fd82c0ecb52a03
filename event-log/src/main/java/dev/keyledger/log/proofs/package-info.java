/**
 * The Merkle tree over the log (RFC 6962): its tiles, its checkpoints, and proofs from both. The
 * tree follows from the events; it is computed after they are appended, by one node at a time.
 */
@NullMarked
package dev.keyledger.log.proofs;

import org.jspecify.annotations.NullMarked;
