// Keys that expire, in the table expiring_keys. REMINDER_URL gets reminders, each answer says when it is time, and holders
// renew their keys. The holder of ADMIN_KEY issues and revokes them.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import pg from 'pg';

const OWNER = /^(app|service|user):[!-~]{1,255}$/;
const LIFETIME_DAYS = 90;
const LIFETIME_DAYS_MAX = 366;
const REMINDER_DAYS = [30, 7, 1];
const HOUR_MILLIS = 3_600_000;

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
  const { rows } = await database.query(
    `SELECT id, expires_at, expires_at < now() + $2 * interval '1 day' AS renewal_due
     FROM expiring_keys WHERE digest = $1 AND revoked_at IS NULL AND now() < expires_at`,
    [digest(presentedKey(req)), Math.max(...REMINDER_DAYS)],
  );
  if (rows.length === 0) {
    unauthorized(res);
    return;
  }
  req.apiKey = rows[0];
  if (req.apiKey.renewal_due) {
    res.set('Renewal-Due', req.apiKey.expires_at.toISOString());
  }
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
  res.json({ users: ['ada', 'grace'] });
});

app.post('/keys', requireAdmin, express.json(), async (req, res) => {
  const { owner, lifetimeDays = LIFETIME_DAYS } = req.body ?? {};
  if (typeof owner !== 'string' || !OWNER.test(owner)) {
    res.status(400).json({ title: 'owner must be app:, service: or user: and an id', status: 400 });
    return;
  }
  if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > LIFETIME_DAYS_MAX) {
    res.status(400).json({ title: `lifetimeDays must be 1 to ${LIFETIME_DAYS_MAX}`, status: 400 });
    return;
  }
  const key = `ak_${randomBytes(32).toString('base64url')}`;
  const { rows } = await database.query(
    `INSERT INTO expiring_keys (digest, owner, expires_at) VALUES ($1, $2, now() + $3 * interval '1 day')
     RETURNING id, expires_at AS "expiresAt"`,
    [digest(key), owner, lifetimeDays],
  );
  res.status(201).json({ ...rows[0], key });
});

app.post('/renewals', requireApiKey, async (req, res) => {
  const { rows } = await database.query(
    `UPDATE expiring_keys SET expires_at = greatest(expires_at, now() + $2 * interval '1 day'), reminded_days = NULL
     WHERE id = $1 AND revoked_at IS NULL RETURNING expires_at AS "expiresAt"`,
    [req.apiKey.id, LIFETIME_DAYS],
  );
  if (rows.length === 0) {
    unauthorized(res);
    return;
  }
  res.json(rows[0]);
});

app.delete('/keys/:id', requireAdmin, async (req, res) => {
  const { rowCount } = await database.query(
    'UPDATE expiring_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
    [req.params.id],
  );
  res.sendStatus(rowCount === 0 ? 404 : 204);
});

// A reminder is recorded once it has arrived: it may come twice, but is not lost.
async function remind() {
  const { rows } = await database.query(
    `SELECT id, owner, expires_at AS "expiresAt", min(days) AS days FROM expiring_keys, unnest($1::int[]) AS days
     WHERE revoked_at IS NULL AND now() < expires_at AND expires_at < now() + days * interval '1 day'
       AND days < coalesce(reminded_days, days + 1)
     GROUP BY id`,
    [REMINDER_DAYS],
  );
  for (const key of rows) {
    const { ok, status } = await fetch(process.env.REMINDER_URL, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(key),
    });
    if (!ok) {
      throw new Error(`REMINDER_URL answered ${status}`);
    }
    await database.query('UPDATE expiring_keys SET reminded_days = $2 WHERE id = $1', [key.id, key.days]);
  }
}

function remindNow() {
  remind().catch((failed) => console.error('Reminders were not sent', failed));
}

remindNow();
setInterval(remindNow, HOUR_MILLIS);
