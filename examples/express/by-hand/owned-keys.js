// A key for each app, service and user, in the table owned_keys. The holder of ADMIN_KEY issues and revokes them.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import pg from 'pg';

const OWNER = /^(app|service|user):[!-~]{1,255}$/;

const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });
database.on('error', (lost) => console.error('A connection to the database was lost', lost));
// Keys are random and long: a fast hash without salt is enough.
const digest = (text) => createHash('sha256').update(text).digest();
const admin = digest(process.env.ADMIN_KEY);

function presentedKey(req) {
  return req.get('X-API-Key') ?? /^Bearer (\S+)$/i.exec(req.get('Authorization') ?? '')?.[1] ?? '';
}

function unauthorized(res) {
  res.status(401).set('WWW-Authenticate', 'Bearer').json({ title: 'Unauthorized', status: 401 });
}

async function requireApiKey(req, res, next) {
  const { rows } = await database.query('SELECT owner FROM owned_keys WHERE digest = $1 AND revoked_at IS NULL', [
    digest(presentedKey(req)),
  ]);
  if (rows.length === 0) {
    unauthorized(res);
    return;
  }
  req.apiKey = rows[0];
  next();
}

function requireAdmin(req, res, next) {
  const key = presentedKey(req);
  if (key === '' || !timingSafeEqual(digest(key), admin)) {
    unauthorized(res);
    return;
  }
  next();
}

export const app = express();

app.get('/users', requireApiKey, (req, res) => {
  res.json({ caller: req.apiKey.owner, users: ['ada', 'grace'] });
});

app.post('/keys', requireAdmin, express.json(), async (req, res) => {
  const owner = req.body?.owner;
  if (typeof owner !== 'string' || !OWNER.test(owner)) {
    res.status(400).json({ title: 'owner must be app:, service: or user: and an id', status: 400 });
    return;
  }
  const key = `ak_${randomBytes(32).toString('base64url')}`;
  const { rows } = await database.query('INSERT INTO owned_keys (digest, owner) VALUES ($1, $2) RETURNING id', [
    digest(key),
    owner,
  ]);
  res.status(201).json({ id: rows[0].id, key });
});

app.delete('/keys/:id', requireAdmin, async (req, res) => {
  const { rowCount } = await database.query(
    'UPDATE owned_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
    [req.params.id],
  );
  res.sendStatus(rowCount === 0 ? 404 : 204);
});
