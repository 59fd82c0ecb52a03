// The tables are those of the server's own tests: both sides judge a key alike.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { IpAllowList, parseIp, parseIpWithPort } from '../dist/esm/ip.js';
import { covers, isOperators, isPermission, PermissionSet, required } from '../dist/esm/permission.js';

const TABLES = new URL('../../../conditions/src/test/resources/dev/keyledger/conditions/', import.meta.url);

function rows(table) {
  const lines = readFileSync(new URL(table, TABLES), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(',').map((cell) => cell.trim()));
}

test('permissions cover each other as for the server', () => {
  const table = rows('permissions.csv');
  assert.ok(table.length > 80);
  for (const [pattern, other, expected] of table) {
    assert.ok(isPermission(pattern) && isPermission(other), `${pattern} ${other}`);
    assert.equal(covers(pattern, other), expected === 'true', `${pattern} covers ${other}`);
    if (!other.includes('*')) {
      assert.equal(new PermissionSet(['x', pattern]).holds(other), expected === 'true', `${pattern} holds ${other}`);
    }
  }
});

test('lists allow addresses as for the server', () => {
  const table = rows('addresses.csv');
  assert.ok(table.length > 20);
  for (const [range, address, expected] of table) {
    assert.equal(new IpAllowList([range]).allows(parseIp(address)), expected === 'true', `${range} allows ${address}`);
  }
});

test('what is no permission is refused', () => {
  for (const text of ['a', 'a::b', ':a', '/', '*', 'a-b_c+d=e@f!#$%&\'();<>?[]^`{|}~', 'a'.repeat(255)]) {
    assert.ok(isPermission(text), text);
  }
  for (const text of ['', 'a b', 'a,b', 'a"b', 'a\\b', 'a\n', 'a\u007f', 'us\u00e9rs', 'a*', '**', 'read:u*', 'a'.repeat(256)]) {
    assert.ok(!isPermission(text), text);
  }
  assert.ok(isPermission('keyledger:grant:' + 'a'.repeat(264)));
  assert.ok(!isPermission('keyledger:grant:' + 'a'.repeat(265)));
});

test('a check requires up to a hundred literal permissions', () => {
  assert.equal(required(Array(100).fill('read:users')).length, 100);
  assert.deepEqual(required(undefined), []);
  for (const wrong of [Array(101).fill('read:users'), ['read:*'], ['a b'], [7]]) {
    assert.throws(() => required(wrong), TypeError);
  }
});

test('what is missing is listed once, allOf first', () => {
  const held = new PermissionSet(['read:*', 'repo']);
  assert.deepEqual(held.missing(['read:users', 'write:y', 'write:y'], ['drop:a', 'write:y', 'drop:b']), ['write:y', 'drop:a', 'drop:b']);
  assert.deepEqual(held.missing(['repo'], ['drop:a', 'read:b']), []);
  assert.deepEqual(held.missing([], []), []);
});

test('what is not for itself makes an operator', () => {
  for (const [permission, expected] of Object.entries({
    'keyledger:keys:issue': true,
    'keyledger:*': true,
    'keyledger:self:renew': false,
    'keyledger.x:y': false,
    'read:users': false,
  })) {
    assert.equal(isOperators(permission), expected, permission);
  }
});

test('a list without addresses allows any, also an unknown one', () => {
  assert.ok(new IpAllowList([]).allows(undefined));
  assert.ok(!new IpAllowList(['0.0.0.0/0', '::/0']).allows(undefined));
});

test('what is no range is refused', () => {
  for (const text of [
    '', '/', 'localhost', '203.0.113', '203.0.113.', '203.0.113.256', '203.0.113.07', '203.0.113.7 ', '203.0.113.\uff17',
    '203.0.113.7/', '203.0.113.7/33', '203.0.113.7/032', '203.0.113.7/+32', '203.0.113.1/24', '128.0.0.0/0', ':', ':::',
    '1:', ':1', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', '12345::', 'g::', '::/129',
    '::1/127', 'fe80::1%eth0', '[::1]', '1:2:3:4:5:6:7:192.0.2.1', '::192.0.2.1:1', '::192.0.2.01', '192.0.2.1::',
    '::ffff:192.0.2.1/95', '::ffff:0:0/90', '0000:0000:0000:0000:0000:0000:0000:0000:0000:00',
  ]) {
    assert.throws(() => new IpAllowList([text]), TypeError, text);
  }
});

test('an address may have a port', () => {
  for (const [text, address] of [
    ['192.0.2.1:443', '192.0.2.1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ]) {
    assert.deepEqual(parseIpWithPort(text), parseIp(address), text);
  }
  for (const text of ['192.0.2.1:', '192.0.2.1:65536', '192.0.2.1:443:1', '[192.0.2.1]', '[::1', '[::1]:', '[::1]x', 'localhost']) {
    assert.equal(parseIpWithPort(text), undefined, text);
  }
});
