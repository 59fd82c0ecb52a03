/** Keyledger's own permissions, which make a key that of an operator. */
import {covers} from './patterns.js';

/** What each allows. @type {[string, string][]} */
export const OWN_PERMISSIONS = [
  ['keyledger:keys:issue', 'issue keys'],
  ['keyledger:keys:import', 'import keys'],
  ['keyledger:keys:renew', 'renew keys'],
  ['keyledger:keys:rotate', 'rotate keys, and close overlaps'],
  ['keyledger:keys:suspend', 'suspend and resume keys'],
  ['keyledger:keys:revoke', 'revoke keys'],
  ['keyledger:keys:change', 'change permissions, addresses, names, metadata and owners'],
  ['keyledger:keys:read', 'see keys'],
  ['keyledger:audit:read', 'see the audit, nodes and proofs'],
  ['keyledger:verify', 'check keys'],
  ['keyledger:webhooks', 'set up webhooks, and thereby receive all that happens'],
  ['keyledger:erase', 'erase reasons and addresses from the audit'],
  ['keyledger:feed:read', 'follow what happens to keys'],
  ['keyledger:metrics:read', 'read metrics'],
];

/** What the list of keys is asked for to find operators: permissions are compared literally. */
export const OPERATOR_PERMISSIONS = [
  ...OWN_PERMISSIONS.map(([permission]) => permission),
  'keyledger:keys:*', 'keyledger:grant:*', 'keyledger:*',
];

export const GRANT = 'keyledger:grant:';

/** Operators that many need: the name, what for, and the permissions. @type {[string, string, string[]][]} */
export const USUAL_OPERATORS = [
  ['Gateway or service', 'checks the keys that it is shown', ['keyledger:verify']],
  ['Auditor', 'sees everything, changes nothing', ['keyledger:keys:read', 'keyledger:audit:read']],
  ['First aid', 'revokes and suspends in an emergency', ['keyledger:keys:read', 'keyledger:keys:revoke', 'keyledger:keys:suspend']],
  ['Key desk', 'issues and looks after keys', ['keyledger:keys:*', 'keyledger:audit:read', 'keyledger:grant:*']],
  ['Monitoring', 'reads metrics', ['keyledger:metrics:read']],
];

/** Returns whether a permission makes its key that of an operator. @param {string} permission */
export function isOwn(permission) {
  return permission.startsWith('keyledger:') && !permission.startsWith('keyledger:self:');
}

/**
 * Returns by which of the permissions that are held something of Keyledger's own is allowed; undefined
 * if it is not.
 *
 * @param {string[]} held
 * @param {string} permission
 */
export function allowedBy(held, permission) {
  return held.find((one) => one === permission) ?? held.find((one) => isOwn(one) && covers(one, permission));
}

/**
 * Returns by which of the permissions that are held an operator may put a permission on a key; undefined
 * if it may not.
 *
 * @param {string[]} held
 * @param {string} permission may be a pattern
 */
export function grantedBy(held, permission) {
  if (held.includes('keyledger:*')) {
    return 'keyledger:*';
  }
  const wildless = permission.replaceAll('*', 'any');
  return isOwn(permission) || permission.startsWith('keyledger:self:')
      ? allowedBy(held, permission) ?? allowedBy(held, wildless)
      : held.find((one) => one.startsWith(GRANT) && covers(one.slice(GRANT.length), wildless));
}

/** Returns what an operator may put on keys, by grants. @param {string[]} held */
export function grantsOf(held) {
  return held.includes('keyledger:*') ? ['*'] : held.filter((one) => one.startsWith(GRANT)).map((one) => one.slice(GRANT.length));
}
