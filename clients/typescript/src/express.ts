import { Guard, type ApiKey, type GuardOptions } from './guard.js';

export { Keyledger } from './keyledger.js';
export type { ApiKey, GuardOptions } from './guard.js';

declare global {
  namespace Express {
    interface Request {
      /** The key that was accepted; absent without `requireApiKey`. */
      apiKey?: ApiKey;
    }
  }
}

/** What is used of a request of Express, or of `node:http`. */
export interface ExpressRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip?: string | undefined;
  readonly socket?: { readonly remoteAddress?: string | undefined };
  apiKey?: ApiKey;
}

/** What is used of a response. */
export interface ExpressResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Returns middleware for Express that lets requests with a good key pass, with the decision as `req.apiKey`. Others get a
 * 401, 403 or 503 (`application/problem+json`).
 */
export function requireApiKey<R extends ExpressRequest = ExpressRequest>(options: GuardOptions<R> = {}) {
  const guard = new Guard(options);
  return async (request: R, response: ExpressResponse, next: (error?: unknown) => void): Promise<void> => {
    let verdict;
    try {
      const header = (name: string): string | undefined => {
        const value = request.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      verdict = await guard.judge(request, header, request.ip ?? request.socket?.remoteAddress);
    } catch (failed) {
      next(failed);
      return;
    }
    if (verdict.refusal === undefined) {
      request.apiKey = verdict.apiKey;
      next();
      return;
    }
    const { status, headers, body } = verdict.refusal;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, value);
    }
    response.end(body);
  };
}
