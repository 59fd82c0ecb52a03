import { json, type Calls } from './calls.js';
import { KeyledgerError } from './errors.js';
import { SseParser, type Message } from './sse.js';
import { failureOf, paused, textOf, type Transport } from './transport.js';
import type { FeedEndCode, FeedEvent, FollowFeedQuery } from './types.js';

/** A feed that says nothing for that long is lost. */
export const SILENCE_MAX_MILLIS = 3000;

export const PAUSE_MIN_MILLIS = 50;
export const PAUSE_MAX_MILLIS = 5000;

/** An event of the workspace, and the position token to resume after. */
export interface FeedMessage extends FeedEvent {
  readonly id: string;
}

/** Where and what to follow. */
export interface FeedSettings extends FollowFeedQuery {
  /** The position token to begin after; with the next event if absent. */
  readonly after?: string;
}

/** The events of the workspace, as a node applies them. */
export class Feed {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Returns the events as they come. A feed that is lost is resumed where it ended, for ever: leave the loop, or abort
   * `signal`, to end it. It ends by itself when the workspace is closed, and throws when the caller may not follow it.
   */
  async *events(settings: FeedSettings = {}): AsyncGenerator<FeedMessage, void, undefined> {
    const { after, ...query } = settings;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const { signal } = this.#calls.options;
    signal?.addEventListener('abort', end);
    let lastId = after;
    let pause = PAUSE_MIN_MILLIS;
    try {
      while (signal?.aborted !== true) {
        const connection = await connect(this.#calls.transport, query, lastId, ended.signal);
        if (connection.failure !== undefined && isFinal(connection.failure)) {
          throw connection.failure;
        }
        for await (const { id, event, data } of connection.messages ?? []) {
          if (event === 'end') {
            const { code } = json(data) as { code?: FeedEndCode };
            if (code === 'workspace-closed') {
              return;
            }
            if (code === 'unauthorized' || code === 'forbidden') {
              throw new KeyledgerError(code, 'The credential does not permit to follow the feed any more');
            }
            break;
          }
          pause = PAUSE_MIN_MILLIS;
          lastId = id ?? lastId;
          if (event !== 'heartbeat') {
            yield { ...(json(data) as FeedEvent), id: lastId ?? '' };
          }
        }
        await paused(withJitter(pause), ended.signal);
        pause = Math.min(2 * pause, PAUSE_MAX_MILLIS);
      }
    } finally {
      signal?.removeEventListener('abort', end);
      end();
    }
  }
}

/** What became of connecting to the feed: neither is there if the service did not answer. */
export interface Connection {
  readonly failure?: KeyledgerError;
  /** Ends when the connection is lost, says nothing for too long, or is aborted; then it is closed. */
  readonly messages?: AsyncGenerator<Message, void, undefined>;
}

/** Connects to the feed. */
export async function connect(
  transport: Transport,
  query: FollowFeedQuery,
  lastId: string | undefined,
  signal: AbortSignal,
): Promise<Connection> {
  const line = new Line(signal);
  try {
    const response = await transport.send('queries', '/v1/feed' + typesOf(query), {
      headers: {
        Accept: 'text/event-stream, application/problem+json',
        ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }),
      },
      signal: line.signal,
    });
    if (response.status === 200) {
      return { messages: messagesOf(response, line) };
    }
    const failure = failureOf(response.status, response.headers, await response.text());
    line.end();
    return { failure };
  } catch {
    line.end();
    return {};
  }
}

/** Returns a pause between one and two times as long, so that clients do not come back all at once. */
export function withJitter(millis: number): number {
  return millis * (1 + Math.random());
}

/** Whether trying again is of no use. */
function isFinal(failure: KeyledgerError): boolean {
  return !['unavailable', 'rate-limited', 'unexpected'].includes(failure.kind);
}

function typesOf(query: FollowFeedQuery): string {
  const types = query.type ?? [];
  return types.length === 0 ? '' : '?' + types.map((type) => `type=${encodeURIComponent(type)}`).join('&');
}

async function* messagesOf(response: Response, line: Line): AsyncGenerator<Message, void, undefined> {
  const parser = new SseParser();
  const pieces = textOf(response);
  try {
    for (;;) {
      const piece = await pieces.next().catch(() => undefined);
      if (piece === undefined || piece.done === true) {
        return;
      }
      line.heard();
      yield* parser.read(piece.value);
    }
  } finally {
    line.end();
    await pieces.return().catch(() => undefined);
  }
}

/** Aborts a connection on which nothing is heard for too long. */
class Line {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #abort = (): void => this.#controller.abort();
  #timer: ReturnType<typeof setTimeout>;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(this.#abort, SILENCE_MAX_MILLIS);
    outer.addEventListener('abort', this.#abort);
    if (outer.aborted) {
      this.#abort();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#abort, SILENCE_MAX_MILLIS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#abort);
    this.#abort();
  }
}
