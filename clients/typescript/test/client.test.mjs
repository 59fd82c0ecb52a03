import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { Keyledger, KeyledgerError, Secret } from '@keyledger/client';
import { Positions } from '../dist/esm/positions.js';
import { answer, CREDENTIAL, KEY, KEY_ID, Lost, problem, SECRET, Service } from './service.mjs';

const NEW_KEY = { name: 'Nightly export', owner: { type: 'service', id: 'billing.export' }, permissions: ['read:invoices'], lifetime: 'P90D' };
const DECISION = { valid: true, code: 'VALID', keyId: KEY_ID, name: 'n', workspace: 'default', owner: KEY.owner, environment: 'live', permissions: ['read:*'], missingPermissions: [], metadata: {}, renewalDue: false, generation: 1, position: 42, asOf: '2027-02-01T12:00:00Z' };

function start(answers) {
  const service = new Service();
  if (answers !== undefined) {
    service.answers = typeof answers === 'function' ? answers : () => answers;
  }
  return { service, keyledger: service.client({ workspace: 'acme' }) };
}

function kind(expected) {
  return (error) => error instanceof KeyledgerError && assert.equal(error.kind, expected) === undefined;
}

async function collected(entries) {
  const all = [];
  for await (const entry of entries) {
    all.push(entry);
  }
  return all;
}

test('issues a key', async () => {
  const { service, keyledger } = start(answer({ ...KEY, secret: SECRET }, { status: 201 }));
  const issued = await keyledger.with({ reason: 'first' }).keys.issue(NEW_KEY);
  const { method, target, headers, body } = service.request;
  assert.equal(`${method} ${target}`, 'POST /v1/keys');
  assert.equal(headers.get('Authorization'), `Bearer ${CREDENTIAL}`);
  assert.equal(headers.get('Keyledger-Workspace'), 'acme');
  assert.equal(headers.get('Content-Type'), 'application/json');
  assert.equal(headers.get('Idempotency-Key').length, 36);
  assert.deepEqual(body, { reason: 'first', ...NEW_KEY });
  assert.equal(issued.secret.reveal(), SECRET);
  assert.equal(issued.keyId, KEY_ID);
});

test('encodes what is in paths and queries', async () => {
  const { service, keyledger } = start(answer({ data: [] }));
  await keyledger.keys.list({ owner: ['user:a+b c', 'app:x'], status: ['not-yet-active'], limit: 7 });
  assert.equal(service.request.target, '/v1/keys?owner=user%3Aa%2Bb%20c&owner=app%3Ax&status=not-yet-active&limit=7');
  service.answers = () => answer(KEY);
  await keyledger.keys.get('../x?y');
  assert.equal(service.requests[1].target, '/v1/keys/..%2Fx%3Fy');
  for (const id of ['', '.', '..']) {
    await assert.rejects(keyledger.keys.revoke(id), TypeError);
  }
});

test('reads pages when they are needed', async () => {
  const { service, keyledger } = start(({ target }) => answer({ data: [KEY], ...(target.includes('cursor') ? {} : { nextCursor: '2' }) }));
  const keys = keyledger.keys.all({ limit: 1 });
  await keys.next();
  assert.equal(service.requests.length, 1);
  assert.equal((await collected(keys)).length, 1);
  assert.equal(service.requests[1].target, '/v1/keys?limit=1&cursor=2');
});

test('a lost connection is tried again as the same command', async () => {
  const { service, keyledger } = start(() => (service.requests.length === 1 ? new Lost('ECONNRESET') : answer(KEY)));
  await keyledger.keys.suspend(KEY_ID);
  await keyledger.keys.suspend(KEY_ID);
  const [first, second, third] = service.requests.map(({ headers }) => headers.get('Idempotency-Key'));
  assert.equal(second, first);
  assert.notEqual(third, first);
});

