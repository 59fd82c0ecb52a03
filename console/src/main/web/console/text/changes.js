/** What an event changed, as before -> after. */
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

/** What happened, in words, by the type of the event. @type {Record<string, string>} */
export const EVENT_WORDS = {
  KeyIssued: 'Issued',
  KeyImported: 'Imported',
  KeyRenewed: 'Renewed',
  KeyRotated: 'Rotated',
  SecretRetired: 'Overlap closed',
  RotationCompleted: 'Rotation complete',
  KeySuspended: 'Suspended',
  KeyResumed: 'Resumed',
  KeyRevoked: 'Revoked',
  PermissionsChanged: 'Permissions changed',
  RestrictionsChanged: 'Addresses changed',
  KeyDescribed: 'Described',
  KeyTransferred: 'Transferred',
  LeakReported: 'Leak reported',
  ExpiryApproaching: 'Reminder sent',
  KeyExpired: 'Expired',
  RevocationPlanned: 'Revocation planned',
  SuspensionPlanned: 'Suspension planned',
  PlanCancelled: 'Plan cancelled',
  OverlapStarted: 'Overlap began',
  WorkspaceOpened: 'Workspace opened',
  PolicyChanged: 'Policy changed',
  WorkspaceClosed: 'Workspace closed',
  WebhookCreated: 'Webhook created',
  WebhookChanged: 'Webhook changed',
  WebhookEnabled: 'Webhook enabled',
  WebhookDisabled: 'Webhook disabled',
  WebhookSecretRotated: 'Webhook secret rotated',
  WebhookDeleted: 'Webhook deleted',
  ContextErased: 'Reasons and addresses erased',
};

/** Returns a type of event in words; those that are not known here as they are named. @param {string} type */
export function eventWords(type) {
  return EVENT_WORDS[type] ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(/(?<= )[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @type {Record<string, string>} */
const POLICY_LABELS = {
  defaultLifetime: 'Usual lifetime', maxLifetime: 'Longest lifetime', allowNoExpiry: 'Keys without expiry', renewalWindow: 'Renewable after the expiry for',
  defaultOverlap: 'Usual overlap', reminders: 'Reminders', allowedPermissions: 'Keys may hold', maxKeys: 'Most keys',
  operatorsOutliveIssuer: 'Operators outlive their issuer', holderMay: 'Holders may', rotationQuiet: 'Quiet time of a rotation',
};

/** The order in which they are shown. */
export const POLICY_FIELDS = Object.keys(POLICY_LABELS);

/** @param {string} name */
export function policyLabel(name) {
  return POLICY_LABELS[name] ?? name;
}

/** Returns a value of a policy in words. @param {string} name @param {unknown} value absent for all permissions */
export function policyText(name, value) {
  if (name === 'allowedPermissions') {
    return Array.isArray(value) ? value.join(', ') || 'nothing' : 'any permission';
  }
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  if (Array.isArray(value)) {
    return value.map((one) => (name === 'reminders' ? durationWords(one) : String(one))).join(', ') || (name === 'holderMay' ? 'only revoke' : 'none');
  }
  return typeof value === 'number' ? value.toLocaleString() : durationWords(String(value));
}
