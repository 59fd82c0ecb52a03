import type { Decision } from './checks.js';
import { KeyledgerError } from './errors.js';
import { parseIpWithPort } from './ip.js';
import { Keyledger } from './keyledger.js';
import { required } from './permission.js';
import type { CheckedEnvironment } from './types.js';

/**
 * What a request must show.
 *
 * @typeParam R the framework's request
 */
export interface GuardOptions<R> {
  /** Who decides; a client made from `KEYLEDGER_URL` and `KEYLEDGER_KEY` if absent, one for all guards. */
  readonly keyledger?: Keyledger | undefined;
  /** Permissions of which the key must hold one. */
  readonly anyOf?: readonly string[] | undefined;
  /** Permissions that the key must all hold. */
  readonly allOf?: readonly string[] | undefined;
  /** `live` if absent. */
  readonly environment?: CheckedEnvironment | undefined;
  /** The header that has the key; if absent, `X-API-Key`, or else `Authorization: Bearer`. */
  readonly header?: string | undefined;
  /** Returns the address of the client; by default what the framework knows. Keys with a list of addresses need it. */
  readonly ip?: ((request: R) => string | undefined) | undefined;
  /** Is told why nobody could decide, before the client gets a 503. */
  readonly onError?: ((error: KeyledgerError) => void) | undefined;
}

/** The decision on the key of a request: it is valid. */
export type ApiKey = Decision &
  Required<Pick<Decision, 'keyId' | 'name' | 'workspace' | 'owner' | 'environment' | 'permissions' | 'metadata'>>;

/** What a client gets whose request does not pass. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Exactly one of the two. */
export type Verdict = { readonly apiKey: ApiKey; readonly refusal?: never } | { readonly refusal: Refusal };

const RETRY_AFTER_SECONDS = '1';

let shared: Keyledger | undefined;

/** Decides on the requests of a route, for any framework. */
export class Guard<R> {
  readonly #keyledger: Keyledger;
  readonly #options: GuardOptions<R>;
  readonly #forbidden: Refusal;

  /** @throws TypeError if a required permission is none, or there is no client */
  constructor(options: GuardOptions<R>) {
    const scope = [...required(options.allOf), ...required(options.anyOf)].join(' ');
    this.#keyledger = options.keyledger ?? (shared ??= new Keyledger());
    this.#options = options;
    this.#forbidden = refusal(403, 'Forbidden', 'The API key does not hold what is required.', {
      'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"`,
    });
  }

  /**
   * Decides on a request.
   *
   * @param header returns the value of a header, if there is one
   * @param knownIp the address that the framework knows
   */
  async judge(request: R, header: (name: string) => string | undefined, knownIp?: string): Promise<Verdict> {
    const key = this.#keyIn(header);
    if (key === undefined) {
      return { refusal: UNAUTHORIZED };
    }
    const { anyOf, allOf, environment, ip } = this.#options;
    const address = ip === undefined ? knownIp : ip(request);
    const isKnown = address !== undefined && parseIpWithPort(address) !== undefined;
    try {
      const check = { key, anyOf, allOf, environment, ip: isKnown ? address : undefined };
      const decision = await this.#keyledger.checks.verify(check);
      if (decision.valid) {
        return { apiKey: decision as ApiKey };
      }
      return { refusal: decision.code === 'INSUFFICIENT_PERMISSIONS' ? this.#forbidden : UNAUTHORIZED };
    } catch (failed) {
      if (!(failed instanceof KeyledgerError)) {
        throw failed;
      }
      this.#options.onError?.(failed);
      return { refusal: UNAVAILABLE };
    }
  }

  #keyIn(header: (name: string) => string | undefined): string | undefined {
    if (this.#options.header !== undefined) {
      return header(this.#options.header.toLowerCase()) || undefined;
    }
    return header('x-api-key') || /^bearer +([^ ]+) *$/i.exec(header('authorization') ?? '')?.[1];
  }
}

/** Every refusal of a key says the same, so that it tells nothing of the key. */
const UNAUTHORIZED = refusal(401, 'Unauthorized', 'A valid API key is required.', { 'WWW-Authenticate': 'Bearer' });

const UNAVAILABLE = refusal(503, 'Service Unavailable', 'API keys cannot be checked now.', {
  'Retry-After': RETRY_AFTER_SECONDS,
});

function refusal(
  status: Refusal['status'],
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>>,
): Refusal {
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
  };
}