test('a command that may have been done says so', async () => {
  const { service, keyledger } = start(new Lost('ECONNRESET'));
  const error = await keyledger.keys.issue(NEW_KEY).catch((failed) => failed);
  assert.equal(error.kind, 'outcome-unknown');
  assert.equal(service.requests.length, 2);
  assert.equal(error.idempotencyKey, service.requests[0].headers.get('Idempotency-Key'));
  service.answers = () => answer({ ...KEY, secret: SECRET });
  await keyledger.with({ idempotencyKey: error.idempotencyKey }).keys.issue(NEW_KEY);
  assert.equal(service.requests[2].headers.get('Idempotency-Key'), error.idempotencyKey);
  assert.deepEqual(service.requests[2].body, service.requests[0].body);
});

test('what was never sent, or changes nothing, is unavailable', async () => {
  const { service, keyledger } = start(new Lost('ECONNREFUSED'));
  await assert.rejects(keyledger.keys.issue(NEW_KEY), kind('unavailable'));
  service.answers = () => new Lost('ECONNRESET');
  await assert.rejects(keyledger.keys.get(KEY_ID), kind('unavailable'));
  await assert.rejects(keyledger.checks.permits(SECRET), kind('unavailable'));
});

for (const status of [429, 502, 503, 504]) {
  test(`waits as long as a ${status} says and tries once more`, async () => {
    const { service, keyledger } = start(() => (service.requests.length === 1 ? problem(status, 'stale', { 'Retry-After': '0' }) : answer(KEY)));
    assert.equal((await keyledger.keys.get(KEY_ID)).keyId, KEY_ID);
    assert.equal(service.requests.length, 2);
    service.answers = () => problem(status, 'stale', { 'Retry-After': '0' });
    await assert.rejects(keyledger.keys.get(KEY_ID));
    assert.equal(service.requests.length, 4);
  });
}

test('a wait beyond the deadline is not begun', async () => {
  const { service, keyledger } = start(problem(429, 'rate-limited', { 'Retry-After': '11' }));
  const error = await keyledger.keys.get(KEY_ID).catch((failed) => failed);
  assert.equal(error.retryAfterMillis, 11_000);
  assert.equal(service.requests.length, 1);
});

test('the same command that is still running is asked for again', async () => {
  const { service, keyledger } = start(() => (service.requests.length === 1 ? problem(409, 'idempotency-in-flight') : answer(KEY)));
  assert.equal((await keyledger.keys.suspend(KEY_ID)).keyId, KEY_ID);
});

test('a call ends at its deadline', async () => {
  const { service, keyledger } = start(() => new Promise(() => undefined));
  const hasty = keyledger.with({ deadlineMillis: 30 });
  await assert.rejects(hasty.keys.get(KEY_ID), kind('unavailable'));
  await assert.rejects(hasty.keys.suspend(KEY_ID), kind('outcome-unknown'));
  assert.equal(service.requests.length, 2);
});

test('the caller can end a call', { timeout: 5000 }, async () => {
  const { service, keyledger } = start(() => new Promise(() => undefined));
  const ended = new AbortController();
  const calls = keyledger.with({ signal: ended.signal, deadlineMillis: 60_000 });
  const reads = assert.rejects(calls.keys.get(KEY_ID), (reason) => reason === 'enough');
  const commands = assert.rejects(calls.keys.suspend(KEY_ID), kind('outcome-unknown'));
  ended.abort('enough');
  await Promise.all([reads, commands]);
  await assert.rejects(calls.keys.suspend(KEY_ID), (reason) => reason === 'enough');
  assert.equal(service.requests.length, 2);
});

for (const [status, code, expected] of [
  [400, 'bad-request', 'invalid'],
  [401, 'unauthorized', 'unauthorized'],
  [403, 'permission-ceiling', 'forbidden'],
  [404, 'not-found', 'not-found'],
  [409, 'key-revoked', 'conflict'],
  [412, 'version-mismatch', 'conflict'],
  [413, 'too-large', 'invalid'],
  [422, 'lifetime-not-allowed', 'invalid'],
  [429, 'rate-limited', 'rate-limited'],
  [500, 'internal-error', 'unexpected'],
  [503, 'store-unavailable', 'unavailable'],
  [503, 'outcome-unknown', 'outcome-unknown'],
  [409, 'something-new', 'conflict'],
]) {
  test(`the problem ${status} ${code} is ${expected}`, async () => {
    const { keyledger } = start(problem(status, code, { 'Retry-After': '0' }));
    const error = await keyledger.keys.suspend(KEY_ID).catch((failed) => failed);
    assert.equal(error.kind, expected);
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(`${code}.*req_1`));
    assert.deepEqual(error.problem.errors, [{ field: 'f', message: 'm' }]);
  });
}

