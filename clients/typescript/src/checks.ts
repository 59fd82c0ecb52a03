import { withField, type Calls } from './calls.js';
import { KeyledgerError, type Problem } from './errors.js';
import { parseIpWithPort, type IpAddress } from './ip.js';
import type { Moment } from './keys.js';
import { required } from './permission.js';
import { revealed, type Secret } from './secret.js';
import type { CheckedEnvironment, CheckResult as Result, Decision as Answer, Decisions, Duration } from './types.js';

/** A question about a key that a client presented. */
export interface Check {
  /** The string that the client presented. */
  readonly key: string | Secret;
  /** Permissions of which the key must hold one; up to 100. None: no condition. */
  readonly anyOf?: readonly string[] | undefined;
  /** Permissions that the key must all hold; up to 100. */
  readonly allOf?: readonly string[] | undefined;
  /** The address of the client, with or without a port. A key with a list of addresses fails without it. */
  readonly ip?: string | undefined;
  /** `live` if absent. */
  readonly environment?: CheckedEnvironment | undefined;
  /** Whether to return the outcome of every condition. Such a check always goes to the service. */
  readonly explain?: boolean | undefined;
  /** How old the knowledge behind the decision may be, such as `PT1S`. */
  readonly maxAge?: Duration | undefined;
}

/**
 * Where a decision was made: by the `service` for this check; `local`, from what the service said before, with a live
 * feed; or `local-cut-off`, while neither the feed nor the service could be reached.
 */
export type Source = 'service' | 'local' | 'local-cut-off';

/** The answer to a check. For MALFORMED and NOT_FOUND it says nothing of a key. */
export interface Decision extends Answer {
  readonly source: Source;
}

/** The result of one check of a batch: the decision, or what is wrong with the check. */
export type CheckResult = Decision | { readonly problem: Problem };

/** A check that is well-formed. */
export interface Question {
  readonly key: string;
  readonly anyOf: readonly string[];
  readonly allOf: readonly string[];
  readonly ip: IpAddress | undefined;
  readonly environment: CheckedEnvironment;
  readonly explain: boolean;
  readonly maxAgeMillis: number | undefined;
  /** As the service reads it. */
  readonly body: Readonly<Record<string, unknown>>;
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/;
const SECONDS = [604_800, 86_400, 3600, 60, 1];

/** Decides checks, from what is known here or by asking the service. */
export interface Decider {
  decide(question: Question, calls: Calls): Promise<Decision>;
}

/** Asks the service each time. */
export const ASKED: Decider = {
  decide: async (question, calls) => decision(await calls.ask('checks', ['verify'], question.body)),
};

/** Whether keys are good. */
export class Checks {
  readonly #calls: Calls;
  readonly #decider: Decider;

  constructor(calls: Calls, decider: Decider) {
    this.#calls = calls;
    this.#decider = decider;
  }

  /**
   * Returns whether a key that a client presented is valid, live, and holds all of some permissions. If nobody can
   * decide, it throws an error `unavailable`: refuse the client then, with a 503.
   */
  async permits(key: string | Secret, ...permissions: string[]): Promise<boolean> {
    return (await this.verify({ key, allOf: permissions })).valid;
  }

  /** Returns the decision on one key. If nobody can decide, it throws an error `unavailable`. */
  async verify(check: Check): Promise<Decision> {
    return this.#decider.decide(question(check), this.#calls);
  }

  /** Returns the results of checks, 1 to 100, in order; always from the service. */
  async verifyAll(checks: readonly Check[]): Promise<readonly CheckResult[]> {
    const body = { checks: checks.map((check) => question(check).body) };
    const answer = withField<Decisions>(await this.#calls.ask('checks', ['verify', 'batch'], body), 'results');
    return answer.results.map((result: Result) =>
      result.problem === undefined ? decision(result) : { problem: result.problem },
    );
  }

  /** Returns the decision as it would have been at a moment of the past. */
  async verifyAt(check: Check, moment: Moment): Promise<Decision> {
    return decision(await this.#calls.ask('queries', ['verify', 'at'], { ...question(check).body, ...moment }));
  }
}

/**
 * Reads a check.
 *
 * @throws TypeError if it cannot be asked
 */
export function question(check: Check): Question {
  const { ip, environment = 'live', explain = false, maxAge } = check;
  const key = revealed(check.key);
  if (typeof key !== 'string') {
    throw new TypeError('a check needs a key');
  }
  const anyOf = required(check.anyOf);
  const allOf = required(check.allOf);
  const address = ip === undefined ? undefined : parseIpWithPort(ip);
  if (ip !== undefined && address === undefined) {
    throw new TypeError('an IP address must be IPv4 or IPv6');
  }
  return {
    key,
    anyOf,
    allOf,
    ip: address,
    environment,
    explain,
    maxAgeMillis: maxAge === undefined ? undefined : millisOf(maxAge),
    body: {
      key,
      ...(anyOf.length + allOf.length > 0 ? { permissions: { anyOf, allOf } } : {}),
      ip,
      ...(environment === 'live' ? {} : { environment }),
      ...(explain ? { explain } : {}),
      maxAge,
    },
  };
}

/**
 * Reads the decision in an answer.
 *
 * @throws KeyledgerError `unexpected`, if it is none: it must not be taken for a refusal, let alone for a VALID
 */
export function decision(answer: unknown): Decision {
  const { valid, code, position, asOf, keyId, owner, permissions, environment } = answer as Partial<Answer>;
  const isDecision =
    valid === (code === 'VALID') &&
    typeof code === 'string' &&
    typeof position === 'number' &&
    typeof asOf === 'string';
  const isOfAKey =
    typeof keyId === 'string' &&
    typeof owner === 'object' &&
    Array.isArray(permissions) &&
    typeof environment === 'string';
  if (!isDecision || (valid && !isOfAKey)) {
    throw new KeyledgerError('unexpected', 'The answer is no decision');
  }
  return { ...(answer as Answer), source: 'service' };
}

/**
 * Reads a duration.
 *
 * @throws TypeError if it has another form than the service reads
 */
function millisOf(duration: Duration): number {
  const match = DURATION.exec(duration);
  if (match === null || /[PT]$/.test(duration)) {
    throw new TypeError('a duration must be ISO 8601 with weeks, days and time only, such as PT1S');
  }
  return 1000 * SECONDS.reduce((sum, seconds, i) => sum + seconds * Number(match[i + 1] ?? 0), 0);
}
