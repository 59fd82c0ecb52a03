// One key that all clients share. It is changed at Keyledger, one client after the other.
import { requireApiKey } from '@keyledger/client/express';
import express from 'express';

export const app = express();

app.get('/users', requireApiKey(), (req, res) => {
  res.json({ users: ['ada', 'grace'] });
});
