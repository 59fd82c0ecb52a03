/** What an event changed, as before -> after. */
import {policyLabel} from './policies.js';
import {durationWords, fullText} from './time.js';

/** @typedef {{label: string, before: string | undefined, after: string}} Change */

/** @type {Record<string, string>} */
const LABELS = {
  name: 'name', owner: 'owner', environment: 'environment', permissions: 'permissions', added: 'added', removed: 'removed',
  expiresAt: 'expires', renewableUntil: 'renewable until', notBefore: 'valid from', ipAllowList: 'addresses', metadata: 'metadata',
  secret: 'secret', reminders: 'reminders', revocationReason: 'reason', overlapEndsAt: 'old secret ends', generation: 'generation',
  offset: 'before the expiry', effectiveAt: 'takes effect',
};
const ABSENT_WORDS = /** @type {Record<string, string>} */ ({expiresAt: 'never', ipAllowList: 'any', permissions: 'none', metadata: 'none'});
const TIME = /^\d{4}-\d\d-\d\dT.*Z$/;

/**
 * Returns what an event changed, and takes it over into the state.
 *
 * @param {AuditEntry} entry
 * @param {Record<string, any>} state what the events before have set; changed here
 * @returns {Change[]}
 */
export function changesOf(entry, state) {
  const changes = [];
  for (const [name, value] of Object.entries(entry.data)) {
    const after = textOf(name, value);
    const before = name in state ? textOf(name, state[name]) : undefined;
    if (before !== after && after !== '') {
      changes.push({label: LABELS[name] ?? policyLabel(name).toLowerCase(), before, after});
    }
    state[name] = value;
  }
  if (entry.type === 'PermissionsChanged') {
    const {added = [], removed = []} = entry.data;
    state.permissions = [...(state.permissions ?? []).filter((/** @type {string} */ one) => !removed.includes(one)), ...added];
    delete state.added;
    delete state.removed;
  }
  return changes;
}

/** @param {string} name @param {any} value @returns {string} */
function textOf(name, value) {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) {
    return ABSENT_WORDS[name] ?? '';
  }
  if (Array.isArray(value)) {
    return value.map((one) => textOf('', one)).join(', ');
  }
  if (typeof value === 'object') {
    return value.type && value.id ? `${value.type}:${value.id}` : value.hint
        ?? (Object.entries(value).map(([key, one]) => `${key}=${textOf('', one)}`).join(', ') || (ABSENT_WORDS[name] ?? ''));
  }
  if (typeof value === 'string' && TIME.test(value)) {
    return fullText(new Date(value));
  }
  return typeof value === 'string' && /^PT?\d/.test(value) ? durationWords(value) : String(value);
}
