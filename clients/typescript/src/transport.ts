import { KeyledgerError, type ErrorKind, type Problem } from './errors.js';
import { Positions } from './positions.js';
import type { Secret } from './secret.js';

/** The part of the service that answers a call. */
export type Side = 'commands' | 'queries' | 'checks';

/** What may be said about any call, beside what it does. */
export interface CallOptions {
  /** Why a command is sent, for the audit; up to 500 characters. */
  readonly reason?: string;
  /** Makes a command that is sent again the same command; 16 to 255 printable ASCII characters. A new one if absent. */
  readonly idempotencyKey?: string;
  /** The version that a key must have for a command on it. */
  readonly ifVersion?: number;
  /**
   * How long a revocation, suspension, rotation or change of conditions waits until every node has applied it, up to
   * 10,000. It does not wait if absent.
   */
  readonly waitUntilAppliedMillis?: number;
  /** A position token that reads and checks must take into account; that of this client's last command if absent. */
  readonly atLeast?: string;
  /** How long a call may take, with its retry; as the client was made if absent. */
  readonly deadlineMillis?: number;
  /** Ends calls early. A command that was sent then has the error `outcome-unknown`; other calls, the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One request. */
export interface Call {
  readonly side: Side;
  readonly method: string;
  /** The path and the query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** The Idempotency-Key of a command; absent for what changes nothing. */
  readonly idempotencyKey?: string;
  /** Whether the command waits until every node has applied it. */
  readonly waits?: boolean;
  readonly options: CallOptions;
}

/** Sends a request as `fetch` does. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const CUT_OFF = 'The service cannot be reached';
const PAUSE_MILLIS = 100;
const RETRY_AFTER_SECONDS_MAX = 3600;
const WORTH_A_RETRY = new Set([429, 502, 503, 504]);

/** Codes of runtimes for connections that were never opened. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
]);

const KINDS: Readonly<Record<number, ErrorKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  412: 'conflict',
  429: 'rate-limited',
};

/** What `fetch` takes. */
type RequestSettings = Omit<RequestInit, 'headers'> & { headers: Record<string, string> };

/** An attempt without an answer. */
class Lost extends Error {
  constructor(
    message: string,
    readonly neverSent: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Sends calls: each until its deadline, and once more where the first attempt may have been in vain. That is safe,
 * because commands have an Idempotency-Key.
 */
export class Transport {
  readonly #fetch: Fetch;
  readonly #urls: Readonly<Record<Side, string>>;
  readonly #credential: Secret;
  readonly #workspace: string | undefined;
  readonly #deadlineMillis: number;
  readonly #positions = new Positions();

  constructor(
    fetch: Fetch,
    urls: Readonly<Record<Side, string>>,
    credential: Secret,
    workspace: string | undefined,
    deadlineMillis: number,
  ) {
    this.#fetch = fetch;
    this.#urls = urls;
    this.#credential = credential;
    this.#workspace = workspace;
    this.#deadlineMillis = deadlineMillis;
  }

  get url(): string {
    return this.#urls.commands;
  }

  /** The token of the last command, for reads. */
  get position(): string | undefined {
    return this.#positions.current;
  }

  /** Sends a request without deadline and retry. */
  send(side: Side, target: string, init: RequestSettings): Promise<Response> {
    const headers: Record<string, string> = {
      ...init.headers,
      Authorization: `Bearer ${this.#credential.reveal()}`,
    };
    if (this.#workspace !== undefined) {
      headers['Keyledger-Workspace'] = this.#workspace;
    }
    return this.#fetch(this.#urls[side] + target, { ...init, headers, redirect: 'manual' });
  }

  /** Returns the answer to a call as text. */
  async text(call: Call): Promise<string> {
    call.options.signal?.throwIfAborted();
    const deadline = this.#deadline(call);
    const begun = call.idempotencyKey === undefined ? 0 : this.#positions.begin();
    let atLeast = this.#atLeast(call);
    let maybeDone = false;
    try {
      for (let again = false; ; ) {
        let answer: Answer | undefined;
        let lost: Lost | undefined;
        try {
          answer = await this.#attempt(call, atLeast, deadline);
        } catch (failed) {
          if (!(failed instanceof Lost)) {
            throw failed;
          }
          maybeDone ||= !failed.neverSent;
          lost = failed;
        }
        if (answer !== undefined && isGood(answer.status)) {
          const token = answer.headers.get('Keyledger-Position');
          if (call.idempotencyKey !== undefined && token !== null) {
            this.#positions.end(begun, token);
          }
          return answer.body;
        }
        if (answer !== undefined && this.#hasLostItsPosition(call, atLeast, answer)) {
          atLeast = undefined;
          continue;
        }
        const pause = deadline.signal.aborted ? undefined : pauseBeforeRetry(answer);
        if (again || pause === undefined || pause >= deadline.remainingMillis()) {
          throw answer === undefined
            ? unfinished(call, maybeDone, lost)
            : failure(call, maybeDone, answer);
        }
        again = true;
        await deadline.pause(pause);
      }
    } finally {
      deadline.end();
    }
  }

  /**
   * Returns the lines of the answer to a call, as they come. The deadline is for the head of the answer. The call is not
   * repeated.
   */
  async *lines(call: Call): AsyncGenerator<string, void, undefined> {
    const deadline = this.#deadline(call);
    const next = (pieces: AsyncGenerator<string, void, undefined>): Promise<IteratorResult<string, void>> =>
      pieces.next().catch((failed: unknown) => {
        throw unfinished(call, false, lostBy(failed, call, deadline));
      });
    try {
      let response: Response;
      try {
        response = await this.#send(call, this.#atLeast(call), deadline);
        if (!isGood(response.status)) {
          const body = await response.text();
          throw failure(call, false, { status: response.status, headers: response.headers, body });
        }
      } catch (failed) {
        throw failed instanceof KeyledgerError ? failed : unfinished(call, false, lostBy(failed, call, deadline));
      }
      deadline.disarm();
      let rest = '';
      const pieces = textOf(response);
      for (let piece = await next(pieces); !piece.done; piece = await next(pieces)) {
        const lines = (rest + piece.value).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
      if (rest !== '') {
        yield rest;
      }
    } finally {
      deadline.end();
    }
  }

  #deadline(call: Call): Deadline {
    const wait = call.waits === true ? (call.options.waitUntilAppliedMillis ?? 0) : 0;
    return new Deadline((call.options.deadlineMillis ?? this.#deadlineMillis) + wait, call.options.signal);
  }

  #atLeast(call: Call): string | undefined {
    return call.idempotencyKey === undefined ? (call.options.atLeast ?? this.#positions.current) : undefined;
  }

  async #attempt(call: Call, atLeast: string | undefined, deadline: Deadline): Promise<Answer> {
    try {
      const response = await this.#send(call, atLeast, deadline);
      return { status: response.status, headers: response.headers, body: await response.text() };
    } catch (failed) {
      throw lostBy(failed, call, deadline);
    }
  }

  #send(call: Call, atLeast: string | undefined, deadline: Deadline): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json', ...call.headers };
    if (atLeast !== undefined) {
      headers['Keyledger-At-Least'] = atLeast;
    }
    const init: RequestSettings = { method: call.method, headers, signal: deadline.signal };
    if (call.body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = call.body;
    }
    return this.send(call.side, call.target, init);
  }

  /** Whether the token that was added to the call is no longer good, as after a restore. Then it is forgotten. */
  #hasLostItsPosition(call: Call, atLeast: string | undefined, answer: Answer): boolean {
    if (
      atLeast === undefined ||
      call.options.atLeast !== undefined ||
      answer.status !== 400 ||
      problemOf(answer)?.code !== 'invalid-position-token'
    ) {
      return false;
    }
    this.#positions.forget(atLeast);
    return true;
  }
}

/** When a call has to end. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #endMillis: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #caller: AbortSignal | undefined;
  readonly #abort = (): void => this.#controller.abort();

  constructor(millis: number, caller: AbortSignal | undefined) {
    this.#endMillis = performance.now() + millis;
    this.#timer = setTimeout(this.#abort, millis);
    this.#caller = caller;
    if (caller?.aborted === true) {
      this.#abort();
    }
    caller?.addEventListener('abort', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  remainingMillis(): number {
    return this.#endMillis - performance.now();
  }

  pause(millis: number): Promise<void> {
    return paused(millis, this.signal);
  }

  /** Lets the call go on for as long as the caller wants. */
  disarm(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.disarm();
    this.#caller?.removeEventListener('abort', this.#abort);
    this.#abort(); // nobody reads any further
  }
}

/** Returns after a time, or when a signal aborts. */
export function paused(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done);
    if (signal.aborted) {
      done();
    }
  });
}

