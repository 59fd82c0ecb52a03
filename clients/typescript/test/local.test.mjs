// The rules of local decisions. The time is the test's own, as is the service's.
import assert from 'node:assert/strict';
import test, { afterEach, beforeEach } from 'node:test';
import { Keyledger, KeyledgerError } from '@keyledger/client';
import { after, answer, CREDENTIAL, KEY, Lost, problem, Service, START, until } from './service.mjs';

let service;
let keyledger;
let now;
let keys;
let position;
let answeredAt;
let whileAsked;

beforeEach(() => start({}));
afterEach(() => keyledger.close());

function start(settings) {
  keyledger?.close();
  service = new Service();
  now = -17; // may be anything
  keys = new Map();
  position = 100;
  answeredAt = START;
  whileAsked = () => undefined;
  service.answers = answered;
  keyledger = service.client({ localDecisions: { entriesMax: 100, ...settings }, now: () => now });
}

async function answered({ target, body }) {
  if (target !== '/v1/verify') {
    return answer({ ...KEY, revoked: [] }, { headers: { 'Keyledger-Position': 'token-own' } });
  }
  await whileAsked();
  const facts = keys.get(body.key);
  const knowledge = { position, asOf: answeredAt };
  if (facts === undefined) {
    return answer({ valid: false, code: 'NOT_FOUND', ...knowledge });
  }
  const { code = 'VALID' } = facts;
  return answer({
    valid: code === 'VALID', code, keyId: `key_${body.key}`, name: 'n', workspace: 'default', owner: { type: 'app', id: 'x' },
    environment: 'live', permissions: ['read:*'], missingPermissions: [], metadata: {}, renewalDue: false, generation: 1,
    currentGeneration: 1, ipAllowList: [], decidedBy: { type: 'KeyIssued', position: 1, time: START }, ...facts, ...knowledge,
  });
}

function know(key, facts = {}) {
  keys.set(key, facts);
}

function verify(key, more = {}) {
  return keyledger.checks.verify({ key, ...more });
}

async function source(key, more) {
  return (await verify(key, more)).source;
}

/** Returns the code of a decision that was made here. */
async function local(key) {
  const decision = await verify(key);
  assert.equal(decision.source, 'local', key);
  return decision.code;
}

/** Waits until the client has read what the feed says. */
async function heard() {
  for (let i = 0; i < 5; i++) {
    await new Promise((done) => setImmediate(done));
  }
}

async function live(index = 0) {
  await until(() => service.feeds.length > index);
  service.feeds[index].heartbeat(position, START);
  await until(() => keyledger.localDecisions.live);
  return service.feeds[index];
}

const isUnavailable = (error) => error instanceof KeyledgerError && error.kind === 'unavailable';

test('a key is asked for once while the feed is live', async () => {
  know('a');
  const feed = await live();
  assert.equal(feed.request.headers.get('Authorization'), `Bearer ${CREDENTIAL}`);
  const asked = await verify('a');
  assert.equal(asked.source, 'service');
  assert.equal(asked.ipAllowList, undefined);
  const decision = await verify('a');
  assert.equal(decision.source, 'local');
  assert.ok(decision.valid);
  assert.equal(decision.keyId, 'key_a');
  assert.equal(decision.decidedBy.type, 'KeyIssued');
  assert.equal(decision.position, 100);
  assert.equal(decision.ipAllowList, undefined);
  assert.equal(service.request.body.cacheable, true);

  feed.heartbeat(107, after(500));
  await heard();
  const later = await verify('a');
  assert.equal(later.position, 107);
  assert.equal(later.asOf, after(500));
  assert.deepEqual(keyledger.localDecisions, { local: 2, asked: 1, cutOff: 0, entries: 1, live: true });
});

test('what is known cannot be changed by who sees it', async () => {
  know('a');
  await live();
  await verify('a');
  const decision = await verify('a');
  assert.throws(() => decision.permissions.push('write:*'), TypeError);
  assert.throws(() => (decision.owner.id = 'y'), TypeError);
});

