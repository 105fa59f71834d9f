import type { IncomingMessage } from 'node:http';

/** Unless a route takes more. */
export const BYTES_MAX = 16 * 1_024;
/** A body this large is not even read to its end. */
const PATIENCE_BYTES = 1_048_576;

/** The whole body, or null for more than `bytesMax`, by what arrives and not by what the headers claim. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= bytesMax) parts.push(part);
      else resolve(null); // the rest is read and dropped, or the sender would not hear the answer
      if (bytes > PATIENCE_BYTES) request.destroy();
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the sender left before the end of the body')));
  });
}
