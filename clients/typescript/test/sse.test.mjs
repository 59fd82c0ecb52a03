import assert from 'node:assert/strict';
import test from 'node:test';
import { SseParser } from '../dist/esm/sse.js';

const TEXT = ': comment\r\nid: a\r\nevent: KeyRevoked\r\ndata:{"x":1}\r\rdata: one\ndata:  two\nretry: 5\n\nevent: none\n\nid: b\ndata\n\ndata: unfinished';
const MESSAGES = [
  { id: 'a', event: 'KeyRevoked', data: '{"x":1}' },
  { event: '', data: 'one\n two' },
  { id: 'b', event: '', data: '' },
];

test('messages are read from any pieces', () => {
  for (let size = 1; size <= TEXT.length; size++) {
    const parser = new SseParser();
    const messages = [];
    for (let i = 0; i < TEXT.length; i += size) {
      messages.push(...parser.read(TEXT.slice(i, i + size)));
    }
    assert.deepEqual(messages, MESSAGES, `pieces of ${size}`);
  }
});