test('nothing is decided here or kept before the first heartbeat', async () => {
  know('a');
  await until(() => service.feeds.length === 1);
  assert.equal(await source('a'), 'service');
  assert.equal(await source('a'), 'service');
  assert.equal(keyledger.localDecisions.live, false);
  service.feeds[0].heartbeat(150, START); // what happened up to there was not heard
  await heard();
  assert.equal(await source('a'), 'service');
});

test('nothing is decided here once the feed is older than it may be', async () => {
  know('a');
  await live();
  await verify('a');
  now += 1000;
  assert.equal(await source('a'), 'local');
  now += 1.002; // the estimate gives way by a thousandth
  assert.equal(await source('a'), 'service');
  assert.equal(keyledger.localDecisions.live, false);
});

test('a feed whose time stands still grows old', async () => {
  know('a');
  const feed = await live();
  await verify('a');
  now += 1002;
  feed.heartbeat(101, START);
  await heard();
  assert.equal(await source('a'), 'service');
  now += 1;
  feed.heartbeat(102, after(1003));
  await heard();
  assert.equal(await source('a'), 'local');
});

test('a heartbeat that was delayed is seen to be old', async () => {
  know('a');
  const feed = await live();
  await verify('a');
  now += 3000;
  feed.heartbeat(100, after(500));
  await heard();
  assert.equal(await source('a'), 'service');
  feed.heartbeat(100, after(2990));
  await heard();
  assert.equal(await source('a'), 'local');
});

test('a feed that lags behind the node that answers is seen to be old', async () => {
  know('a');
  await live();
  answeredAt = after(1010);
  await verify('a');
  assert.equal(await source('a'), 'service');
});

test('clocks of different speeds do not part', async () => {
  start({ maxStalenessMillis: 100 });
  const feed = await live();
  for (let minute = 1; minute <= 10; minute++) {
    now += 60_000;
    feed.heartbeat(100, after(minute * 59_970));
    await heard();
    assert.ok(keyledger.localDecisions.live, `after ${minute} minutes`);
  }
});

test('a check may demand a feed that is not as old', async () => {
  know('a');
  await live();
  await verify('a');
  now += 500;
  assert.equal(await source('a', { maxAge: 'PT0.5S' }), 'local');
  assert.equal(await source('a', { maxAge: 'PT0.499S' }), 'service');
});

for (const type of ['KeyRevoked', 'PermissionsChanged', 'AnEventOfANewerService']) {
  test(`${type} ends what is known of its key`, async () => {
    know('a');
    know('b');
    const feed = await live();
    await verify('a');
    await verify('b');
    know('a', { code: 'REVOKED' });
    position = 101;
    feed.event(101, type, 'key_a');
    await heard();
    assert.deepEqual([(await verify('a')).code, await source('a')], ['REVOKED', 'local']);
    assert.equal(await local('b'), 'VALID');
    assert.equal(service.requests.length, 3);
  });
}

for (const type of ['WorkspaceClosed', 'PolicyChanged']) {
  test(`${type} ends everything`, async () => {
    know('a');
    const feed = await live();
    await verify('a');
    keys.delete('a');
    position = 101;
    feed.event(101, type);
    await heard();
    assert.equal((await verify('a')).code, 'NOT_FOUND');
  });
}

test('an answer that is behind the feed is not kept', async () => {
  know('a');
  const feed = await live();
  feed.heartbeat(101, after(1));
  feed.event(102, 'KeyRenewed', 'key_b');
  await heard();
  position = 101;
  await verify('a');
  assert.equal(await source('a'), 'service');
  position = 102;
  await verify('a');
  assert.equal(await source('a'), 'local');
});

for (const [type, keyId] of [['KeySuspended', 'key_a'], ['PolicyChanged', undefined]]) {
  test(`an answer that was on its way at a ${type} is not used`, async () => {
    know('a');
    const feed = await live();
    position = 200;
    whileAsked = async () => {
      feed.event(150, type, keyId);
      feed.heartbeat(150, after(1));
      await heard();
    };
    await verify('a');
    whileAsked = () => undefined;
    assert.equal(await source('a'), 'service');
    assert.equal(await source('a'), 'local');
  });
}

