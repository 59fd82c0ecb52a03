/** Signing in: asking Keyledger who a key is. */
import {read, request} from '../api/api.js';
import {session} from './session.js';

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

/** What the key may do was changed, or its policy. */
session.addEventListener('refused', () => {
  if (session.self) {
    signIn(session.key, session.workspace).catch(() => {}); // the next command says so again
  }
});

/** @param {Self} self */
function isRoot(self) {
  return self.actor?.type === 'root';
}

/** Returns whether a key may use the console: it is the root key or an operator's. @param {Self} self */
export function isOperator(self) {
  return isRoot(self) || self.permissions.some((permission) => /^keyledger:(?!self:)/.test(permission));
}

/** Asks for the policy anew, so that `session.self` has it; what is known stays if that fails. */
export async function ownPolicy() {
  const {self} = session;
  try {
    /** @type {Self} */
    const now = await read('/v1/self');
    if (self !== null && self === session.self) {
      self.policy = now.policy;
    }
  } catch {
    // Keyledger says so if a command is beyond the policy.
  }
}
