import type { FastifyReply, FastifyRequest } from 'fastify';
import { Guard, type ApiKey, type GuardOptions } from './guard.js';

export { Keyledger } from './keyledger.js';
export type { ApiKey, GuardOptions } from './guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that was accepted; absent without `requireApiKey`. */
    apiKey?: ApiKey;
  }
}

/**
 * Returns an `onRequest` or `preHandler` hook for Fastify that lets requests with a good key pass, with the decision as
 * `request.apiKey`. Others get a 401, 403 or 503 (`application/problem+json`).
 */
export function requireApiKey(options: GuardOptions<FastifyRequest> = {}) {
  const guard = new Guard(options);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const verdict = await guard.judge(request, header, request.ip);
    if (verdict.refusal === undefined) {
      request.apiKey = verdict.apiKey;
      return undefined;
    }
    const { status, headers, body } = verdict.refusal;
    return reply.code(status).headers(headers).send(body);
  };
}
