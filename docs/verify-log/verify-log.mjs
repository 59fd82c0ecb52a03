#!/usr/bin/env node
// Verifies an export of Keyledger's log. It shares nothing with Keyledger; README.md beside it says what it follows.
//
//   node verify-log.mjs --checkpoint FILE --export FILE [--key FILE]
//
// Exit code 0: proven, 1: not proven, 2: could not be checked.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

class NotProven extends Error {}
class NotChecked extends Error {}
const check = (condition, message) => { if (!condition) throw new NotChecked(message); };
const require = (condition, message) => { if (!condition) throw new NotProven(message); };
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const node = (left, right) => sha256(Buffer.from([1]), left, right);
const base64 = (text, what) => {
  const bytes = Buffer.from(String(text), 'base64');
  require(bytes.toString('base64') === text, `${what} is not base64`);
  return bytes;
};

/** Reads an object whose names all differ, at each level: other readers might take the first of two values. */
function object(text, what) {
  const read = JSON.parse(text);
  const names = value => (value === null || typeof value !== 'object' ? 0
    : Object.values(value).reduce((sum, each) => sum + names(each), Array.isArray(value) ? 0 : Object.keys(value).length));
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon).length;
  require(written === names(read), `${what} has a name twice`);
  require(read?.data !== null && typeof read?.data === 'object', `${what} has no data`);
  return read;
}

/** Reads a checkpoint: a signed note with the lines origin, size, root. */
function checkpoint(note) {
  const [, text, signatures] = /^([^\n]+\n[^\n]+\n[^\n]+\n)\n((?:\u2014 [^\n]+\n)+)$/.exec(note) ?? [];
  require(text, 'a checkpoint has three lines, an empty line, and signatures');
  const [origin, size, root] = text.split('\n');
  const log = /^keyledger\.dev\/log\/([0-9a-f-]{36})\/([1-9][0-9]*)$/.exec(origin);
  require(log && /^(0|[1-9][0-9]{0,18})$/.test(size), 'a checkpoint has the origin of a log, and a size');
  return {
    origin, size: BigInt(size), root: base64(root, 'the root'), text, signatures: signatures.trim().split('\n'),
    source: `urn:keyledger:log:${log[1]}:${log[2]}`,
  };
}

/** Verifies the signature of a checkpoint with the log's Ed25519 key, in the form name+id+base64(1, key). */
function requireSigned({ origin, text, signatures }, keys) {
  const [id, encoded] = keys.split('\n').map(line => /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(line.trim()) ?? [])
    .filter(([, name]) => name === origin).map(([, , hex, key]) => [hex, base64(key, 'the key')])
    .find(([, key]) => key.length === 33 && key[0] === 1) ?? [];
  require(id, 'there is no Ed25519 key of this log');
  require(sha256(`${origin}\n`, encoded).toString('hex', 0, 4) === id, 'the key has another id');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), encoded.subarray(1)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signed = signatures.map(line => line.split(' ')).filter(([, name]) => name === origin)
    .map(([, , signature]) => base64(signature, 'a signature')).filter(bytes => bytes.toString('hex', 0, 4) === id);
  require(
    signed.length && signed.every(bytes => verify(null, Buffer.from(text), key, bytes.subarray(4))),
    'a checkpoint is not signed with the key');
}

/** Reads leaf bytes: 13 fields, each after its length in 4 bytes. */
function fields(leaf) {
  const found = [];
  let at = 0;
  while (at < leaf.length) {
    require(at + 4 <= leaf.length && at + 4 + leaf.readUInt32BE(at) <= leaf.length, 'the leaf has another form');
    found.push(leaf.subarray(at + 4, at += 4 + leaf.readUInt32BE(at)));
  }
  require(found.length === 13 && [0, 3, 6, 7].every(i => found[i].length === 8) && found[12].length === 32, 'the leaf has another form');
  const number = i => found[i].readBigInt64BE();
  const [, kind, stream, , workspace, type, , , actorType, actorId, requestId] = found.map(String);
  return { position: number(0), kind, stream, workspace, type, micros: number(7), actorType, actorId, requestId, payload: JSON.parse(found[11]) };
}

/** RFC 3339 in UTC, with 0, 3 or 6 digits of a second. */
function time(micros) {
  const [date, millis] = new Date(Number(micros / 1000n)).toISOString().slice(0, -1).split('.');
  const rest = String(micros % 1000n).padStart(3, '0');
  return `${date}${millis + rest === '000000' ? '' : `.${millis}${rest === '000' ? '' : rest}`}Z`;
}

/** Whether the readable fields of a line are those of its leaf; owners holds the owner of each key so far. */
function requireSame(line, leaf, source, owners) {
  const ofKey = leaf.kind === 'key';
  const data = line.data;
  const shown = structuredClone(leaf.payload);
  if (shown.secret) {
    delete shown.secret.digest;
    delete shown.secret.pepperVersion;
    if (Object.keys(shown.secret).length === 0) delete shown.secret;
  }
  if (ofKey && leaf.payload.owner) owners.set(leaf.stream, leaf.payload.owner);
  const owner = ofKey ? owners.get(leaf.stream) ?? data.owner ?? null : undefined;
  const expected = {
    id: [line.id, String(leaf.position)], source: [line.source, source], type: [line.type, `dev.keyledger.${leaf.type}`],
    subject: [line.subject, ofKey ? leaf.stream : leaf.workspace], time: [line.time, time(leaf.micros)],
    workspace: [line.workspace, leaf.workspace], position: [line.position, Number(leaf.position)],
    specversion: [line.specversion, '1.0'], datacontenttype: [line.datacontenttype, 'application/json'],
    'data.position': [data.position, Number(leaf.position)], 'data.time': [data.time, time(leaf.micros)],
    'data.type': [data.type, leaf.type], 'data.keyId': [data.keyId, ofKey ? leaf.stream : undefined],
    'data.owner': [data.owner, owner], 'data.requestId': [data.requestId, leaf.requestId], 'data.data': [data.data, shown],
    'data.actor': [data.actor, { type: leaf.actorType, ...(leaf.actorId && { id: leaf.actorId }) }],
  };
  for (const [name, [found, wanted]] of Object.entries(expected)) {
    require(isDeepStrictEqual(found, wanted), `${name} is not what the leaf says`);
  }
}

