// The client against a node: KEYLEDGER_URL and KEYLEDGER_KEY, the root key.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { serve } from '@hono/node-server';
import { Keyledger, KeyledgerError } from '@keyledger/client';
import * as forExpress from '@keyledger/client/express';
import * as forFastify from '@keyledger/client/fastify';
import * as forFetch from '@keyledger/client/fetch';
import * as forHono from '@keyledger/client/hono';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';

const OWNER = { type: 'service', id: 'billing' };
const url = process.env.KEYLEDGER_URL;
const workspace = `ts-${crypto.randomUUID().slice(0, 8)}`;
const root = new Keyledger({ workspace });
const closing = [];
let operator;

before(async () => {
  await root.workspaces.open(workspace, { holderMay: ['renew', 'rotate'] });
  const { secret } = await root.keys.issue({ name: 'Operator', owner: OWNER, permissions: ['keyledger:*'] });
  operator = new Keyledger({ url, key: secret, workspace });
});
after(() => Promise.all(closing.map((close) => close())));

async function collected(entries) {
  const all = [];
  for await (const entry of entries) {
    all.push(entry);
  }
  return all;
}

function isKind(kind) {
  return (error) => error instanceof KeyledgerError && error.kind === kind;
}

test('the life of a key', async () => {
  const { keys } = operator;
  const { keyId, secret, createdAt } = await keys.issue({
    name: 'Nightly export', owner: OWNER, permissions: ['read:invoices'], lifetime: 'P30D', metadata: { team: 'payments' }, ipAllowList: ['203.0.113.0/24'],
  });
  assert.match(secret.reveal(), /^kl_live_/);
  assert.equal((await keys.get(keyId)).metadata.team, 'payments');
  assert.equal((await keys.renew(keyId, { lifetime: 'P60D' })).version, 2);
  assert.equal((await keys.renewAll([keyId], { lifetime: 'P90D' }))[0].problem, undefined);
  assert.equal((await keys.rotate(keyId, { overlap: 'PT1H' })).generation, 2);
  assert.equal((await keys.retireSecret(keyId)).secrets.length, 1);
  assert.equal((await keys.suspend(keyId)).status, 'suspended');
  assert.equal((await keys.resume(keyId)).status, 'active');
  const effectiveAt = new Date(Date.now() + 86_400_000).toISOString();
  assert.equal((await keys.suspend(keyId, { effectiveAt })).planned.command, 'suspend');
  assert.equal((await keys.cancelPlan(keyId)).planned, undefined);
  assert.deepEqual((await keys.changePermissions(keyId, ['read:*'])).permissions, ['read:*']);
  assert.deepEqual((await keys.restrict(keyId, [])).ipAllowList, []);
  assert.equal((await keys.rename(keyId, 'Export')).name, 'Export');
  assert.deepEqual((await keys.describe(keyId, {})).metadata, {});
  assert.equal((await keys.transfer(keyId, { type: 'user', id: '42' })).owner.id, '42');
  assert.deepEqual((await keys.getAt(keyId, { time: createdAt })).permissions, ['read:invoices']);

  const { version } = await keys.get(keyId);
  const waiting = operator.with({ reason: 'It leaked', waitUntilAppliedMillis: 5000, ifVersion: version });
  const revoked = await waiting.keys.revoke(keyId, { revocationReason: 'leaked' });
  assert.equal(revoked.status, 'revoked');
  assert.equal(revoked.notAppliedBy, undefined);
  const history = await collected(keys.history(keyId));
  assert.equal(history.at(0).type, 'KeyIssued');
  assert.equal(history.at(-1).reason, 'It leaked');
  assert.equal((await keys.getAt(keyId, { position: history[0].position })).generation, 1);
  await assert.rejects(keys.suspend(keyId), (error) => isKind('conflict')(error) && error.code === 'key-revoked');
  await assert.rejects(waiting.keys.revoke(keyId), (error) => error.code === 'version-mismatch');
});

