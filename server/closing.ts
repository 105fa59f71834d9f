import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../http/route.ts';

/** While the server closes: not ready for more, and nobody new sits down. True: answered. */
export function refuseClosing(request: IncomingMessage, response: ServerResponse): boolean {
  const path = (request.url ?? '').split('?')[0]!;
  if (!NOT_ANY_MORE.test(path)) return false;
  response.setHeader('Retry-After', '30');
  refuse(response, 'unavailable');
  return true;
}

const NOT_ANY_MORE = /^\/(health\/ready|api\/games\/join|api\/battles\/[^/]+\/join)\/?$/;
