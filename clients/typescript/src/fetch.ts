import { Guard, type ApiKey, type GuardOptions } from './guard.js';

export { Keyledger } from './keyledger.js';
export type { ApiKey, GuardOptions } from './guard.js';

/** The first argument of a handler: the request, as in Next and workers, or an object that has it, as in Remix. */
export type RequestArgument = Request | { readonly request: Request };

/**
 * Returns a wrapper for handlers that take a `Request` and return a `Response`. It lets requests with a good key pass,
 * with the decision as the first argument of the handler. Others get a 401, 403 or 503 (`application/problem+json`). The
 * address of the client is not known here: keys with a list of addresses need the option `ip`.
 */
export function requireApiKey(options: GuardOptions<Request> = {}) {
  // Next loads handlers while it builds, where there are no variables yet.
  let guard = options.keyledger === undefined ? undefined : new Guard(options);
  return <A extends readonly [RequestArgument, ...unknown[]], T>(
      handler: (apiKey: ApiKey, ...rest: A) => T | Promise<T>,
    ): ((...rest: A) => Promise<T | Response>) =>
    async (...rest) => {
      const first: RequestArgument = rest[0];
      const request = 'request' in first ? first.request : first;
      const verdict = await (guard ??= new Guard(options)).judge(request, (name) => request.headers.get(name) ?? undefined);
      if (verdict.refusal !== undefined) {
        const { status, headers, body } = verdict.refusal;
        return new Response(body, { status, headers });
      }
      return await handler(verdict.apiKey, ...rest);
    };
}
