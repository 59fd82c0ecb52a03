// A service of which the test says what it answers, and what its feed tells.
import { Keyledger } from '@keyledger/client';

export const START = '2027-02-01T12:00:00Z';
export const CREDENTIAL = 'kl_live_credential-of-an-operator';
export const SECRET = 'kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20';
export const KEY_ID = 'key_06dj8v2k3f7wd0r9x5m4n6p8qs';
export const KEY = {
  keyId: KEY_ID,
  name: 'Nightly export',
  workspace: 'default',
  owner: { type: 'service', id: 'billing.export' },
  environment: 'live',
  status: 'active',
  permissions: ['read:invoices'],
  version: 1,
};

/** Returns the service's time, some milliseconds after the start. */
export function after(millis) {
  return new Date(Date.parse(START) + millis).toISOString();
}

/** A connection that is lost; never opened, if it has such a code. */
export class Lost {
  constructor(code) {
    this.code = code;
  }
}

export function answer(body, { status = 200, type = 'application/json', headers = {} } = {}) {
  return { status, body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'Content-Type': type, ...headers } };
}

export function problem(status, code, headers = {}) {
  const body = { type: `/problems/${code}`, title: 'T', status, detail: 'D', code, requestId: 'req_1', errors: [{ field: 'f', message: 'm' }] };
  return answer(body, { status, type: 'application/problem+json', headers });
}

export class Service {
  requests = [];
  feeds = [];
  answers = () => problem(404, 'not-found');
  feedAnswers = () => undefined;
  isDown = false;

  fetch = async (url, { method = 'GET', headers, body, signal }) => {
    const { pathname, search } = new URL(url);
    const request = { method, target: pathname + search, headers: new Headers(headers), body: body === undefined ? undefined : JSON.parse(body), signal };
    signal?.throwIfAborted();
    if (this.isDown) {
      throw lost('ECONNREFUSED');
    }
    if (pathname === '/v1/feed') {
      return this.#feed(request);
    }
    this.requests.push(request);
    const given = await Promise.race([
      this.answers(request),
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    ]);
    if (given instanceof Lost) {
      throw lost(given.code);
    }
    return new Response(given.body, given);
  };

  client(settings = {}) {
    return new Keyledger({ url: 'http://keyledger.test', key: CREDENTIAL, fetch: this.fetch, ...settings });
  }

  /** The only request so far. */
  get request() {
    if (this.requests.length !== 1) {
      throw new Error(`there were ${this.requests.length} requests`);
    }
    return this.requests[0];
  }

  #feed(request) {
    const refused = this.feedAnswers(request);
    if (refused !== undefined) {
      return new Response(refused.body, refused);
    }
    const feed = new Feed(request);
    this.feeds.push(feed);
    return new Response(feed.stream, { headers: { 'Content-Type': 'text/event-stream' } });
  }
}

function lost(code) {
  const cause = Object.assign(new Error('connect'), { code });
  return new TypeError('fetch failed', { cause });
}

/** One client of the feed. */
export class Feed {
  #controller;
  #encoder = new TextEncoder();

  constructor(request) {
    this.request = request;
    this.stream = new ReadableStream({ start: (controller) => (this.#controller = controller) });
    request.signal.addEventListener('abort', () => this.cut());
  }

  heartbeat(position, asOf) {
    this.#send(position, 'heartbeat', { position, asOf });
  }

  event(position, type, keyId) {
    this.#send(position, type, { position, time: START, type, keyId });
  }

  end(code) {
    this.#write(`event: end\ndata: ${JSON.stringify({ code })}\n\n`);
  }

  cut() {
    try {
      this.#controller.error(new TypeError('terminated'));
    } catch {
      // it was cut before
    }
  }

  #send(position, event, data) {
    this.#write(`id: token-${position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text) {
    this.#controller.enqueue(this.#encoder.encode(text));
  }
}

/** Waits until a condition holds. */
export async function until(condition) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) {
      throw new Error(`still not: ${condition}`);
    }
    await new Promise((done) => setImmediate(done));
  }
}