test('unknown keys are always asked for', async () => {
  await live();
  for (let i = 0; i < 2; i++) {
    const decision = await verify('nobody');
    assert.deepEqual([decision.code, decision.source], ['NOT_FOUND', 'service']);
  }
  assert.equal(keyledger.localDecisions.entries, 0);
});

for (const [permission, expected] of [['keyledger:keys:read', 'service'], ['keyledger:*', 'service'], ['keyledger:self:renew', 'local'], ['*', 'local']]) {
  test(`a key with ${permission} is decided: ${expected}`, async () => {
    know('a', { permissions: [permission] });
    await live();
    await verify('a');
    assert.equal(await source('a'), expected);
  });
}

for (const facts of [{ code: 'A_NEW_ONE' }, { permissions: ['a*'] }, { ipAllowList: ['x'] }, { ipAllowList: undefined }, { expiresAt: 'soon' }]) {
  test(`what this version does not know is not kept: ${JSON.stringify(facts)}`, async () => {
    know('a', facts);
    await live();
    await verify('a');
    assert.equal(await source('a'), 'service');
  });
}

test('some checks always go to the service', async () => {
  know('a');
  know('b c');
  await live();
  await verify('a');
  await verify('b c');
  assert.equal(await source('a', { explain: true }), 'service');
  assert.equal((await keyledger.with({ atLeast: 't' }).checks.verify({ key: 'a' })).source, 'service');
  assert.equal(await source('b c'), 'service');
  now += 60_000;
  service.feeds[0].heartbeat(100, after(60_000));
  await heard();
  assert.equal(await source('a'), 'service'); // so that its use is noted
  assert.equal(await source('a'), 'local');
});

test('conditions are judged here', async () => {
  know('a', { permissions: ['read:*', 'write:x'], ipAllowList: ['203.0.113.0/24'] });
  await live();
  const check = { ip: '203.0.113.7:80' };
  await verify('a', check);
  const decide = async (more) => {
    const decision = await verify('a', { ...check, ...more });
    assert.equal(decision.source, 'local');
    return decision;
  };
  assert.ok((await decide({ allOf: ['read:b', 'write:x'] })).valid);
  const lacking = await decide({ allOf: ['read:b', 'write:y'], anyOf: ['drop:a', 'drop:b'] });
  assert.equal(lacking.code, 'INSUFFICIENT_PERMISSIONS');
  assert.equal(lacking.valid, false);
  assert.deepEqual(lacking.missingPermissions, ['write:y', 'drop:a', 'drop:b']);
  assert.equal(lacking.decidedBy, undefined);
  assert.ok((await decide({ anyOf: ['drop:a', 'read:b'] })).valid);
  assert.equal((await decide({ ip: '198.51.100.1' })).code, 'IP_NOT_ALLOWED');
  assert.equal((await decide({ ip: undefined })).code, 'IP_NOT_ALLOWED');
  assert.equal((await decide({ environment: 'test' })).code, 'WRONG_ENVIRONMENT');
  assert.equal((await decide({ environment: 'any' })).code, 'VALID');
});

test('times are judged here in the service\'s time', async () => {
  const then = after(600);
  know('expires', { expiresAt: then });
  know('begins', { code: 'NOT_YET_ACTIVE', notBefore: then });
  know('ends', { planned: { command: 'revoke', effectiveAt: then } });
  know('pauses', { planned: { command: 'suspend', effectiveAt: then } });
  know('old', { generation: 1, currentGeneration: 2, overlapEndsAt: then });
  know('new', { generation: 2, currentGeneration: 2, overlapEndsAt: then });
  await live();
  for (const key of keys.keys()) {
    await verify(key);
  }
  now += 599;
  for (const [key, code] of Object.entries({ expires: 'VALID', begins: 'NOT_YET_ACTIVE', ends: 'VALID', pauses: 'VALID', old: 'VALID', new: 'VALID' })) {
    assert.equal(await local(key), code, key);
  }
  assert.equal((await verify('new')).overlapEndsAt, then);
  now += 1.7; // the estimate gives way by a thousandth
  for (const [key, code] of Object.entries({ expires: 'EXPIRED', begins: 'VALID', ends: 'REVOKED', pauses: 'SUSPENDED', old: 'ROTATED_OUT', new: 'VALID' })) {
    assert.equal(await local(key), code, key);
  }
  assert.equal((await verify('new')).overlapEndsAt, undefined);
});

