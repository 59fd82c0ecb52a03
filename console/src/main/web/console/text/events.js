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