for (const body of ['', '<html>', '[]', '{}', 'null']) {
  test(`the answer ${body} of somebody else is unexpected`, async () => {
    const { keyledger } = start(answer(body));
    await assert.rejects(keyledger.keys.get(KEY_ID), kind('unexpected'));
    await assert.rejects(keyledger.keys.suspend(KEY_ID), kind('unexpected'));
    await assert.rejects(keyledger.checks.permits(SECRET), kind('unexpected'));
    await assert.rejects(keyledger.checks.verifyAll([{ key: SECRET }]), kind('unexpected'));
  });
}

test('a decision that contradicts itself is unexpected', async () => {
  const { service, keyledger } = start(answer(DECISION));
  assert.ok(await keyledger.checks.permits(SECRET));
  for (const wrong of [{ code: 'REVOKED' }, { valid: false }, { valid: 'true' }, { keyId: undefined }, { position: '42' }, { permissions: 'read:*' }]) {
    service.answers = () => answer({ ...DECISION, ...wrong });
    await assert.rejects(keyledger.checks.permits(SECRET), kind('unexpected'), JSON.stringify(wrong));
  }
});

test('redirects are not followed', async () => {
  let redirect;
  const fetch = (url, init) => {
    redirect = init.redirect;
    return Promise.resolve(new Response('', { status: 302, headers: { Location: 'http://other.test' } }));
  };
  await assert.rejects(new Service().client({ fetch }).keys.get(KEY_ID), kind('unexpected'));
  assert.equal(redirect, 'manual');
});

test('a proxy that cannot reach the service is unavailable', async () => {
  const { keyledger } = start(answer('<html>', { status: 502, type: 'text/html' }));
  await assert.rejects(keyledger.keys.get(KEY_ID), kind('unavailable'));
  await assert.rejects(keyledger.keys.suspend(KEY_ID), kind('outcome-unknown'));
});

test('reads take the client\'s own commands into account', async () => {
  const { service, keyledger } = start(answer(KEY, { headers: { 'Keyledger-Position': 'token-1' } }));
  await keyledger.keys.get(KEY_ID);
  await keyledger.keys.suspend(KEY_ID);
  await keyledger.keys.get(KEY_ID);
  await keyledger.keys.resume(KEY_ID);
  await keyledger.with({ atLeast: 'token-2' }).keys.get(KEY_ID);
  assert.deepEqual(service.requests.map(({ headers }) => headers.get('Keyledger-At-Least')), [null, null, 'token-1', null, 'token-2']);
  assert.equal(keyledger.position, 'token-1');
});

test('of commands at the same time, the token of the later position counts', () => {
  const token = (position, rest) => Buffer.concat([Buffer.from(BigInt(position).toString(16).padStart(16, '0'), 'hex'), Buffer.from(rest.repeat(16))]).toString('base64url');
  for (const [a, b] of [[1, 2], [15, 16], [62, 63], [63, 64], [2 ** 40, 2 ** 40 + 1], [255, 2 ** 20]]) {
    for (const [first, second] of [[a, b], [b, a]]) {
      const positions = new Positions();
      const begun = [positions.begin(), positions.begin()];
      positions.end(begun[0], token(first, 'z'));
      positions.end(begun[1], token(second, 'a'));
      assert.equal(positions.current, token(Math.max(a, b), first > second ? 'z' : 'a'));
      positions.end(positions.begin(), token(0, 'x')); // after a restore
      assert.equal(positions.current, token(0, 'x'));
    }
  }
});

