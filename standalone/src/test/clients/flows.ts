// The same life of a key with each of the generated clients. Arguments: the node's address and the root key.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import * as heyApi from './hey-api';
import { client as heyApiClient } from './hey-api/client.gen';
import type { paths } from './openapi-fetch';
import * as tsFetch from './typescript-fetch';

const [baseUrl, credential] = process.argv.slice(2);

// A list may be a moment behind the command before it.
async function first<T>(wanted: (one: T) => boolean, read: () => Promise<T[]>): Promise<T> {
  for (;;) {
    const [one] = await read();
    if (one !== undefined && wanted(one)) {
      return one;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

function listedFirst<T extends { type: string }>(type: string, read: () => Promise<T[]>): Promise<T> {
  return first((one) => one.type === type, read);
}

function listedKey<T extends { keyId: string }>(keyId: string, read: () => Promise<T[]>): Promise<T> {
  return first((one) => one.keyId === keyId, read);
}

async function typescriptFetch(): Promise<void> {
  const configuration = new tsFetch.Configuration({ basePath: baseUrl, accessToken: credential });
  const keys = new tsFetch.KeysApi(configuration);
  const queries = new tsFetch.QueriesApi(configuration);
  const verification = new tsFetch.VerificationApi(configuration);
  const oauth = new tsFetch.OAuthApi(configuration);

  const issued = await keys.issueKey({
    issueKey: {
      name: 'typescript-fetch',
      owner: { type: 'app', id: 'typescript-fetch' },
      permissions: ['read:users'],
      lifetime: 'P30D',
    },
  });
  const keyId = issued.keyId;
  const check = (key: string) => verification.verify({ check: { key, permissions: { anyOf: ['read:users'] } } });
  const first = await check(issued.secret!);
  assert.equal(first.code, 'VALID');
  const renewed = await keys.renewKey({ keyId, renewKey: { lifetime: 'P60D' } });
  assert.ok(renewed.expiresAt! > issued.expiresAt!);
  const rotated = await keys.rotateKey({ keyId });
  assert.equal((await check(rotated.secret!)).generation, 2);
  const described = await keys.describeKey({ keyId, describeKey: { metadata: { team: 'data' } } });
  assert.equal(described.name, 'typescript-fetch');
  await listedKey(keyId, async () => (await queries.listKeys({ q: keyId, limit: 1 })).data);
  assert.equal((await oauth.introspect({ token: rotated.secret! })).clientId, keyId);
  const revoked = await keys.revokeKey({ keyId, revokeKey: { revocationReason: 'compromised' } });
  assert.equal(revoked.status, 'revoked');
  assert.equal((await oauth.introspect({ token: rotated.secret! })).active, false);
  assert.equal((await check(rotated.secret!)).code, 'REVOKED');
  assert.equal((await check('unknown')).keyId, undefined);
  const last = await listedFirst('KeyRevoked', async () => (await queries.listAuditEntries({ keyId })).data);
  assert.equal(last.data.revocationReason, 'compromised');
  assert.ok(last.position > first.position);
  const then = await queries.readKeyAt({ keyId, time: issued.createdAt });
  assert.equal(then.version, 1);
  await assert.rejects(
    queries.readKey({ keyId: keyId.replace('key_', 'key_0').slice(0, -1) }),
    (error) => error instanceof tsFetch.ResponseError && error.response.status === 404,
  );
}

async function openapiFetch(): Promise<void> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${credential}` } });

  const { data: issued } = await client.POST('/v1/keys', {
    body: {
      name: 'openapi-fetch',
      owner: { type: 'app', id: 'openapi-fetch' },
      permissions: ['read:users'],
      lifetime: 'P30D',
    },
  });
  assert.ok(issued?.secret);
  const path = { keyId: issued.keyId };
  const check = async (key: string) =>
    (await client.POST('/v1/verify', { body: { key, permissions: { anyOf: ['read:users'] } } })).data!;
  const first = await check(issued.secret);
  assert.equal(first.code, 'VALID');
  const { data: renewed } = await client.POST('/v1/keys/{keyId}/renew', { params: { path }, body: { lifetime: 'P60D' } });
  assert.ok(renewed!.expiresAt! > issued.expiresAt!);
  const { data: rotated } = await client.POST('/v1/keys/{keyId}/rotate', { params: { path } });
  assert.equal((await check(rotated!.secret!)).generation, 2);
  const list = { params: { query: { q: issued.keyId, limit: 1 } } };
  await listedKey(issued.keyId, async () => (await client.GET('/v1/keys', list)).data!.data);
  const introspect = async () =>
    (await client.POST('/oauth2/introspect', {
      body: { token: rotated!.secret! },
      bodySerializer: (form) => new URLSearchParams({ token: form.token }),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })).data!;
  assert.equal((await introspect()).client_id, issued.keyId);
  const { data: revoked } = await client.POST('/v1/keys/{keyId}/revoke', {
    params: { path },
    body: { revocationReason: 'compromised' },
  });
  assert.equal(revoked!.status, 'revoked');
  assert.equal((await introspect()).active, false);
  assert.equal((await check(rotated!.secret!)).code, 'REVOKED');
  const audit = async () => (await client.GET('/v1/audit', { params: { query: { keyId: issued.keyId } } })).data!.data;
  const last = await listedFirst('KeyRevoked', audit);
  assert.equal(last.data.revocationReason, 'compromised');
  assert.ok(last.position > first.position);
  const { error } = await client.POST('/v1/keys/{keyId}/suspend', { params: { path } });
  assert.equal(error!.code, 'key-revoked');
}

async function heyApiFetch(): Promise<void> {
  heyApiClient.setConfig({ baseUrl, auth: () => credential });

  const { data: issued } = await heyApi.issueKey({
    body: {
      name: 'hey-api',
      owner: { type: 'app', id: 'hey-api' },
      permissions: ['read:users'],
      lifetime: 'P30D',
    },
  });
  assert.ok(issued?.secret);
  const path = { keyId: issued.keyId };
  const check = async (key: string) =>
    (await heyApi.verify({ body: { key, permissions: { anyOf: ['read:users'] } } })).data!;
  const first = await check(issued.secret);
  assert.equal(first.code, 'VALID');
  const { data: renewed } = await heyApi.renewKey({ path, body: { lifetime: 'P60D' } });
  assert.ok(renewed!.expiresAt! > issued.expiresAt!);
  const { data: rotated } = await heyApi.rotateKey({ path });
  assert.equal((await check(rotated!.secret!)).generation, 2);
  const list = { query: { q: issued.keyId, limit: 1 } };
  await listedKey(issued.keyId, async () => (await heyApi.listKeys(list)).data!.data);
  const introspect = async () => (await heyApi.introspect({ body: { token: rotated!.secret! } })).data!;
  assert.equal((await introspect()).client_id, issued.keyId);
  const { data: revoked } = await heyApi.revokeKey({ path, body: { revocationReason: 'compromised' } });
  assert.equal(revoked!.status, 'revoked');
  assert.equal((await introspect()).active, false);
  assert.equal((await check(rotated!.secret!)).code, 'REVOKED');
  const audit = async () => (await heyApi.listAuditEntries({ query: { keyId: issued.keyId } })).data!.data;
  const last = await listedFirst('KeyRevoked', audit);
  assert.equal(last.data.revocationReason, 'compromised');
  assert.ok(last.position > first.position);
  const { error } = await heyApi.suspendKey({ path });
  assert.equal(error!.code, 'key-revoked');
}

async function main(): Promise<void> {
  await typescriptFetch();
  await openapiFetch();
  await heyApiFetch();
  console.log('All clients work');
}

main().catch((failure) => {
  console.error(failure);
  process.exitCode = 1;
});
