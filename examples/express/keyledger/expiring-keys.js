// Keys that expire. Keyledger reminds by webhook and mail, and holders renew there; each answer says when it is time.
import { requireApiKey } from '@keyledger/client/express';
import express from 'express';

export const app = express();

app.use(requireApiKey(), (req, res, next) => {
  if (req.apiKey.renewalDue) {
    res.set('Renewal-Due', req.apiKey.expiresAt);
  }
  next();
});

app.get('/users', (req, res) => {
  res.json({ users: ['ada', 'grace'] });
});
