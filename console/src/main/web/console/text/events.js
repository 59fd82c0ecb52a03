/** What happened, in words, by the type of the event. @type {Record<string, string>} */
const WORDS = {
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
};

/** Returns a type of event in words; those that are not known here as they are named. @param {string} type */
export function eventWords(type) {
  return WORDS[type] ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(/(?<= )[A-Z]/g, (letter) => letter.toLowerCase());
}
