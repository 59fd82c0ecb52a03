import type { ConstantProblem, ProblemCode } from './types.js';

/** What went wrong, as the service says (RFC 9457). Holds no secret. */
export type Problem = ConstantProblem;

/**
 * What a caller can do about an error.
 *
 * - `invalid`: the request is wrong, or outside limits or policy. Sending it again is of no use.
 * - `unauthorized`, `forbidden`: the client's own credential is not good, or does not permit the call.
 * - `not-found`: there is no such thing in the workspace.
 * - `conflict`: the state of the key or the workspace does not allow the command.
 * - `rate-limited`: there were too many requests. Nothing was done.
 * - `unavailable`: the service cannot be reached or cannot decide. Nothing was done.
 * - `outcome-unknown`: a command may or may not have been done. The same call with the same `idempotencyKey` gives the
 *   first response if it was done, and does it if not.
 * - `unexpected`: the answer is none of Keyledger's. Another service or a proxy may be at the URL.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'rate-limited'
  | 'unavailable'
  | 'outcome-unknown'
  | 'unexpected';

/** What else is known about an error. */
export interface ErrorDetails {
  readonly problem?: Problem | undefined;
  readonly retryAfterMillis?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly cause?: unknown;
}

/** Thrown when a call does not succeed. Holds no secret. */
export class KeyledgerError extends Error {
  override readonly name = 'KeyledgerError';

  readonly kind: ErrorKind;

  /** What the service said. Absent if it did not answer with a problem. */
  readonly problem?: Problem;

  /** The code of the problem. A newer service may have codes that the type does not list. */
  readonly code?: ProblemCode;

  /** For `rate-limited`: how long to wait; 0 if the service did not say. */
  readonly retryAfterMillis?: number;

  /** For `outcome-unknown`: the Idempotency-Key of the command, valid for 24 hours. */
  readonly idempotencyKey?: string;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    if (details.problem !== undefined) {
      this.problem = details.problem;
      this.code = details.problem.code;
    }
    if (details.retryAfterMillis !== undefined) {
      this.retryAfterMillis = details.retryAfterMillis;
    }
    if (details.idempotencyKey !== undefined) {
      this.idempotencyKey = details.idempotencyKey;
    }
  }
}
