import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** helmet's headers for answers that are data, worked out once: a hot route has no middleware to set them. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = headersFor({
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
});

/** The same for a page of ours, with what it may load. */
export function headersFor(directives: Record<string, string[]>): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  response.setHeader('Cache-Control', 'no-store');
  helmet({ contentSecurityPolicy: { useDefaults: false, directives } })(request, response, (error) => {
    if (error) throw new Error('the security headers could not be worked out', { cause: error });
  });
  return Object.fromEntries(response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]));
}
