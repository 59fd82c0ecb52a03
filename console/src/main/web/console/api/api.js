/** Requests to the public interface of Keyledger, which is all that the console uses. */
import {withQuery} from '../routing/route.js';
import {session} from '../session/session.js';
import {learnServerTime} from '../text/time.js';
import {ProblemError, problemOf} from './problem.js';

/**
 * @template T
 * @typedef {object} Answer
 * @property {number} status
 * @property {T} body
 * @property {Headers} headers
 * @property {string} curl the same request as a command
 */

/**
 * @typedef {object} Options
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {string} [key] another credential than that of the session
 * @property {'json' | 'text' | 'blob'} [as] what to read the answer as
 * @property {boolean} [isByItself] whether the page asks without its reader doing anything: that is no use of the session
 */

const AT_LEAST = 'Keyledger-At-Least';
const BEHIND = new Set(['stale', 'not-yet-applied', 'store-unavailable']);

/**
 * Makes a header value for a form: with it, a command that is sent again after its answer was lost gets
 * the first answer, and its secret.
 */
export function newIdempotencyKey() {
  return crypto.getRandomValues(new Uint32Array(4)).join('-').padStart(16, '0');
}

/** What was first sent with an idempotency key, until its answer arrived. @type {Map<string, {path: string, options: Options}>} */
const sent = new Map();

/** The idempotency key that each form was last sent with. @type {Map<string, string>} */
const keysOfForms = new Map();

/** The idempotency key with which that is sent again, whatever the form says now. */
let repeated = '';

/**
 * Returns the idempotency key for a form that is submitted: the one of before while that has no answer, also
 * where the form was left meanwhile, unless its reader wants another command.
 *
 * @param {SubmitEvent | null} event
 * @param {string} form
 */
export function idempotencyKeyOf(event, form) {
  const choice = /** @type {HTMLButtonElement | null | undefined} */ (event?.submitter)?.value;
  const before = keysOfForms.get(form) ?? '';
  const key = sent.has(before) && choice !== 'another' ? before : newIdempotencyKey();
  keysOfForms.set(form, key);
  repeated = choice === 'first' ? key : '';
  return key;
}

/** How many commands have no answer yet. */
let pendingCommands = 0;

/** Returns whether an answer is awaited that may have a secret. */
export function isCommandPending() {
  return pendingCommands > 0;
}

window.addEventListener('beforeunload', (event) => {
  if (isCommandPending()) {
    event.preventDefault();
  }
});

/** Announces each request that was made: the event `requested` has its command as `detail`. */
export const requests = new EventTarget();

/**
 * Makes a request, and waits for its end. A command is done when this returns, and later requests
 * are answered by nodes that know of it.
 *
 * @template T
 * @param {string} method
 * @param {string} path with the query
 * @param {Options} [options]
 * @returns {Promise<Answer<T>>}
 * @throws {ProblemError}
 */
export async function request(method, path, options = {}) {
  if (method === 'GET') {
    return exchange(method, path, options);
  }
  pendingCommands++;
  try {
    const key = options.headers?.['Idempotency-Key'];
    return key ? await exchangeOnce(key, method, path, options) : await exchange(method, path, options);
  } finally {
    pendingCommands--;
    requests.dispatchEvent(new Event('answered'));
  }
}

/**
 * Keeps what is sent until it is known what came of it.
 *
 * @param {string} key
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 */
async function exchangeOnce(key, method, path, options) {
  const first = sent.get(key) ?? {path, options};
  sent.set(key, first);
  const chosen = key === repeated ? first : {path, options};
  try {
    const answer = await exchange(method, chosen.path, chosen.options);
    sent.delete(key);
    return answer;
  } catch (thrown) {
    const {status, code} = problemOf(thrown);
    if (status >= 400 && status < 500 && !code.startsWith('idempotency')) {
      sent.delete(key); // it was refused: what is corrected is another command
    }
    throw thrown;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @returns {Promise<Answer<any>>}
 */
async function exchange(method, path, options) {
  if (!options.isByItself) {
    session.touch();
  }
  const headers = {...options.headers};
  if (session.workspace) {
    headers['Keyledger-Workspace'] = session.workspace;
  }
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  const curl = curlOf(method, location.origin + path, headers, options.body);
  if (session.position) {
    headers[AT_LEAST] = session.position;
  }
  const response = await send(method, path, headers, options);
  const answer = response.ok ? await contentOf(response, options.as) : await problemIn(response);
  requests.dispatchEvent(
      new CustomEvent('requested', {detail: {curl, method, path, status: response.status}}));
  learnServerTime(response.headers.get('Date'));
  if (response.ok) {
    connection.is('ok');
    session.keepPosition(response.headers.get('Keyledger-Position'));
    return {status: response.status, body: answer, headers: response.headers, curl};
  }
  if (answer.code === 'invalid-position-token' && session.position) {
    session.forgetPosition(); // of a store that was restored
    return exchange(method, path, options);
  }
  connection.is(BEHIND.has(answer.code) ? 'stale' : 'ok');
  if (response.status === 401 && !options.key) {
    session.end('rejected');
  } else if (response.status === 403 && !options.key) {
    session.dispatchEvent(new Event('refused'));
  }
  throw new ProblemError(answer);
}

/**
 * Reads something.
 *
 * @template T
 * @param {string} path
 * @param {import('../routing/route.js').Query} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function read(path, query = {}, signal) {
  const answer = await request('GET', withQuery(path, query), {signal});
  return /** @type {T} */ (answer.body);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {Options} options
 */
async function send(method, path, headers, options) {
  const key = options.key ?? session.key;
  try {
    return await fetch(path, {
      method,
      headers: key ? {...headers, Authorization: `Bearer ${key}`} : headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') {
      throw thrown;
    }
    connection.is('offline');
    throw new ProblemError({
      code: 'unreachable',
      title: 'Keyledger cannot be reached',
      detail: 'The request got no answer.',
      status: 0,
    });
  }
}

/**
 * @param {Response} response
 * @param {Options['as']} as
 */
async function contentOf(response, as = 'json') {
  if (as === 'blob') {
    return response.blob();
  }
  const text = await response.text();
  return as === 'text' || !text ? text : JSON.parse(text);
}

/** @param {Response} response */
async function problemIn(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return {
      code: 'no-problem',
      title: `The answer has the status ${response.status}`,
      detail: 'It does not say why. Something between this page and Keyledger may have answered.',
      status: response.status,
    };
  }
}

/** @typedef {'ok' | 'offline' | 'stale'} ConnectionState */

class Connection extends EventTarget {
  /** @type {ConnectionState} */
  state = 'ok';

  constructor() {
    super();
    window.addEventListener('offline', () => this.is('offline'));
    window.addEventListener('online', () => this.is('ok'));
  }

  /** @param {ConnectionState} state */
  is(state) {
    if (state !== this.state) {
      this.state = state;
      this.dispatchEvent(new Event('change'));
    }
  }
}

export const connection = new Connection();

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Returns the command that makes a request.
 *
 * @param {string} method
 * @param {string} url absolute
 * @param {Record<string, string>} headers without the credential
 * @param {unknown} [body]
 */
export function curlOf(method, url, headers, body) {
  const parts = [`curl -s ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`];
  parts.push('-H "Authorization: Bearer $KEY"');
  for (const [name, value] of Object.entries(headers)) {
    parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (body !== undefined) {
    parts.push(`-d ${quoted(JSON.stringify(body))}`);
  }
  return parts.join(' \\\n  ');
}
