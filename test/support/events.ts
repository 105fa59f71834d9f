// A client of Server-Sent Events that keeps what it hears, over fetch as the page does it.
export interface Heard {
  /** null: none was said. */
  id: number | null;
  event: string;
  data: Record<string, any>;
}

export interface Listening {
  status: number;
  headers: Headers;
  heard: Heard[];
  /** Signs of life so far. */
  beats: () => number;
  /** Resolves when the server has ended it: true, and false when it was cut. */
  ended: Promise<boolean>;
  /** The last id heard, for the next time. */
  last: () => number | null;
  close: () => void;
}

export interface Hearing {
  token: string;
  lastEventId?: number | string | null;
  headers?: Record<string, string>;
  query?: string;
}

export async function hear(url: string, { token, lastEventId = null, headers = {}, query = '' }: Hearing): Promise<Listening> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/events${query}`, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId !== null && { 'last-event-id': String(lastEventId) }),
      ...headers,
    },
    signal: leaving.signal,
  });
  const heard: Heard[] = [];
  let beats = 0;
  const take = (block: string) => {
    if (block === ':') return void beats++;
    const event = eventIn(block);
    if (event) heard.push(event);
  };
  return {
    status: response.status,
    headers: response.headers,
    heard,
    beats: () => beats,
    ended: response.ok ? readBlocks(response, take) : response.text().then(() => true),
    last: () => heard.findLast(({ id }) => id !== null)?.id ?? null,
    close: () => leaving.abort(),
  };
}

async function readBlocks(response: Response, take: (block: string) => void): Promise<boolean> {
  let rest = '';
  const text = new TextDecoder();
  try {
    for await (const part of response.body!) {
      const blocks = (rest + text.decode(part, { stream: true })).split('\n\n');
      rest = blocks.pop()!;
      blocks.forEach(take);
    }
    return true;
  } catch {
    return false;
  }
}

function eventIn(block: string): Heard | null {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  if (event === undefined || data === undefined) return null;
  return { id: id === undefined ? null : Number(id), event, data: JSON.parse(data) };
}
