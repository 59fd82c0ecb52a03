/** Requests to the public interface of Keyledger, which is all that the console uses. */
import {session} from '../session/session.js';
import {connection} from './connection.js';
import {curlOf} from './curl.js';
import {ProblemError} from './problem.js';

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

/** How far the clock of Keyledger is ahead of ours, as far as answers tell: at most a second less. */
let aheadMillis = 0;

/** Returns a time that has come for Keyledger too, whatever our clock says. */
export function serverNow() {
  return new Date(Date.now() + aheadMillis);
}

/**
 * Makes a header value for a form: with it, a command that is sent again after its answer was lost gets
 * the first answer, and its secret.
 */
export function newIdempotencyKey() {
  return crypto.getRandomValues(new Uint32Array(4)).join('-').padStart(16, '0');
}

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
  aheadMillis = Date.parse(response.headers.get('Date') ?? '') - Date.now() || 0;
  if (response.ok) {
    connection.is('ok');
    session.keepPosition(response.headers.get('Keyledger-Position'));
    return {status: response.status, body: answer, headers: response.headers, curl};
  }
  if (answer.code === 'invalid-position-token' && session.position) {
    session.forgetPosition(); // of a store that was restored
    return request(method, path, options);
  }
  connection.is(BEHIND.has(answer.code) ? 'stale' : 'ok');
  if (response.status === 401 && !options.key) {
    session.end('rejected');
  }
  throw new ProblemError(answer);
}

/**
 * Reads something.
 *
 * @template T
 * @param {string} path
 * @param {Record<string, string | string[] | undefined | null>} [query] absent and empty values are left out
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function read(path, query = {}, signal) {
  const answer = await request('GET', withQuery(path, query), {signal});
  return /** @type {T} */ (answer.body);
}

/**
 * Returns a path with a query.
 *
 * @param {string} path
 * @param {Record<string, string | string[] | undefined | null>} query
 */
export function withQuery(path, query) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) {
        params.append(name, one);
      }
    }
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
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
