import { KeyledgerError } from './errors.js';
import type { CallOptions, Side, Transport } from './transport.js';

/** A value of a query; a list repeats the parameter. */
type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[];

/** The parameters of a query. */
export type Query = Readonly<Record<string, QueryValue>>;

/** What a command has, beside method, path and body. */
export interface CommandSettings {
  readonly query?: Query;
  /** Whether it waits until every node has applied it, if the caller wants that. */
  readonly waits?: boolean;
}

/** Makes calls with the same options. */
export class Calls {
  readonly transport: Transport;
  readonly options: CallOptions;

  constructor(transport: Transport, options: CallOptions) {
    this.transport = transport;
    this.options = options;
  }

  /**
   * Reads something.
   *
   * @param field one that the answer has if it is Keyledger's
   */
  async get<T>(field: keyof T & string, path: readonly string[], query: object = {}, side: Side = 'queries'): Promise<T> {
    return parsed(await this.getText(path, query, 'application/json', side), field);
  }

  getText(path: readonly string[], query: object, accept: string, side: Side = 'queries'): Promise<string> {
    return this.transport.text(this.#reads(path, query, accept, side));
  }

  lines(path: readonly string[], query: object, accept: string): AsyncGenerator<string, void, undefined> {
    return this.transport.lines(this.#reads(path, query, accept, 'queries'));
  }

  /** Asks something that changes nothing, although it has a body. */
  async ask(side: Side, path: readonly string[], body: object): Promise<unknown> {
    const text = await this.transport.text({
      side,
      method: 'POST',
      target: target(path, {}),
      headers: {},
      body: JSON.stringify(body),
      options: this.options,
    });
    return json(text);
  }

  /** Sends a command. */
  async command<T>(
    field: keyof T & string,
    method: string,
    path: readonly string[],
    body: object,
    { query = {}, waits = false }: CommandSettings = {},
  ): Promise<T> {
    const { reason, ifVersion, waitUntilAppliedMillis } = this.options;
    const idempotencyKey = this.options.idempotencyKey ?? crypto.randomUUID();
    const headers: Record<string, string> = { 'Idempotency-Key': idempotencyKey };
    if (ifVersion !== undefined) {
      headers['If-Match'] = `"${ifVersion}"`;
    }
    const isWaiting = waits && waitUntilAppliedMillis !== undefined;
    if (isWaiting) {
      headers['Keyledger-Wait'] = `PT${waitUntilAppliedMillis / 1000}S`;
    }
    const text = await this.transport.text({
      side: 'commands',
      method,
      target: target(path, isWaiting ? { ...query, wait: 'applied' } : query),
      headers,
      body: JSON.stringify({ reason, ...body }),
      idempotencyKey,
      waits: isWaiting,
      options: this.options,
    });
    return parsed(text, field);
  }

  #reads(path: readonly string[], query: object, accept: string, side: Side) {
    return {
      side,
      method: 'GET',
      target: target(path, query as Query),
      headers: { Accept: accept },
      options: this.options,
    };
  }
}

/** A part of a list. */
export interface Page<T> {
  readonly data: readonly T[];
  /** Where the next page begins. Absent at the end. */
  readonly nextCursor?: string;
}

/** Returns the entries of all pages, each page read when it is needed. */
export async function* all<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.data;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** Reads the object that an answer has to be. */
export function json(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the answer, which may hold a secret.
    throw new KeyledgerError('unexpected', 'The answer is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KeyledgerError('unexpected', 'The answer has something else where an object is due');
  }
  return value;
}

function parsed<T>(text: string, field: keyof T & string): T {
  return withField(json(text), field);
}

/** Returns an answer as what it is, if it has a field. */
export function withField<T>(answer: unknown, field: keyof T & string): T {
  if ((answer as Record<string, unknown>)[field] === undefined) {
    throw new KeyledgerError('unexpected', `The answer has no ${field}`);
  }
  return answer as T;
}

function target(path: readonly string[], query: Query): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined
      ? []
      : (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
  );
  if (path.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new TypeError('an id must not be empty or a dot segment'); // URLs would leave it out
  }
  const segments = path.map((segment) => '/' + encodeURIComponent(segment)).join('');
  return '/v1' + segments + (parameters.length === 0 ? '' : '?' + parameters.join('&'));
}
