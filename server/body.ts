import type { IncomingMessage } from 'node:http';

/** The whole body, or null once more than `bytesMax` have come: counted as they arrive, whatever the headers claim. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= bytesMax) return void parts.push(part);
      request.removeAllListeners('data');
      request.pause();
      resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the sender left before the end of the body')));
  });
}

/** Larger by its own account than any endpoint takes: refused unread. */
export const claimsMoreThan = (request: IncomingMessage, bytesMax: number): boolean =>
  Number(request.headers['content-length'] ?? 0) > bytesMax;