test('a token from before a restore is forgotten', async () => {
  const { service, keyledger } = start(answer(KEY, { headers: { 'Keyledger-Position': 'token-1' } }));
  await keyledger.keys.suspend(KEY_ID);
  service.answers = ({ headers }) => (headers.has('Keyledger-At-Least') ? problem(400, 'invalid-position-token') : answer(KEY));
  assert.equal((await keyledger.keys.get(KEY_ID)).keyId, KEY_ID);
  assert.equal(keyledger.position, undefined);
  await assert.rejects(keyledger.with({ atLeast: 'token-1' }).keys.get(KEY_ID), kind('invalid'));
});

test('a command may wait for every node', async () => {
  const { service, keyledger } = start(answer({ ...KEY, notAppliedBy: [{ node: 'n' }] }, { status: 202 }));
  const revoked = await keyledger.with({ waitUntilAppliedMillis: 5500, ifVersion: 3 }).keys.revoke(KEY_ID, { revocationReason: 'owner-left' });
  assert.equal(service.request.target, `/v1/keys/${KEY_ID}/revoke?wait=applied`);
  assert.equal(service.request.headers.get('Keyledger-Wait'), 'PT5.5S');
  assert.equal(service.request.headers.get('If-Match'), '"3"');
  assert.equal(service.request.body.revocationReason, 'owner-left');
  assert.equal(revoked.notAppliedBy[0].node, 'n');
});

test('a batch has a decision or a problem for each check', async () => {
  const { service, keyledger } = start(answer({ results: [{ valid: false, code: 'NOT_FOUND', position: 42, asOf: '2027-02-01T12:00:00Z' }, { problem: { code: 'invalid-field' } }] }));
  const results = await keyledger.checks.verifyAll([{ key: new Secret('a'), anyOf: ['read:x'], ip: '[::1]:80', environment: 'any', maxAge: 'PT1S' }, { key: '' }]);
  assert.deepEqual(service.request.body, { checks: [{ key: 'a', permissions: { anyOf: ['read:x'], allOf: [] }, ip: '[::1]:80', environment: 'any', maxAge: 'PT1S' }, { key: '' }] });
  assert.equal(results[0].code, 'NOT_FOUND');
  assert.equal(results[1].problem.code, 'invalid-field');
});

test('a check that cannot be asked is a TypeError', async () => {
  const { keyledger } = start(answer(DECISION));
  for (const wrong of [{ ip: 'localhost' }, { allOf: ['read:*'] }, { maxAge: '1s' }, { maxAge: 'P' }, { maxAge: 'PT' }, { key: undefined }]) {
    await assert.rejects(keyledger.checks.verify({ key: 'x', ...wrong }), TypeError, JSON.stringify(wrong));
  }
});

test('an export is read line by line', async () => {
  const { service, keyledger } = start(answer('{"id":"1"}\n{"id":"2"}\n', { type: 'application/x-ndjson' }));
  assert.deepEqual((await collected(keyledger.audit.export({ after: 17 }))).map(({ id }) => id), ['1', '2']);
  assert.equal(service.request.target, '/v1/audit/export?after=17');
  service.answers = () => problem(429, 'rate-limited');
  await assert.rejects(collected(keyledger.audit.export()), kind('rate-limited'));
  service.answers = () => answer('{"id":"1"}\n{"secret', { type: 'application/x-ndjson' });
  await assert.rejects(collected(keyledger.audit.export()), kind('unexpected'));
});

