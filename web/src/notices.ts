// What the player was told: the newest of it, how much is unread, and what comes while the page is open.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from './api.ts';
import type { ServerEvent } from './event-stream.ts';
import { refreshMe } from './me.ts';
import { joined, type Notice, type NoticePage, readUpTo, withNext } from './notices-page.ts';
import { listen } from './notices-stream.ts';
import { codeOf } from './words.ts';

/** The newest, newest first; null: not read yet. */
export const inbox = signal<NoticePage | null>(null);
/** Why it could not be read at last. */
export const inboxRefusal = signal<string | null>(null);
/** Those that came while the page was looked at, oldest first, until they are dismissed. */
export const news = signal<Notice[]>([]);

const PAGE = 20;
const NEWS_MAX = 3;
/** What is older when it comes is for the inbox alone: this device was away. */
const NEWS_MS_MAX = 60_000;

const readNotices = (cursor: string | null): Promise<NoticePage> =>
  ask<NoticePage>(`/api/notifications?limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`);

export async function loadInbox(): Promise<void> {
  try {
    inbox.value = joined(await readNotices(null), inbox.value);
    inboxRefusal.value = null;
  } catch (error) {
    inboxRefusal.value = codeOf(error);
    throw error;
  }
}

export async function loadOlder(): Promise<void> {
  const cursor = inbox.value?.nextCursor ?? null;
  if (cursor === null) return;
  const { items, nextCursor } = await readNotices(cursor);
  const known = inbox.value;
  if (known?.nextCursor === cursor) inbox.value = { ...known, items: [...known.items, ...items], nextCursor };
}

/** All that is known by now. */
export async function markRead(): Promise<void> {
  const upTo = inbox.value?.last ?? 0;
  if (upTo === 0) return;
  const { unread } = await ask<{ unread: number }>('/api/notifications/read', { body: { upTo } });
  noteRead(upTo, unread);
  channel?.postMessage({ upTo, unread });
}

export const dismiss = (no: number): void => void (news.value = news.value.filter((notice) => notice.no !== no));

/** Does `told` for each notice of these kinds that comes while the part is drawn. */
export function useNews(kinds: readonly string[], told: (notice: Notice) => void): void {
  const latest = useRef(told);
  latest.current = told;
  useEffect(() => {
    const hear = (notice: Notice) => void (kinds.includes(notice.kind) && latest.current(notice));
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, []);
}

const listeners = new Set<(notice: Notice) => void>();
let channel: BroadcastChannel | null = null;

/** From the first read on, for as long as this player is here. Gives what ends it. */
export function followNotices(playerId: string): () => void {
  let stop: (() => void) | null = null;
  let ended = false;
  inbox.value = null;
  news.value = [];
  channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(`playhouse.read.${playerId}`) : null;
  if (channel !== null)
    channel.onmessage = ({ data: { upTo, unread } }: MessageEvent<{ upTo: number; unread: number }>) => noteRead(upTo, unread);
  const begin = () =>
    loadInbox().then(
      () => {
        if (!ended) stop ??= listen({ playerId, after: () => inbox.value?.last ?? 0, heard: take });
      },
      () => !ended && setTimeout(begin, AGAIN_MS),
    );
  void begin();
  const unhide = onReturn(() => loadInbox().catch(() => undefined));
  return () => {
    ended = true;
    stop?.();
    unhide();
    channel?.close();
    channel = null;
  };
}

const AGAIN_MS = 5_000;
/** A tab that slept may have missed what the others heard. */
const AWAY_MS = 30_000;

function onReturn(back: () => void): () => void {
  let since = Date.now();
  const change = () => {
    if (document.visibilityState === 'hidden') since = Date.now();
    else if (Date.now() - since > AWAY_MS) back();
  };
  document.addEventListener('visibilitychange', change);
  return () => document.removeEventListener('visibilitychange', change);
}

function take({ id, event, data }: ServerEvent): void {
  if (event === 'reset') return void loadInbox().catch(() => undefined);
  const known = inbox.value;
  // Those without a number are not news: where the stream begins, or the state of a table.
  if (known === null || id === null || event === 'ready') return;
  const notice: Notice = { ...(JSON.parse(data) as Omit<Notice, 'readAt'>), readAt: null };
  if (notice.no <= known.last) return;
  inbox.value = withNext(known, notice);
  for (const hear of listeners) hear(notice);
  if (MOVING.has(notice.kind)) refreshSoon();
  const fresh = Date.now() - new Date(notice.at).getTime() < NEWS_MS_MAX;
  if (fresh && document.visibilityState === 'visible') news.value = [...news.value, notice].slice(-NEWS_MAX);
}

/** Those that come with something for the purse or the level. */
const MOVING = new Set([
  'level_up',
  'achievement_unlocked',
  'board_reward',
  'payment_changed',
  'mining_reward',
  'mining_taken_back',
  'submission_reviewed',
  'season_rank',
  'verification_complete',
]);

let soon: ReturnType<typeof setTimeout> | undefined;

/** Several that come together are one look. */
function refreshSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(refreshMe, 300);
}

function noteRead(upTo: number, unread: number): void {
  if (inbox.value !== null) inbox.value = readUpTo(inbox.value, { upTo, unread });
}
