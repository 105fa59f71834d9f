// The house's news as they come. One stream a player and browser: the tab that holds a lock reads it, and tells the others by
// a channel; where browsers keep locks for secure pages, each tab reads its own. A lost stream is taken up where it broke off.
import { eventReader, type ServerEvent } from './event-stream.ts';
import { accessToken, HOUSE } from './session.ts';
import { codeOf, Refused } from './words.ts';

export interface Listening {
  playerId: string;
  /** The newest number known: what came since is told first. */
  after: () => number;
  /** What the stream says, in this tab or in the one that reads it. */
  heard: (said: ServerEvent) => void;
}

const FIRST_PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;
/** The house gives a sign of life each 15 s. */
const SILENT_MS_MAX = 40_000;
/** A stream that lasted so long was a good one: the next try comes soon. */
const GOOD_MS = 10_000;

/** Gives what ends it. */
export function listen({ playerId, after, heard }: Listening): () => void {
  const over = new AbortController();
  const name = `playhouse.events.${playerId}`;
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
  if (channel !== null) channel.onmessage = ({ data }: MessageEvent<ServerEvent>) => heard(data);
  const reading: Reading = {
    after,
    over: over.signal,
    tell(said) {
      heard(said);
      channel?.postMessage(said);
    },
  };
  const work = () => keepReading(reading);
  const held = 'locks' in navigator ? navigator.locks.request(name, { signal: over.signal }, work) : work();
  held.catch((error: unknown) => over.signal.aborted || codeOf(error));
  return () => {
    over.abort();
    channel?.close();
  };
}

interface Reading {
  after: () => number;
  over: AbortSignal;
  tell: (said: ServerEvent) => void;
}

async function keepReading(reading: Reading): Promise<void> {
  let tries = 0;
  while (!reading.over.aborted) {
    const began = performance.now();
    const why = await readOnce(reading);
    if (reading.over.aborted) return;
    tries = performance.now() - began > GOOD_MS ? 0 : tries + 1;
    // A fourth device ended the stream of this one, which is asleep or unwatched: it comes back when somebody looks at it.
    if (why === 'replaced') await lookedAt(reading.over);
    else await pause(Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2), reading.over);
  }
}

/** Reads one stream to its end. Gives why the house closed it, where it said so. */
async function readOnce({ after, over, tell }: Reading): Promise<string | null> {
  const stop = new AbortController();
  const end = () => stop.abort();
  over.addEventListener('abort', end);
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(end, SILENT_MS_MAX);
  };
  let why: string | null = null;
  try {
    alive();
    const body = await openStream(after(), stop.signal);
    const read = eventReader();
    for await (const text of textOf(body)) {
      alive();
      for (const said of read(text)) {
        if (said.event === 'closed') why = (JSON.parse(said.data) as { why: string }).why;
        else tell(said);
      }
    }
  } catch (error) {
    if (error instanceof Refused || !isConnectionLost(error)) codeOf(error);
  } finally {
    clearTimeout(watchdog);
    over.removeEventListener('abort', end);
  }
  return why;
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** A token that has run out is renewed once. Throws Refused. */
async function openStream(after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const asked = async (token: string) =>
    fetch(`${HOUSE}/api/events`, { headers: { Authorization: `Bearer ${token}`, 'Last-Event-ID': String(after) }, signal });
  const first = await asked(await accessToken());
  const reply = first.status === 401 ? await asked(await accessToken({ renew: true })) : first;
  if (reply.ok && reply.body !== null) return reply.body;
  throw new Refused(reply.status === 401 ? 'unauthenticated' : 'unavailable');
}

/** As browsers say that a connection broke, could not be made, or was given up. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === 'AbortError');

/** Ends early when the network is back. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
    over.addEventListener('abort', done);
  });
}

/** When this tab comes to the front, or a finger or a key is in it. */
function lookedAt(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      if (document.visibilityState !== 'visible' && !over.aborted) return;
      document.removeEventListener('visibilitychange', done);
      removeEventListener('focus', done);
      over.removeEventListener('abort', done);
      resolve();
    };
    document.addEventListener('visibilitychange', done);
    addEventListener('focus', done);
    over.addEventListener('abort', done);
  });
}