test('many keys', async () => {
  const { keys } = operator;
  const owner = { type: 'app', id: 'many' };
  const first = await keys.issue({ name: 'First', owner, permissions: ['read:a'] });
  await keys.issue({ name: 'Second', owner, permissions: ['read:*'], environment: 'test' });
  const imported = await keys.import([
    { name: 'Third', owner: { type: 'user', id: '7' }, permissions: [], secretSha256: 'ab'.repeat(32) },
    { name: ' ', owner: { type: 'user', id: '7' }, permissions: [], secretSha256: 'cd'.repeat(32) },
  ]);
  assert.match(imported[0].keyId, /^key_/);
  assert.equal(imported[1].problem.code, 'invalid-field');
  assert.deepEqual((await collected(keys.all({ owner: ['app:many'], limit: 1 }))).map(({ name }) => name), ['Second', 'First']);
  assert.deepEqual((await keys.list({ environment: 'test' })).data.map(({ name }) => name), ['Second']);
  assert.ok((await collected(keys.expiring('P91D'))).some(({ name }) => name === 'First'));
  assert.deepEqual((await collected(keys.holders('read:a'))).filter(({ owner: { id } }) => id === 'many').map(({ pattern }) => pattern), ['read:*', 'read:a']);
  await keys.reportLeaks([first.secret, 'nobody\'s']);
  assert.equal((await keys.get(first.keyId)).revocationReason, 'leaked');
  assert.equal((await keys.revokeAllOf(owner, { revocationReason: 'owner-left' })).revoked.length, 1);
});

test('checks', async () => {
  const { secret, keyId, createdAt } = await operator.keys.issue({ name: 'Key', owner: OWNER, permissions: ['read:*'] });
  const { checks } = operator;
  assert.ok(await checks.permits(secret, 'read:users'));
  assert.ok(!(await checks.permits(secret, 'write:users')));
  const explained = await checks.verify({ key: secret, anyOf: ['a:b'], ip: '203.0.113.7:80', explain: true });
  assert.equal(explained.code, 'INSUFFICIENT_PERMISSIONS');
  assert.equal(explained.conditions.length, 9);
  const results = await checks.verifyAll([{ key: secret }, { key: 'x' }, { key: 'x', maxAge: 'PT1H' }]);
  assert.equal(results[0].keyId, keyId);
  assert.equal(results[1].code, 'NOT_FOUND');
  assert.equal(results[2].problem.code, 'invalid-field');
  assert.ok((await checks.verifyAt({ key: secret }, { position: explained.decidedBy.position })).valid);
  const before = new Date(Date.parse(createdAt) - 1000).toISOString();
  assert.equal((await checks.verifyAt({ key: secret }, { time: before })).code, 'NOT_FOUND');
});

test('the client reads its own writes', async () => {
  const { secret, keyId } = await operator.keys.issue({ name: 'Own', owner: { type: 'app', id: 'own' }, permissions: [] });
  const suspended = async () => (await operator.keys.list({ owner: ['app:own'], status: ['suspended'] })).data.length;
  for (let i = 0; i < 10; i++) {
    await operator.keys.suspend(keyId);
    assert.equal((await operator.checks.verify({ key: secret })).code, 'SUSPENDED');
    assert.equal(await suspended(), 1);
    await operator.keys.resume(keyId);
    assert.equal(await suspended(), 0);
  }
});

