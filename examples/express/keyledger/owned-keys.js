// A key for each app, service and user. Keyledger issues and revokes them.
import { requireApiKey } from '@keyledger/client/express';
import express from 'express';

export const app = express();

app.get('/users', requireApiKey(), (req, res) => {
  const { type, id } = req.apiKey.owner;
  res.json({ caller: `${type}:${id}`, users: ['ada', 'grace'] });
});
