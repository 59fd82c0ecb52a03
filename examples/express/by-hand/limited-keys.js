// Keys with permissions, in the table limited_keys. Each action requires its own. The holder of ADMIN_KEY issues and revokes
// keys.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import pg from 'pg';

const PERMISSIONS = ['read:users', 'write:users'];

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

function requireApiKey(permission) {
  return async (req, res, next) => {
    const { rows } = await database.query(
      'SELECT permissions FROM limited_keys WHERE digest = $1 AND revoked_at IS NULL',
      [digest(presentedKey(req))],
    );
    if (rows.length === 0) {
      unauthorized(res);
      return;
    }
    if (!rows[0].permissions.includes(permission)) {
      res
        .status(403)
        .set('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${permission}"`)
        .json({ title: 'Forbidden', status: 403 });
      return;
    }
    next();
  };
}

function requireAdmin(req, res, next) {
  const key = presentedKey(req);
  if (key === '' || !timingSafeEqual(digest(key), admin)) {
    unauthorized(res);
    return;
  }
  next();
}

const users = new Set(['ada', 'grace']);

export const app = express();

app.get('/users', requireApiKey('read:users'), (req, res) => {
  res.json({ users: [...users] });
});

app.put('/users/:name', requireApiKey('write:users'), (req, res) => {
  users.add(req.params.name);
  res.sendStatus(204);
});

app.post('/keys', requireAdmin, express.json(), async (req, res) => {
  const permissions = req.body?.permissions;
  if (!Array.isArray(permissions) || !permissions.every((each) => PERMISSIONS.includes(each))) {
    res.status(400).json({ title: `permissions must be some of ${PERMISSIONS.join(', ')}`, status: 400 });
    return;
  }
  const key = `ak_${randomBytes(32).toString('base64url')}`;
  const { rows } = await database.query(
    'INSERT INTO limited_keys (digest, permissions) VALUES ($1, $2) RETURNING id',
    [digest(key), permissions],
  );
  res.status(201).json({ id: rows[0].id, key });
});

app.delete('/keys/:id', requireAdmin, async (req, res) => {
  const { rowCount } = await database.query(
    'UPDATE limited_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
    [req.params.id],
  );
  res.sendStatus(rowCount === 0 ? 404 : 204);
});
