// One key that all clients share: the variable API_KEY. To change it, restart this with all of its clients.
import { createHash, timingSafeEqual } from 'node:crypto';
import express from 'express';

// Digests have one length, which the comparison in constant time needs.
const digest = (text) => createHash('sha256').update(text).digest();
const expected = digest(process.env.API_KEY);

function requireApiKey(req, res, next) {
  const key = req.get('X-API-Key') ?? /^Bearer (\S+)$/i.exec(req.get('Authorization') ?? '')?.[1] ?? '';
  if (key === '' || !timingSafeEqual(digest(key), expected)) {
    res.status(401).set('WWW-Authenticate', 'Bearer').json({ title: 'Unauthorized', status: 401 });
    return;
  }
  next();
}

export const app = express();

app.get('/users', requireApiKey, (req, res) => {
  res.json({ users: ['ada', 'grace'] });
});