test('the holder, workspaces, the audit and the log', async () => {
  const { secret, keyId } = await operator.with({ reason: 'Somebody asked' }).keys.issue({ name: 'Key', owner: OWNER, permissions: [], lifetime: 'P1D' });
  const { self } = new Keyledger({ url, key: secret, workspace });
  assert.deepEqual((await self.read()).holderMay, ['renew', 'rotate']);
  assert.equal((await self.renew({ lifetime: 'P2D' })).version, 2);
  const rotated = await self.rotate({ overlap: 'PT1H' });
  const own = new Keyledger({ url, key: rotated.secret, workspace }).self;
  assert.equal((await own.revoke({ revocationReason: 'superseded' })).status, 'revoked');
  await assert.rejects(self.read(), isKind('unauthorized'));
  assert.equal((await root.self.read()).actor.type, 'root');

  assert.equal((await root.workspaces.changePolicy(workspace, { maxKeys: 700 })).policy.maxKeys, 700);
  assert.deepEqual((await root.workspaces.get(workspace)).policy.holderMay, ['renew', 'rotate']);
  assert.ok((await collected(root.workspaces.list())).some((each) => each.workspace === workspace));
  await assert.rejects(operator.workspaces.get(workspace), isKind('forbidden'));

  const [issued] = await collected(operator.audit.all({ keyId, type: ['KeyIssued'], limit: 1 }));
  assert.equal(issued.reason, 'Somebody asked');
  assert.equal((await operator.audit.eraseContextsOn(keyId)).more, false);
  assert.equal((await operator.audit.list({ keyId, order: 'asc' })).data[0].reason, undefined);
  const lines = await collected(operator.audit.export({ after: issued.position - 1 }));
  assert.equal(lines[0].subject, keyId);
  assert.equal(lines.at(-1).data.count, lines.length - 1);
  assert.ok((await operator.log.applied(operator.position)).appliedEverywhere);
  assert.ok((await operator.log.nodes()).length > 0);
  assert.match(await operator.log.checkpoint(), /\n\n/);
});

test('what happens elsewhere is heard, and seen by local decisions', async () => {
  const { secret: own } = await root.keys.issue({ name: 'Application', owner: OWNER, permissions: ['keyledger:verify', 'keyledger:feed:read'] });
  const application = new Keyledger({ url, key: own, workspace, localDecisions: { entriesMax: 100 } });
  closing.push(() => application.close());
  const { secret, keyId } = await root.keys.issue({ name: 'Key', owner: OWNER, permissions: ['read:*'] });
  const decided = async (code, more = {}) => {
    for (;;) {
      const decision = await application.checks.verify({ key: secret, anyOf: ['read:users'], ...more });
      if (decision.source === 'local' && decision.code === code) {
        return;
      }
      await new Promise((done) => setTimeout(done, 2));
    }
  };
  await decided('VALID');
  await decided('INSUFFICIENT_PERMISSIONS', { anyOf: ['write:users'] });
  await root.keys.suspend(keyId);
  await decided('SUSPENDED');
  await root.keys.resume(keyId);
  await decided('VALID');

  const events = application.with({ signal: AbortSignal.timeout(20_000) }).feed.events({ after: root.position, type: ['KeyRevoked'] });
  const heard = events.next();
  await root.keys.revoke(keyId, { revocationReason: 'compromised' });
  await decided('REVOKED');
  const { value } = await heard;
  assert.deepEqual([value.type, value.keyId], ['KeyRevoked', keyId]);
  await events.return();
});

test('a command whose answer is lost is done once', async () => {
  let sent = 0;
  const lossy = async (target, init) => {
    const response = await fetch(target, init);
    if (++sent === 1) {
      await response.text();
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
    }
    return response;
  };
  const remote = new Keyledger({ workspace, fetch: lossy });
  const { secret } = await remote.keys.issue({ name: 'Once', owner: { type: 'app', id: 'once' }, permissions: ['read:users'] });
  assert.equal(sent, 2);
  assert.ok(await remote.checks.permits(secret, 'read:users'));
  assert.equal((await remote.keys.list({ owner: ['app:once'] })).data.length, 1);
});

