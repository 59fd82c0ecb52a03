/** Checkpoints: the signed head of the log, in the format C2SP signed-note. */
import {areSame, bytesOf, hex, sha256, utf8} from './bytes.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * @typedef {object} Checkpoint
 * @property {string} origin the name of the log, and of its keys
 * @property {number} size how many events the tree has
 * @property {Bytes} root
 * @property {string} text what is signed
 * @property {string[]} signatures
 * @property {string} note all of it
 */

const NOTE = /^([^\n]+\n[^\n]+\n[^\n]+\n)\n((?:\u2014 [^\n]+\n)+)$/;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/;
const ED25519 = 1;

/**
 * Reads a checkpoint.
 *
 * @param {string} note
 * @returns {Checkpoint}
 * @throws {Error} if it is none
 */
export function checkpointOf(note) {
  const [, text, signatures] = NOTE.exec(`${note.replaceAll('\r', '').trim()}\n`) ?? [];
  const [origin, size, root] = (text ?? '').split('\n');
  if (!text || !/^(0|[1-9]\d{0,15})$/.test(size)) {
    throw new Error('A checkpoint has three lines, an empty line, and its signatures.');
  }
  return {origin, size: Number(size), root: bytesOf(root), text, signatures: signatures.trim().split('\n'), note};
}

/**
 * Returns whether a checkpoint is signed with an Ed25519 key, in the form `name+id+base64`. Of several
 * keys, one a line, the one of this kind counts.
 *
 * @param {Checkpoint} checkpoint
 * @param {string} verifierKeys
 * @returns {Promise<{isSigned: boolean, why: string}>} why, if it is not
 */
export async function signatureOf(checkpoint, verifierKeys) {
  const [name, id, key] = keyIn(verifierKeys);
  if (!key) {
    return {isSigned: false, why: 'there is no Ed25519 key'};
  }
  if (name !== checkpoint.origin) {
    return {isSigned: false, why: 'the key is that of another log'};
  }
  if (hex((await sha256(utf8(`${name}\n`), key)).subarray(0, 4)) !== id) {
    return {isSigned: false, why: 'the key does not have the id that it claims'};
  }
  const signature = checkpoint.signatures.map((line) => line.split(' '))
      .filter(([, by]) => by === name).map(([, , encoded]) => bytesOf(encoded))
      .find((bytes) => hex(bytes.subarray(0, 4)) === id);
  if (!signature) {
    return {isSigned: false, why: 'there is no signature with this key'};
  }
  const imported = await crypto.subtle.importKey('raw', key.subarray(1), 'Ed25519', false, ['verify']);
  const isSigned = await crypto.subtle.verify('Ed25519', imported, signature.subarray(4), utf8(checkpoint.text));
  return {isSigned, why: isSigned ? '' : 'the signature is wrong'};
}

/** Returns whether both name the same Ed25519 key. @param {string} a @param {string} b */
export function isSameKey(a, b) {
  const [[nameOfA, , keyA], [nameOfB, , keyB]] = [keyIn(a), keyIn(b)];
  return keyA !== undefined && keyB !== undefined && nameOfA === nameOfB && areSame(keyA, keyB);
}

/** @param {string} verifierKeys @returns {[string, string, Bytes | undefined]} name, id, and type with key */
function keyIn(verifierKeys) {
  for (const line of verifierKeys.split('\n')) {
    const [, name, id, encoded] = VERIFIER_KEY.exec(line.trim()) ?? [];
    if (encoded) {
      const key = bytesOf(encoded);
      if (key.length === 33 && key[0] === ED25519) {
        return [name, id, key];
      }
    }
  }
  return ['', '', undefined];
}