test('the feed is followed, and resumed where it ended', async () => {
  const { service, keyledger } = start();
  const events = keyledger.feed.events({ after: 'token-7', type: ['KeyRevoked', 'KeyIssued'] });
  const first = events.next();
  const { request } = service.feeds[0];
  assert.equal(request.target, '/v1/feed?type=KeyRevoked&type=KeyIssued');
  assert.equal(request.headers.get('Last-Event-ID'), 'token-7');
  service.feeds[0].heartbeat(8, '2027-02-01T12:00:00Z');
  service.feeds[0].event(9, 'KeyRevoked', KEY_ID);
  assert.deepEqual(await first, { done: false, value: { id: 'token-9', position: 9, time: '2027-02-01T12:00:00Z', type: 'KeyRevoked', keyId: KEY_ID } });
  const second = events.next();
  service.feeds[0].cut();
  while (service.feeds.length === 1) {
    await new Promise((done) => setTimeout(done, 1));
  }
  assert.equal(service.feeds[1].request.headers.get('Last-Event-ID'), 'token-9');
  service.feeds[1].end('forbidden');
  await assert.rejects(second, kind('forbidden'));
  service.feedAnswers = () => problem(400, 'invalid-position-token');
  await assert.rejects(keyledger.feed.events({ after: 'x' }).next(), kind('invalid'));
});

test('secrets are never shown', async () => {
  const { service, keyledger } = start(answer({ ...KEY, secret: SECRET }));
  const issued = await keyledger.keys.issue(NEW_KEY);
  const shown = (value) => `${inspect(value, { depth: 9, showHidden: true })}${String(value)}${JSON.stringify(value)}`;
  const isHidden = (value) => [SECRET, CREDENTIAL].every((secret) => !shown(value).includes(secret));
  assert.equal(JSON.parse(JSON.stringify(issued)).secret, 'redacted');
  for (const value of [issued, issued.secret, keyledger, keyledger.keys, keyledger.checks, { keyledger }]) {
    assert.ok(isHidden(value), shown(value));
  }
  for (const given of [new Lost('ECONNRESET'), problem(401, 'unauthorized'), answer(`{"secret":"${SECRET}"`), answer(`{"secret":"${SECRET}"}`)]) {
    service.answers = () => given;
    for (const call of [() => keyledger.checks.permits(SECRET), () => keyledger.self.rotate(), () => keyledger.keys.reportLeaks([SECRET])]) {
      const error = await call().catch((failed) => failed);
      assert.ok(isHidden(error) && !error?.stack.includes(SECRET), shown(error));
    }
  }
  assert.throws(() => new Keyledger({ url: 'http://x', key: `${SECRET}\n` }), (error) => isHidden(error));
});

test('settings have limits', () => {
  const settings = { url: 'http://keyledger.test/', key: CREDENTIAL };
  assert.equal(String(new Keyledger(settings)), 'Keyledger[http://keyledger.test]');
  assert.ok(new Keyledger({ ...settings, key: '~'.repeat(4096) }));
  for (const key of ['', '~'.repeat(4097), 'a b', '\u00e9']) {
    assert.throws(() => new Keyledger({ ...settings, key }), TypeError);
  }
  for (const url of ['', 'localhost:8080', 'ftp://a', 'http://', 'http://a?b=c', 'http://u@a', 'file:/x']) {
    assert.throws(() => new Keyledger({ ...settings, url }), TypeError, url);
  }
  assert.throws(() => new Keyledger({ ...settings, deadlineMillis: 0 }), TypeError);
});

test('settings may come from the environment', async () => {
  assert.throws(() => new Keyledger(), /KEYLEDGER_URL/);
  process.env.KEYLEDGER_URL = 'http://environment.test';
  assert.throws(() => new Keyledger(), /KEYLEDGER_KEY/);
  process.env.KEYLEDGER_KEY = CREDENTIAL;
  process.env.KEYLEDGER_WORKSPACE = 'acme';
  try {
    const service = new Service();
    service.answers = () => answer(KEY);
    const keyledger = new Keyledger({ fetch: service.fetch });
    await keyledger.keys.get(KEY_ID);
    assert.equal(String(keyledger), 'Keyledger[http://environment.test]');
    assert.equal(service.request.headers.get('Authorization'), `Bearer ${CREDENTIAL}`);
    assert.equal(service.request.headers.get('Keyledger-Workspace'), 'acme');
  } finally {
    delete process.env.KEYLEDGER_URL;
    delete process.env.KEYLEDGER_KEY;
    delete process.env.KEYLEDGER_WORKSPACE;
  }
});
