/** What the policy of the workspace lets the reader ask for. */
import {read} from '../api/api.js';
import {session} from './session.js';

/** Asks for the policy anew, so that `session.self` has it; what is known stays if that fails. */
export async function ownPolicy() {
  const {self} = session;
  try {
    /** @type {import('../api/types.js').Self} */
    const now = await read('/v1/self');
    if (self !== null && self === session.self) {
      self.policy = now.policy;
    }
  } catch {
    // Keyledger says so if a command is beyond the policy.
  }
}
