import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import * as main from '@keyledger/client';
import * as express from '@keyledger/client/express';
import * as fastify from '@keyledger/client/fastify';
import { requireApiKey } from '@keyledger/client/fetch';
import * as hono from '@keyledger/client/hono';
import { answer, KEY_ID, Service, START } from './service.mjs';

const VALID = { valid: true, code: 'VALID', keyId: KEY_ID, name: 'n', workspace: 'default', owner: { type: 'app', id: 'x' }, environment: 'live', permissions: ['read:*'], missingPermissions: [], metadata: {}, renewalDue: false, generation: 1 };

function start(decision = VALID) {
  const service = new Service();
  service.answers = () => answer({ ...decision, position: 42, asOf: START });
  return { service, keyledger: service.client() };
}

function handler(apiKey, request, context) {
  return Response.json({ keyId: apiKey.keyId, context, url: request.url ?? request.request.url });
}

const request = (headers = {}) => new Request('http://api.test/users', { headers });

for (const [headers, key] of [
  [{ Authorization: 'Bearer k1' }, 'k1'],
  [{ Authorization: 'bearer  k1 ' }, 'k1'],
  [{ 'X-API-Key': 'k2' }, 'k2'],
  [{ 'X-API-Key': 'k2', Authorization: 'Bearer k1' }, 'k2'],
  [{ 'X-API-Key': '', Authorization: 'Bearer k1' }, 'k1'],
]) {
  test(`the key is found in ${JSON.stringify(headers)}`, async () => {
    const { service, keyledger } = start();
    const response = await requireApiKey({ keyledger, anyOf: ['read:users'], environment: 'test' })(handler)(request(headers), 7);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { keyId: KEY_ID, context: 7, url: 'http://api.test/users' });
    assert.deepEqual(service.request.body, { key, permissions: { anyOf: ['read:users'], allOf: [] }, environment: 'test' });
  });
}

test('a named header replaces the others', async () => {
  const { service, keyledger } = start();
  const guarded = requireApiKey({ keyledger, header: 'X-My-Key' })(handler);
  assert.equal((await guarded(request({ 'X-API-Key': 'k', Authorization: 'Bearer k' }))).status, 401);
  assert.equal(service.requests.length, 0);
  assert.equal((await guarded({ request: request({ 'x-my-key': 'k' }) })).status, 200); // as in Remix
});

for (const headers of [{}, { Authorization: 'Basic azE6' }, { Authorization: 'Bearer' }, { Authorization: 'Bearer a b' }, { 'X-API-Key': '' }]) {
  test(`there is no key in ${JSON.stringify(headers)}`, async () => {
    const { service, keyledger } = start();
    const response = await requireApiKey({ keyledger })(handler)(request(headers));
    assert.equal(response.status, 401);
    assert.equal(service.requests.length, 0);
  });
}

test('every refusal of a key is the same 401', async () => {
  const texts = new Set();
  for (const code of ['NOT_FOUND', 'REVOKED', 'EXPIRED', 'WRONG_ENVIRONMENT', 'IP_NOT_ALLOWED']) {
    const { keyledger } = start({ ...VALID, valid: false, code });
    const response = await requireApiKey({ keyledger })(handler)(request({ 'X-API-Key': 'k' }));
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('WWW-Authenticate'), 'Bearer');
    assert.equal(response.headers.get('Content-Type'), 'application/problem+json');
    assert.equal(response.headers.get('Cache-Control'), 'no-store');
    texts.add(await response.text());
  }
  assert.equal(texts.size, 1);
  assert.equal(JSON.parse([...texts][0]).status, 401);
});

test('a key that lacks a permission gets a 403 that names it', async () => {
  const { keyledger } = start({ ...VALID, valid: false, code: 'INSUFFICIENT_PERMISSIONS' });
  const response = await requireApiKey({ keyledger, anyOf: ['a', 'b'], allOf: ['c'] })(handler)(request({ 'X-API-Key': 'k' }));
  assert.equal(response.status, 403);
  assert.equal(response.headers.get('WWW-Authenticate'), 'Bearer error="insufficient_scope", scope="c a b"');
  assert.equal((await response.json()).title, 'Forbidden');
});

test('nobody can decide: a 503, and the reason for the operator', async () => {
  const { service, keyledger } = start();
  const errors = [];
  const guarded = requireApiKey({ keyledger, onError: ({ kind }) => errors.push(kind) })(handler);
  service.isDown = true;
  const response = await guarded(request({ 'X-API-Key': 'k' }));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('Retry-After'), '1');
  service.isDown = false;
  service.answers = () => answer('<html>');
  assert.equal((await guarded(request({ 'X-API-Key': 'k' }))).status, 503);
  assert.deepEqual(errors, ['unavailable', 'unexpected']);
});

test('the address of the client is asked for', async () => {
  const { service, keyledger } = start();
  for (const [given, sent] of [['203.0.113.7:80', '203.0.113.7:80'], ['unknown', undefined], [undefined, undefined]]) {
    await requireApiKey({ keyledger, ip: () => given })(handler)(request({ 'X-API-Key': 'k' }));
    assert.equal(service.requests.at(-1).body.ip, sent);
  }
});

test('a mistake in a guard is told at once', async () => {
  const { keyledger } = start();
  assert.throws(() => requireApiKey({ keyledger, anyOf: ['read:*'] }), TypeError);
  assert.throws(() => express.requireApiKey({ anyOf: ['read:users'] }), /KEYLEDGER_URL/);
  const guarded = requireApiKey({ anyOf: ['read:users'] })(handler); // as in a build of Next
  await assert.rejects(guarded(request()), /KEYLEDGER_URL/);
});

test('Express gets errors that are nobody\'s refusal', async () => {
  const { keyledger } = start();
  const broken = () => {
    throw new RangeError('mine');
  };
  for (const options of [{ keyledger, ip: broken }, { keyledger: { checks: { verify: broken } } }]) {
    let passed;
    await express.requireApiKey(options)({ headers: { 'x-api-key': 'k' } }, {}, (error) => (passed = error));
    assert.ok(passed instanceof RangeError);
  }
});

test('CommonJS has the same as ES modules', () => {
  const require = createRequire(import.meta.url);
  for (const [name, module] of Object.entries({ '': main, '/express': express, '/fastify': fastify, '/hono': hono, '/fetch': { requireApiKey, Keyledger: main.Keyledger } })) {
    const common = require(`@keyledger/client${name}`);
    assert.deepEqual(Object.keys(common).sort(), Object.keys(module).sort(), name);
    assert.notEqual(common.Keyledger, module.Keyledger);
    assert.equal(String(new common.Keyledger({ url: 'http://x', key: 'k' })), 'Keyledger[http://x]');
  }
});
