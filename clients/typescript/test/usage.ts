// Compiles: what users write has types, in each framework.
import { Keyledger, KeyledgerError, type Decision, type IssuedKey, type Key } from '@keyledger/client';
import * as forExpress from '@keyledger/client/express';
import * as forFastify from '@keyledger/client/fastify';
import * as forFetch from '@keyledger/client/fetch';
import * as forHono from '@keyledger/client/hono';
import express, { type Request as ExpressRequest } from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';

const keyledger = new Keyledger({ url: 'http://127.0.0.1:8080', key: 'k', localDecisions: { entriesMax: 1 } });

export async function calls(): Promise<void> {
  const issued: IssuedKey = await keyledger.keys.issue({
    name: 'Nightly report',
    owner: { type: 'service', id: 'reports' },
    permissions: ['read:users'],
    lifetime: 'P60D',
  });
  const secret: string | undefined = issued.secret?.reveal();
  const decision: Decision = await keyledger.checks.verify({ key: secret ?? '', anyOf: ['read:users'] });
  for await (const key of keyledger.keys.all({ status: ['active'] })) {
    const { keyId }: Key = key;
    await keyledger.with({ reason: 'x' }).keys.revoke(keyId, { revocationReason: 'policy' });
  }
  try {
    await keyledger.keys.get(decision.keyId ?? '');
  } catch (error) {
    if (error instanceof KeyledgerError && error.kind === 'conflict' && error.code === 'key-revoked') {
      return;
    }
  }
  // @ts-expect-error -- no such reason
  await keyledger.keys.revoke(issued.keyId, { revocationReason: 'whim' });
  // @ts-expect-error -- the owner is missing
  await keyledger.keys.issue({ name: 'x', permissions: [] });
}

const app = express();
app.use(forExpress.requireApiKey({ ip: (request: ExpressRequest) => request.get('X-Real-IP') }));
app.get('/users', forExpress.requireApiKey({ anyOf: ['read:users'] }), (request, response) => {
  response.json({ owner: request.apiKey?.owner });
});

const server = fastify();
server.get<{ Params: { id: string } }>(
  '/users/:id',
  { onRequest: forFastify.requireApiKey({ anyOf: ['read:users'] }) },
  async (request) => ({ owner: request.apiKey?.owner, id: request.params.id }),
);

export const hono = new Hono().get('/users/:id', forHono.requireApiKey({ anyOf: ['read:users'] }), (c) =>
  c.json({ owner: c.get('apiKey').owner, id: c.req.param('id') }),
);

const guarded = forFetch.requireApiKey({ keyledger, anyOf: ['read:users'] });

// Next, Remix, workers
export const GET = guarded((apiKey, request: Request, context: { params: Promise<{ id: string }> }) =>
  Response.json({ owner: apiKey.owner, url: request.url, context }),
);
export const loader = guarded(async (apiKey, { params }: { request: Request; params: { id?: string } }) => ({
  owner: apiKey.owner,
  id: params.id,
}));
export default { fetch: guarded((apiKey, request: Request, env: { NAME: string }) => new Response(apiKey.keyId + env.NAME)) };
