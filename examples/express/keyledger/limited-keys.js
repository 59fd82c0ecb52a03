// Keys with permissions, which Keyledger issues. Each action requires its own.
import { requireApiKey } from '@keyledger/client/express';
import express from 'express';

const users = new Set(['ada', 'grace']);

export const app = express();

app.get('/users', requireApiKey({ anyOf: ['read:users'] }), (req, res) => {
  res.json({ users: [...users] });
});

app.put('/users/:name', requireApiKey({ anyOf: ['write:users'] }), (req, res) => {
  users.add(req.params.name);
  res.sendStatus(204);
});
