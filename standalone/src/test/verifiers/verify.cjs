// Verifies a checkpoint and inclusion proofs with @sigstore/verify. Argument: a directory with checkpoint, key and
// proofs.json. Prints what it has verified; throws at the first thing that does not hold.
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const dist = path.join(path.dirname(require.resolve('@sigstore/verify')), 'tlog');
const { verifyCheckpoint } = require(path.join(dist, 'checkpoint'));
const { verifyMerkleInclusion } = require(path.join(dist, 'merkle'));

const read = file => fs.readFileSync(path.join(process.argv[2], file), 'utf8');
const [name, keyId, ...material] = read('key').split('+'); // base64 has that character too
const raw = Buffer.from(material.join('+'), 'base64').subarray(1);
const publicKey = crypto.createPublicKey({
  key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
  format: 'der',
  type: 'spki',
});
const log = { logID: Buffer.from(keyId, 'hex'), baseURL: name, publicKey };
const { entries } = JSON.parse(read('proofs.json'));
const envelope = read('checkpoint');
for (const { position, bytes, hashes } of entries) {
  const entry = {
    canonicalizedBody: Buffer.from(bytes, 'base64'),
    inclusionProof: {
      logIndex: String(position - 1),
      hashes: hashes.map(hash => Buffer.from(hash, 'base64')),
      checkpoint: { envelope },
    },
  };
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, [log]));
}
console.log(`verified ${entries.length} entries`);
