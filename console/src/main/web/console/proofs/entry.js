/** An entry of the log: what its bytes say, and the proof that they are in the tree. */
import {bytesOf} from './bytes.js';
import {checkpointOf} from './checkpoint.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

const FIELDS = 13;
const NUMBERS = [0, 3, 6, 7];

/**
 * Reads the bytes that are hashed: 13 fields, each after its length in 4 bytes.
 *
 * @param {Bytes} bytes
 * @throws {Error} if they have another form
 */
export function entryOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** @type {Bytes[]} */
  const fields = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + (at + 4 <= bytes.length ? view.getUint32(at) : Infinity);
    if (end > bytes.length) {
      throw new Error('The bytes end within a field.');
    }
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  if (fields.length !== FIELDS || NUMBERS.some((i) => fields[i].length !== 8)) {
    throw new Error('The bytes have another form.');
  }
  /** @param {number} i */
  const number = (i) => new DataView(fields[i].buffer, fields[i].byteOffset, 8).getBigInt64(0);
  const [, kind, stream, , workspace, type, , , actorType, actorId, requestId, payload] =
    fields.map((field) => new TextDecoder().decode(field));
  const micros = number(7);
  return {
    position: Number(number(0)),
    keyId: kind === 'key' ? stream : undefined,
    workspace,
    type,
    time: new Date(Number(micros / 1000n)).toISOString(),
    actor: {type: actorType, ...(actorId && {id: actorId})},
    requestId,
    data: JSON.parse(payload),
  };
}

/**
 * Reads a proof in the format C2SP tlog-proof: the index of the entry, hashes, and a checkpoint.
 *
 * @param {string} text
 * @throws {Error} if it is none
 */
export function proofOf(text) {
  const at = text.indexOf('\n\n');
  const [format, ...lines] = text.slice(0, at).split('\n').filter((line) => !line.startsWith('extra '));
  const index = /^index (\d{1,16})$/.exec(lines[0] ?? '');
  if (at < 0 || format !== 'c2sp.org/tlog-proof@v1' || !index) {
    throw new Error('The proof has another format than c2sp.org/tlog-proof@v1.');
  }
  return {index: Number(index[1]), hashes: lines.slice(1).map(bytesOf), checkpoint: checkpointOf(text.slice(at + 2))};
}
