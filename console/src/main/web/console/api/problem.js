/** A response that is a problem (RFC 9457), or none at all. */

export class ProblemError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

/**
 * Returns what to show for anything that was thrown.
 *
 * @param {unknown} thrown
 * @returns {Problem}
 */
export function problemOf(thrown) {
  if (thrown instanceof ProblemError) {
    return thrown.problem;
  }
  return {
    code: 'console-defect',
    title: 'The console made a mistake',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    status: 0,
  };
}

/** What to do about a problem, where its detail does not already say so. @type {Record<string, string>} */
const REMEDIES = {
  'unreachable': 'Check the connection, then try again: a form that is sent again is carried out once.',
  'unauthorized': location.pathname.startsWith('/my-key/')
      ? 'The key may have ended, or be good at other addresses only. Ask whoever gave it to you.' : 'Sign in again with a key that is active.',
  'forbidden': 'Ask somebody who may grant the permission, or sign in with another key.',
  'permission-ceiling': 'Ask for fewer permissions, or let somebody act who may grant them.',
  'not-found': 'Check the id, and the workspace that you are in.',
  'key-expired': 'Renew the key first.',
  'key-revoked': 'Issue another key: a revocation is final.',
  'rotation-in-progress': 'Close the open overlap, or let the rotation close it.',
  'renewal-window-closed': 'Issue another key.',
  'version-mismatch': 'Somebody changed it meanwhile. Look at it again, then decide.',
  'expiry-would-shorten': 'Choose a later expiry, or allow a shorter one.',
  'rate-limited': 'Wait a few seconds, then try again.',
  'not-yet-applied': 'The node is behind the log. Try again in a moment.',
  'stale': 'The node has lost contact with the log. Try again; look at the page Nodes.',
  'store-unavailable': 'Nothing was done. Try again in a moment.',
  'outcome-unknown': 'Send it again: it is carried out once.',
  'idempotency-key-reused': 'What was sent first may have been done.',
  'invalid-field': 'Correct the fields that are named, then send the form again.',
  'lifetime-not-allowed': 'Choose an expiry within the policy of the workspace.',
  'permission-not-allowed': 'Choose permissions that the policy of the workspace allows.',
  'console-defect': 'Load the page again. If it happens again, report it with what you did.',
};

/**
 * Returns what to do about a problem.
 *
 * @param {Problem} problem
 */
export function remedyOf(problem) {
  return REMEDIES[problem.code] ?? '';
}
