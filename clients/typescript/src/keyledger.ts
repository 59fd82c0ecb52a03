import { Calls } from './calls.js';
import { IGNORED, type Changes } from './changes.js';
import { ASKED, Checks } from './checks.js';
import { Feed } from './feed.js';
import { Keys } from './keys.js';
import { LocalChecks, type LocalDecisions, type LocalStats } from './local.js';
import { revealed, Secret } from './secret.js';
import { Audit, Log, Self, Workspaces } from './services.js';
import { Transport, type CallOptions, type Fetch } from './transport.js';

const DEADLINE_MILLIS = 10_000;
const CREDENTIAL = /^[!-~]{1,4096}$/;
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** How a client is made. */
export interface Settings {
  /** The address of the service, such as `http://127.0.0.1:8080`; the variable `KEYLEDGER_URL` if absent. */
  readonly url?: string | undefined;
  /**
   * The credential: the root key, or the secret of an operator key; for `self`, of any key. The variable
   * `KEYLEDGER_KEY` if absent.
   */
  readonly key?: string | Secret | undefined;
  /** The workspace that the root key acts in; the variable `KEYLEDGER_WORKSPACE` if absent, or else `default`. */
  readonly workspace?: string | undefined;
  /** Where queries and checks go if the query side runs alone. */
  readonly queryUrl?: string | undefined;
  /** Where checks go, such as the fast port of the service. */
  readonly checkUrl?: string | undefined;
  /** How long each call may take, with its retry; 10,000 if absent. */
  readonly deadlineMillis?: number | undefined;
  /** Lets checks be decided here while that is safe; needs `keyledger:feed:read` too. */
  readonly localDecisions?: LocalDecisions | undefined;
  /** Sends the requests; the runtime's own `fetch` if absent. */
  readonly fetch?: Fetch | undefined;
  /** @internal The time that local decisions know, in milliseconds. */
  readonly now?: () => number;
}

/**
 * The client of a Keyledger service. Make one and share it.
 *
 * Calls are sent a second time where the first attempt may have been in vain; commands are done once even then. Reads and
 * checks take the client's own commands into account. Every call rejects with a `KeyledgerError` if it does not succeed.
 */
export class Keyledger {
  readonly #shared: Shared;
  readonly #calls: Calls;

  /** @throws TypeError if a setting is wrong */
  constructor(settings: Settings | Shared = {}, options: CallOptions = {}) {
    this.#shared = settings instanceof Shared ? settings : new Shared(settings);
    this.#calls = new Calls(this.#shared.transport, options);
  }

  /** Returns the same client with options for its calls. Closing either closes both. */
  with(options: CallOptions): Keyledger {
    return new Keyledger(this.#shared, { ...this.#calls.options, ...options });
  }

  /** The life of keys. */
  get keys(): Keys {
    return new Keys(this.#calls, this.#shared.changes);
  }

  /** Whether keys are good. */
  get checks(): Checks {
    return new Checks(this.#calls, this.#shared.local ?? ASKED);
  }

  /** Who did what. */
  get audit(): Audit {
    return new Audit(this.#calls);
  }

  /** What the holder of a key may do. */
  get self(): Self {
    return new Self(this.#calls);
  }

  /** The tenants of the service. */
  get workspaces(): Workspaces {
    return new Workspaces(this.#calls, this.#shared.changes);
  }

  /** The log of the service. */
  get log(): Log {
    return new Log(this.#calls);
  }

  /** What happens now. */
  get feed(): Feed {
    return new Feed(this.#calls);
  }

  /** The position token that reads take into account, to pass it on. Absent before the first command. */
  get position(): string | undefined {
    return this.#shared.transport.position;
  }

  /** What was decided where. Absent unless the client was made with local decisions. */
  get localDecisions(): LocalStats | undefined {
    return this.#shared.local?.stats;
  }

  /** Ends the feed of local decisions, which otherwise keeps the process alive. */
  close(): void {
    this.#shared.local?.close();
  }

  /** Names the service, without the credential. */
  toString(): string {
    return `Keyledger[${this.#shared.transport.url}]`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }
}

/** What clients with different options have in common. */
class Shared {
  readonly transport: Transport;
  readonly local: LocalChecks | undefined;

  constructor(settings: Settings) {
    const url = addressOf(settings.url ?? variable('KEYLEDGER_URL'));
    const queries = settings.queryUrl === undefined ? url : addressOf(settings.queryUrl);
    const checks = settings.checkUrl === undefined ? queries : addressOf(settings.checkUrl);
    const credential = revealed(settings.key ?? variable('KEYLEDGER_KEY') ?? '');
    if (!CREDENTIAL.test(credential)) {
      throw new TypeError('a credential must be 1 to 4096 visible ASCII characters; set key, or KEYLEDGER_KEY');
    }
    const { deadlineMillis = DEADLINE_MILLIS } = settings;
    if (!(deadlineMillis > 0)) {
      throw new TypeError('a deadline must be more than zero');
    }
    this.transport = new Transport(
      settings.fetch ?? ((target, init) => fetch(target, init)),
      { commands: url, queries, checks },
      new Secret(credential),
      settings.workspace ?? variable('KEYLEDGER_WORKSPACE'),
      deadlineMillis,
    );
    this.local =
      settings.localDecisions === undefined
        ? undefined
        : new LocalChecks(settings.localDecisions, this.transport, settings.now ?? (() => performance.now()));
  }

  get changes(): Changes {
    return this.local ?? IGNORED;
  }
}

function addressOf(url: string | undefined): string {
  const address = url?.replace(/\/$/, '') ?? '';
  const { protocol, search, hash, username } = URL.canParse(address) ? new URL(address) : ({} as Partial<URL>);
  if ((protocol !== 'http:' && protocol !== 'https:') || search !== '' || hash !== '' || username !== '') {
    throw new TypeError('a URL of the service must be http or https, and no more; set url, or KEYLEDGER_URL');
  }
  return address;
}

/** Returns a variable of the environment, where the runtime has one. */
function variable(name: string): string | undefined {
  const { process } = globalThis as unknown as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