/** The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2); null if it has another length. */
function rootOf(hash, index, size, proof) {
  let [at, last] = [index, size - 1n];
  for (let i = 0; i < proof.length; i += 32, at >>= 1n, last >>= 1n) {
    if (last === 0n) return null;
    const sibling = proof.subarray(i, i + 32);
    if (at % 2n === 1n || at === last) {
      hash = node(sibling, hash);
      for (; at % 2n === 0n && at > 0n; at >>= 1n, last >>= 1n);
    } else {
      hash = node(hash, sibling);
    }
  }
  return last === 0n ? hash : null;
}

function verifyExport(given, lines, keys) {
  const trailer = object(lines.pop(), 'the trailer');
  require(trailer.type === 'dev.keyledger.ExportTrailer', 'the last line is not the trailer: the export was cut off');
  require(trailer.data.count === lines.length, `there are ${lines.length} events, and the trailer says ${trailer.data.count}`);
  const end = checkpoint(trailer.data.checkpoint);
  check(end.origin === given.origin, 'the export is of another log than the checkpoint');
  require(trailer.source === end.source, 'the trailer is of another log than its checkpoint');
  check(lines.length > 0 || end.size === 0n, 'the export has no events');
  if (keys !== null) requireSigned(end, keys);
  const proven = lines.length > 0 && object(lines[0], 'the first line').inclusionproof !== undefined; // line by line
  const edge = []; // roots of complete subtrees, the largest first
  const owners = new Map();
  let before = 0n;
  let rootOfGiven = given.size === 0n ? sha256() : null;
  const root = () => edge.map(({ hash }) => hash).reduceRight((right, left) => node(left, right));
  lines.forEach((text, i) => {
    try {
      const line = object(text, 'the line');
      const bytes = base64(line.leaf, 'leaf');
      const leaf = fields(bytes);
      requireSame(line, leaf, end.source, owners);
      check(proven || i > 0 || leaf.position === 1n, 'the export begins later, and its lines have no inclusion proof');
      require(proven ? leaf.position > before : leaf.position === before + 1n, 'events are missing before it');
      before = leaf.position;
      let hash = sha256(Buffer.from([0]), bytes);
      if (proven) {
        const proof = base64(line.inclusionproof, 'inclusionproof');
        const reached = before <= end.size && proof.length % 32 === 0 && rootOf(hash, before - 1n, end.size, proof);
        require(reached && reached.equals(end.root), 'its proof does not lead to the checkpoint');
        return;
      }
      let height = 0;
      for (; edge.at(-1)?.height === height; height++) hash = node(edge.pop().hash, hash);
      edge.push({ height, hash });
      if (before === given.size) rootOfGiven = root();
    } catch (e) {
      if (e instanceof NotChecked) throw e;
      throw new NotProven(`line ${i + 1}: ${e.message}`);
    }
  });
  if (!proven) {
    require(
      before === end.size && (edge.length ? root() : sha256()).equals(end.root),
      'the events do not give the root of the checkpoint at the end');
    check(given.size <= end.size, 'the export ends before the checkpoint');
    require(rootOfGiven?.equals(given.root), 'the events do not give the root of the checkpoint');
  } else {
    require(given.size !== end.size || given.root.equals(end.root), 'there are two roots for one size');
    check(given.size === end.size || keys !== null, 'the export ends at another checkpoint: its signature needs --key');
    if (given.size !== end.size) console.log('not shown: that the checkpoint of the export is consistent with the one given');
  }
  console.log(`proven: ${lines.length} events${keys !== null ? '' : '; no signature was checked, there is no --key'}`);
  if (proven) console.log('not shown: whether the export has all events of its workspace');
  console.log('not shown: reason, ip and userAgent, whose salt is not exported');
  console.log('not shown: owners that no line before names, attributes that are not of the format, ML-DSA-44 signatures');
}

const [, , ...options] = process.argv;
const read = name => (options.includes(name) ? readFileSync(options[options.indexOf(name) + 1] ?? '', 'utf8') : null);
let given;
try {
  const [note, text, keys] = ['--checkpoint', '--export', '--key'].map(read);
  const known = options.every((option, i) => i % 2 === 1 || ['--checkpoint', '--export', '--key'].includes(option));
  check(known && options.length % 2 === 0 && note !== null && text !== null, 'usage: verify-log.mjs --checkpoint FILE --export FILE [--key FILE]');
  given = checkpoint(note);
  check(keys === null || /\S/.test(keys), 'the file of --key has no key');
  if (keys !== null) requireSigned(given, keys);
  require(text.endsWith('\n'), 'the export does not end with a newline: it was cut off');
  verifyExport(given, text.slice(0, -1).split('\n'), keys);
} catch (e) {
  const refuted = given && !(e instanceof NotChecked);
  console.log(`${refuted ? 'wrong' : 'not checked'}: ${e.message}`);
  process.exitCode = refuted ? 1 : 2;
}
