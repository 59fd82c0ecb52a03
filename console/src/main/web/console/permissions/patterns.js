/**
 * Permissions and the patterns that cover them, as docs/permissions.md defines them. The console only
 * previews with this: Keyledger itself decides.
 */

const SEPARATORS = /[:./]/;
const PERMISSION = /^([!#-)+0-9;-[\]-~-]*|\*)([:./]([!#-)+0-9;-[\]-~-]*|\*))*$/;
const LENGTH_MAX = 280;

/** Returns what is wrong with a permission; empty if nothing is. @param {string} permission */
export function complaintAbout(permission) {
  if (permission === '' || permission.length > LENGTH_MAX) {
    return `A permission has 1 to ${LENGTH_MAX} characters.`;
  }
  if (/[\s,"\\]/.test(permission) || !/^[!-~]+$/.test(permission)) {
    return 'A permission has visible ASCII characters, without spaces, commas, quotes and backslashes.';
  }
  return PERMISSION.test(permission) ? '' : 'A star stands for a whole segment, as in read:*.';
}

/** @param {string} permission */
function segmentsOf(permission) {
  return {names: permission.split(SEPARATORS), separators: [...permission].filter((c) => SEPARATORS.test(c))};
}

/**
 * Returns whether a pattern covers a permission: a star at the end stands for one or more segments,
 * elsewhere for exactly one.
 *
 * @param {string} pattern
 * @param {string} permission without stars
 */
export function covers(pattern, permission) {
  const {names, separators} = segmentsOf(pattern);
  const given = segmentsOf(permission);
  const isReserved = given.names[0].toLowerCase() === 'keyledger';
  if (isReserved && names[0] === '*') {
    return false;
  }
  if (pattern === '*') {
    return true;
  }
  const isOpen = names.length > 1 && names.at(-1) === '*';
  if (isOpen ? given.names.length < names.length : given.names.length !== names.length) {
    return false;
  }
  const fixed = isOpen ? names.length - 1 : names.length;
  for (let i = 0; i < fixed; i++) {
    if (names[i] !== '*' && names[i] !== given.names[i]) {
      return false;
    }
    if (i + 1 < fixed && separators[i] !== given.separators[i]) {
      return false;
    }
  }
  return !isOpen || fixed === 0 || separators[fixed - 1] === given.separators[fixed - 1];
}

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