/** Returns the text of an answer, as it comes. */
export async function* textOf(response: Response): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    return;
  }
  const decoder = new TextDecoder();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield decoder.decode(read.value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Returns the error that an answer which is not 2xx stands for. */
export function failureOf(status: number, headers: Headers, body: string): KeyledgerError {
  const problem = problemOf({ status, headers, body });
  const message =
    problem === undefined
      ? `${status}: The answer is none of Keyledger's.`
      : `${status} ${problem.type}: ${problem.detail}` +
        (problem.requestId === undefined ? '' : ` (${problem.requestId})`);
  const kind =
    KINDS[status] ??
    ([502, 503, 504].includes(status) ? 'unavailable' : status >= 400 && status < 500 ? 'invalid' : 'unexpected');
  const retryAfterMillis = kind === 'rate-limited' ? (retryAfter(headers) ?? 0) : undefined;
  return new KeyledgerError(kind, message, { problem, retryAfterMillis });
}

function failure(call: Call, maybeDone: boolean, answer: Answer): KeyledgerError {
  const error = failureOf(answer.status, answer.headers, answer.body);
  const isUnknown =
    call.idempotencyKey !== undefined &&
    error.kind === 'unavailable' &&
    (maybeDone || answer.status !== 503 || error.code === 'outcome-unknown');
  return isUnknown
    ? new KeyledgerError('outcome-unknown', error.message, {
        problem: error.problem,
        idempotencyKey: call.idempotencyKey,
      })
    : error;
}

function unfinished(call: Call, maybeDone: boolean, lost: Lost | undefined): unknown {
  if (call.idempotencyKey !== undefined && maybeDone) {
    return new KeyledgerError('outcome-unknown', lost?.message ?? CUT_OFF, {
      idempotencyKey: call.idempotencyKey,
      cause: lost?.cause,
    });
  }
  return call.options.signal?.aborted === true
    ? call.options.signal.reason
    : new KeyledgerError('unavailable', lost?.message ?? CUT_OFF, { cause: lost?.cause });
}

function lostBy(failed: unknown, call: Call, deadline: Deadline): Lost {
  if (call.options.signal?.aborted === true) {
    return new Lost('The call was ended early', false, call.options.signal.reason);
  }
  if (deadline.signal.aborted) {
    return new Lost('There was no answer before the deadline', false);
  }
  return new Lost(CUT_OFF, NEVER_SENT.has(codeOf(failed)), failed);
}

function codeOf(failed: unknown): string {
  for (let error = failed; error instanceof Object; error = (error as { cause?: unknown }).cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') {
      return code;
    }
  }
  return '';
}

function pauseBeforeRetry(answer: Answer | undefined): number | undefined {
  if (answer === undefined) {
    return Math.random() * PAUSE_MILLIS;
  }
  const isWorthIt =
    WORTH_A_RETRY.has(answer.status) ||
    (answer.status === 409 && problemOf(answer)?.code === 'idempotency-in-flight');
  return isWorthIt ? (retryAfter(answer.headers) ?? PAUSE_MILLIS) : undefined;
}

function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('Retry-After') ?? '';
  return /^[0-9]{1,9}$/.test(text) ? 1000 * Math.min(RETRY_AFTER_SECONDS_MAX, Number(text)) : undefined;
}

function problemOf(answer: Answer): Problem | undefined {
  if (answer.headers.get('Content-Type')?.startsWith('application/problem+json') !== true) {
    return undefined;
  }
  try {
    const problem: unknown = JSON.parse(answer.body);
    return isProblem(problem) ? problem : undefined;
  } catch {
    return undefined; // told as any other answer that is not the service's
  }
}

function isProblem(value: unknown): value is Problem {
  const { type, code, detail } = (value ?? {}) as Record<string, unknown>;
  return typeof type === 'string' && typeof code === 'string' && typeof detail === 'string';
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}