test('what the service has ended stays so', async () => {
  for (const code of ['REVOKED', 'ROTATED_OUT', 'SUSPENDED']) {
    know(code, { code });
  }
  await live();
  for (const code of keys.keys()) {
    await verify(code);
    assert.equal(await local(code), code);
  }
});

test('an old secret whose end is not known is always asked for', async () => {
  know('old', { generation: 1, currentGeneration: 2 });
  know('ended', { generation: 1, currentGeneration: 2, code: 'ROTATED_OUT' });
  know('suspended', { generation: 1, currentGeneration: 2, code: 'SUSPENDED' });
  await live();
  for (const key of keys.keys()) {
    await verify(key);
  }
  assert.equal(await source('old'), 'service');
  assert.equal(await source('suspended'), 'service');
  assert.equal(await local('ended'), 'ROTATED_OUT');
});

test('the number of secrets is bounded', async () => {
  start({ entriesMax: 8 });
  await live();
  for (let i = 0; i < 8; i++) {
    know(`k${i}`);
    await verify(`k${i}`);
  }
  assert.equal(keyledger.localDecisions.entries, 8);
  for (const i of [0, 1, 2, 4, 5, 6, 7]) {
    await local(`k${i}`);
  }
  know('k8');
  await verify('k8');
  assert.equal(keyledger.localDecisions.entries, 8);
  await local('k8');
  await local('k0');
  assert.equal(await source('k3'), 'service');
});

test('the client\'s own commands end what is known', async () => {
  know('a');
  know('b');
  await live();
  await verify('a');
  await verify('b');
  await keyledger.keys.suspend('key_a');
  assert.equal(await source('a'), 'service');
  assert.equal(await source('b'), 'local');
  assert.equal(service.requests[3].headers.get('Keyledger-At-Least'), 'token-own');
  service.answers = () => new Lost('ECONNRESET');
  await assert.rejects(keyledger.keys.resume('key_a'));
  service.answers = answered;
  assert.equal(await source('a'), 'service');
  await keyledger.keys.revokeAllOf({ type: 'app', id: 'x' });
  assert.equal(await source('b'), 'service');
});

test('a feed that is lost is resumed without a gap', async () => {
  know('a');
  know('b');
  const feed = await live();
  await verify('a');
  await verify('b');
  feed.cut();
  await until(() => service.feeds.length === 2);
  const resumed = service.feeds[1];
  assert.equal(resumed.request.headers.get('Last-Event-ID'), 'token-100');
  assert.equal(await source('a'), 'service');
  resumed.event(101, 'KeyRevoked', 'key_a');
  position = 101;
  resumed.heartbeat(101, after(1));
  await heard();
  assert.equal(await source('a'), 'service');
  assert.equal(await source('b'), 'local');
});

test('a feed that ends is resumed', async () => {
  (await live()).end('too-slow');
  await until(() => service.feeds.length === 2);
  assert.equal(service.feeds[1].request.headers.get('Last-Event-ID'), 'token-100');
});

test('a feed that may not be followed any more ends everything', async () => {
  start({ allowWhenCutOffMillis: 300_000 });
  know('a');
  const feed = await live();
  await verify('a');
  feed.end('workspace-closed');
  await until(() => keyledger.localDecisions.entries === 0);
  service.isDown = true;
  await assert.rejects(verify('a'), isUnavailable);
});

