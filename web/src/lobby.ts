// The house's live list of rooms, shared by every screen that shows it.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { takeSeat, type Seat } from './seat.ts';

export interface Listing {
  roomId: string;
  name: string;
  clients: number;
  maxClients: number;
  metadata?: Record<string, string | number | boolean> | null;
}

/** Null until the first word of the lobby. */
export const listings = signal<Listing[] | null>(null);

let seat: Seat<unknown> | null = null;
let watching = 0;

export function useLobby(): void {
  useEffect(() => {
    watching += 1;
    seat ??= enter();
    return () => {
      watching -= 1;
      setTimeout(closeUnwatched, LINGER_MS);
    };
  }, []);
}

export const roomsOf = (game: string): Listing[] => (listings.value ?? []).filter(({ name }) => name === game);

/** From one screen with the list to the next it stays open. */
const LINGER_MS = 2_000;

function closeUnwatched(): void {
  if (watching > 0 || seat === null) return;
  seat.leave();
  seat = null;
  listings.value = null;
}

function enter(): Seat<unknown> {
  const entered = takeSeat<unknown>({ room: 'lobby', options: {} });
  entered.hear((type, message) => {
    const known = listings.value ?? [];
    if (type === 'rooms') listings.value = message as Listing[];
    if (type === '+') {
      const [roomId, room] = message as [string, Listing];
      listings.value = [...known.filter((listing) => listing.roomId !== roomId), { ...room, roomId }];
    }
    if (type === '-') listings.value = known.filter(({ roomId }) => roomId !== message);
  });
  return entered;
}
