/** The parts of a policy in words. */
import {durationWords} from './time.js';

/** @type {Record<string, string>} */
const LABELS = {
  defaultLifetime: 'Usual lifetime', maxLifetime: 'Longest lifetime', allowNoExpiry: 'Keys without expiry', renewalWindow: 'Renewable after the expiry for',
  defaultOverlap: 'Usual overlap', reminders: 'Reminders', allowedPermissions: 'Keys may hold', maxKeys: 'Most keys',
  operatorsOutliveIssuer: 'Operators outlive their issuer', holderMay: 'Holders may', rotationQuiet: 'Quiet time of a rotation',
};

/** The order in which they are shown. */
export const POLICY_FIELDS = Object.keys(LABELS);

/** @param {string} name */
export function policyLabel(name) {
  return LABELS[name] ?? name;
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
