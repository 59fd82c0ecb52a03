/** Why a key is revoked: the value in the command, and its meaning. @type {[string, string][]} */
export const REVOCATION_REASONS = [
  ['unspecified', 'not specified'],
  ['compromised', 'compromised: somebody else has it'],
  ['leaked', 'leaked: it was published'],
  ['superseded', 'superseded by another key'],
  ['owner-left', 'its owner left'],
  ['no-longer-used', 'no longer used'],
  ['policy', 'against the policy'],
];
