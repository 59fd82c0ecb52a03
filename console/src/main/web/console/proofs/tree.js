/** The hashes of the log: a Merkle tree as in RFC 6962, whose proofs are verified as in RFC 9162, section 2.1. */
import {areSame, sha256} from './bytes.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/** @param {Bytes} entry */
export function leafHash(entry) {
  return sha256(new Uint8Array([0]), entry);
}

/** @param {Bytes} left @param {Bytes} right */
function nodeHash(left, right) {
  return sha256(new Uint8Array([1]), left, right);
}

/**
 * Returns the root that an inclusion proof leads to; null if the proof has another length.
 *
 * @param {Bytes} hash of the leaf
 * @param {number} index of the leaf
 * @param {number} size of the tree
 * @param {Bytes[]} proof
 * @returns {Promise<Bytes | null>}
 */
export async function rootOf(hash, index, size, proof) {
  let at = index;
  let last = size - 1;
  if (at > last) {
    return null;
  }
  for (const sibling of proof) {
    if (last === 0) {
      return null;
    }
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(sibling, hash);
      while (at % 2 === 0 && at > 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 ? hash : null;
}

/**
 * Returns whether a later tree has all of an earlier one, unchanged and in the same place.
 *
 * @param {{size: number, root: Bytes}} earlier
 * @param {{size: number, root: Bytes}} later
 * @param {Bytes[]} proof
 */
export async function isConsistent(earlier, later, proof) {
  if (earlier.size > later.size) {
    return false;
  }
  if (earlier.size === later.size) {
    return proof.length === 0 && areSame(earlier.root, later.root);
  }
  if (earlier.size === 0) {
    return proof.length === 0;
  }
  let at = earlier.size - 1;
  let last = later.size - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  const [first, ...path] = at === 0 ? [earlier.root, ...proof] : proof; // a full tree is a node of the later one
  if (!first) {
    return false;
  }
  let [before, after] = [first, first];
  for (const hash of path) {
    if (last === 0) {
      return false;
    }
    if (at % 2 === 1 || at === last) {
      before = await nodeHash(hash, before);
      after = await nodeHash(hash, after);
      while (at % 2 === 0 && at > 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      after = await nodeHash(after, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && areSame(before, earlier.root) && areSame(after, later.root);
}

/** Sizes may be beyond the 32 bits of a shift. @param {number} size */
function half(size) {
  return Math.floor(size / 2);
}