/** Each starts a server with the routes /users and /down, and returns its port and what ends it. */
const FRAMEWORKS = {
  async Express(users, down) {
    const app = express();
    const route = (request, response) => response.json({ owner: request.apiKey.owner.id });
    app.get('/users', forExpress.requireApiKey(users), route);
    app.get('/down', forExpress.requireApiKey(down), route);
    return listening(app.listen(0, '127.0.0.1'));
  },
  async Fastify(users, down) {
    const app = fastify({ forceCloseConnections: true });
    const route = async (request) => ({ owner: request.apiKey.owner.id });
    app.get('/users', { onRequest: forFastify.requireApiKey(users) }, route);
    app.get('/down', { onRequest: forFastify.requireApiKey(down) }, route);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return listening(app.server);
  },
  async Hono(users, down) {
    const app = new Hono();
    const route = (c) => c.json({ owner: c.get('apiKey').owner.id });
    app.get('/users', forHono.requireApiKey(users), route);
    app.get('/down', forHono.requireApiKey(down), route);
    return listening(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }));
  },
  async fetch(users, down) {
    const route = (apiKey) => Response.json({ owner: apiKey.owner.id });
    const routes = { '/users': forFetch.requireApiKey(users)(route), '/down': forFetch.requireApiKey(down)(route) };
    const server = createServer(async (request, response) => {
      const answer = await routes[request.url](new Request(`http://127.0.0.1${request.url}`, { headers: request.headers }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    });
    return listening(server.listen(0, '127.0.0.1'));
  },
};

async function listening(server) {
  if (!server.listening) {
    await new Promise((done) => server.once('listening', done));
  }
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address().port;
}

for (const [name, start] of Object.entries(FRAMEWORKS)) {
  test(`middleware of ${name}`, async () => {
    const gone = new Keyledger({ url: 'http://127.0.0.1:1', key: 'x' });
    const port = await start({ keyledger: operator, anyOf: ['read:users'] }, { keyledger: gone });
    const owner = { type: 'app', id: name.toLowerCase() };
    const good = await operator.keys.issue({ name, owner, permissions: ['read:*'] });
    const poor = await operator.keys.issue({ name, owner, permissions: ['write:users'] });
    const get = (path, headers) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const bearer = ({ secret }) => ({ Authorization: `Bearer ${secret.reveal()}` });
    const refused = async (response, status, challenge) => {
      assert.equal(response.status, status);
      assert.match(response.headers.get('Content-Type'), /^application\/problem\+json\b/); // Fastify adds the charset
      assert.equal(response.headers.get('WWW-Authenticate'), challenge);
      assert.equal((await response.json()).status, status);
    };

    const passed = await get('/users', bearer(good));
    assert.equal(passed.status, 200);
    assert.deepEqual(await passed.json(), { owner: owner.id });
    assert.equal((await get('/users', { 'X-API-Key': good.secret.reveal() })).status, 200);
    await refused(await get('/users', {}), 401, 'Bearer');
    await refused(await get('/users', { 'X-API-Key': 'nobody' }), 401, 'Bearer');
    await refused(await get('/users', bearer(poor)), 403, 'Bearer error="insufficient_scope", scope="read:users"');
    await operator.keys.revoke(good.keyId);
    await refused(await get('/users', bearer(good)), 401, 'Bearer');
    await refused(await get('/down', bearer(good)), 503, null);
  });
}

test('the page is right', async () => {
  const page = readFileSync(new URL('../../../docs/clients/typescript.md', import.meta.url), 'utf8');
  const [guard, check, issue] = [...page.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);
  const code = `const { app, presentedKey, refuse, log, handOver } = globalThis.page;\n${guard}${check}${issue}`;
  const made = new URL('page.made.mjs', import.meta.url);
  writeFileSync(made, code.replaceAll('http://127.0.0.1:8080', url));
  const { secret } = await root.keys.issue({ name: 'Page', owner: OWNER, permissions: ['keyledger:*', 'keyledger:grant:*'] });
  process.env.KEYLEDGER_KEY = secret.reveal();
  process.env.KEYLEDGER_WORKSPACE = workspace;
  const { secret: client } = await operator.keys.issue({ name: 'Client', owner: OWNER, permissions: ['read:users'] });
  const done = [];
  globalThis.page = {
    app: express(),
    presentedKey: client.reveal(),
    refuse: () => done.push('refused'),
    log: (code) => done.push(code),
    handOver: (keyId, text) => done.push(text.slice(0, 8)),
  };
  await import(made.href);
  assert.deepEqual(done, ['kl_live_']);
  const port = await listening(globalThis.page.app.listen(0, '127.0.0.1'));
  const response = await fetch(`http://127.0.0.1:${port}/users`, { headers: { Authorization: `Bearer ${client.reveal()}` } });
  assert.deepEqual(await response.json(), { hello: OWNER.id });
  assert.equal((await fetch(`http://127.0.0.1:${port}/users`)).status, 401);
});
