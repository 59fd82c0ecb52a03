import type { Context, MiddlewareHandler } from 'hono';
import { Guard, type ApiKey, type GuardOptions } from './guard.js';

export { Keyledger } from './keyledger.js';
export type { ApiKey, GuardOptions } from './guard.js';

/**
 * Returns middleware for Hono that lets requests with a good key pass, with the decision as `c.get('apiKey')`. Others get
 * a 401, 403 or 503 (`application/problem+json`). Hono does not know the address of the client: keys with a list of
 * addresses need the option `ip`.
 */
export function requireApiKey(options: GuardOptions<Context> = {}): MiddlewareHandler<{ Variables: { apiKey: ApiKey } }> {
  const guard = new Guard(options);
  return async (context, next) => {
    const verdict = await guard.judge(context, (name) => context.req.header(name));
    if (verdict.refusal !== undefined) {
      const { status, headers, body } = verdict.refusal;
      return new Response(body, { status, headers });
    }
    context.set('apiKey', verdict.apiKey);
    await next();
    return undefined;
  };
}
