/** Signing in: asking Keyledger who a key is. */
import {request} from '../api/api.js';
import {session} from './session.js';

/** @typedef {import('../api/types.js').Self} Self */

/**
 * Signs in with a key.
 *
 * @param {string} key
 * @param {string} workspace for the root key; may be empty
 */
export async function signIn(key, workspace) {
  const before = session.workspace;
  session.workspace = workspace;
  try {
    const {body: self} = await request('GET', '/v1/self', {key});
    session.start(key, isRoot(self) ? self.workspace : workspace, self);
  } catch (thrown) {
    session.workspace = before;
    throw thrown;
  }
}

/** @param {Self} self */
function isRoot(self) {
  return self.actor?.type === 'root';
}

/** Returns whether a key may use the console: it is the root key or an operator's. @param {Self} self */
export function isOperator(self) {
  return isRoot(self) || self.permissions.some((permission) => /^keyledger:(?!self:)/.test(permission));
}