test('a feed that is refused ends everything', async () => {
  start({ allowWhenCutOffMillis: 300_000 });
  know('a');
  const feed = await live();
  await verify('a');
  service.feedAnswers = () => problem(401, 'unauthorized');
  feed.cut();
  await until(() => keyledger.localDecisions.entries === 0);
});

test('a feed that cannot be resumed begins again and everything is dropped', async () => {
  know('a');
  const feed = await live();
  await verify('a');
  service.feedAnswers = ({ headers }) => (headers.has('Last-Event-ID') ? problem(400, 'invalid-position-token') : undefined);
  feed.cut();
  position = 3;
  const another = await live(1);
  assert.equal(another.request.headers.get('Last-Event-ID'), null);
  assert.equal(await source('a'), 'service');
  assert.equal(await source('a'), 'local');
});

test('a feed that says what cannot be read begins again', async () => {
  const feed = await live();
  feed.heartbeat(undefined, START);
  await until(() => service.feeds.length === 2);
  assert.equal(service.feeds[1].request.headers.get('Last-Event-ID'), null);
});

test('a feed that was lost for a minute begins again', async () => {
  know('a');
  const feed = await live();
  await verify('a');
  service.isDown = true;
  feed.cut();
  await until(() => !keyledger.localDecisions.live);
  now += 59_999;
  await new Promise((done) => setTimeout(done, 150)); // an attempt does not count as a feed
  assert.equal(keyledger.localDecisions.entries, 1);
  now += 1;
  service.isDown = false;
  await until(() => service.feeds.length === 2);
  assert.equal(service.feeds[1].request.headers.get('Last-Event-ID'), null);
  await until(() => keyledger.localDecisions.entries === 0);
});

test('without feed and service checks fail', async () => {
  know('a');
  const feed = await live();
  await verify('a');
  service.isDown = true;
  feed.cut();
  await until(() => !keyledger.localDecisions.live);
  await assert.rejects(verify('a'), isUnavailable);
});

test('without feed and service known keys may be allowed for a time', async () => {
  start({ allowWhenCutOffMillis: 300_000 });
  know('a', { expiresAt: after(200_000) });
  know('b');
  const feed = await live();
  await verify('a');
  await verify('b');
  service.isDown = true;
  feed.cut();
  await until(() => !keyledger.localDecisions.live);
  const decision = await verify('a');
  assert.deepEqual([decision.source, decision.valid], ['local-cut-off', true]);
  await assert.rejects(verify('c'), isUnavailable);
  service.isDown = false;
  service.feedAnswers = () => problem(503, 'stale');
  service.answers = () => problem(403, 'forbidden');
  await assert.rejects(verify('a'), (error) => error.kind === 'forbidden');
  service.isDown = true;
  now += 300_000;
  assert.equal((await verify('a')).code, 'EXPIRED');
  assert.ok((await verify('b')).valid);
  assert.equal(keyledger.localDecisions.cutOff, 3);
  now += 1000;
  await assert.rejects(verify('b'), isUnavailable);
});

test('settings have limits', () => {
  const at = (localDecisions) => new Keyledger({ url: 'http://x', key: 'x', fetch: service.fetch, localDecisions }).close();
  at({ entriesMax: 1, maxStalenessMillis: 1, allowWhenCutOffMillis: 0 });
  at({ entriesMax: 1_000_000, maxStalenessMillis: 60_000, allowWhenCutOffMillis: 86_400_000 });
  for (const wrong of [{ entriesMax: 0 }, { entriesMax: 1_000_001 }, { entriesMax: 1.5 }, { maxStalenessMillis: 0.9 }, { maxStalenessMillis: 60_001 }, { allowWhenCutOffMillis: -1 }, { allowWhenCutOffMillis: 86_400_001 }, { maxStalenessMillis: NaN }]) {
    assert.throws(() => at({ entriesMax: 1, ...wrong }), RangeError, JSON.stringify(wrong));
  }
});
