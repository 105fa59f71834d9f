// The open event streams of this process: how many there may be, that they show signs of life and end with their session.
import { refuseUnless } from '../rules/refusal.ts';
import { limitKey } from './address.ts';
import type { NoticeStream, StreamEnd } from './house.ts';

export interface StreamLimits {
  /** One more ends the oldest: the device it was on may have lost its network without a word. */
  aPlayer: number;
  anAddress: number;
  inAll: number;
}

export class Streams {
  readonly #limits: StreamLimits;
  /** Oldest first. */
  readonly #byPlayer = new Map<string, NoticeStream[]>();
  readonly #byAddress = new Map<string, number>();
  #size = 0;
  #closed = false;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  of(playerId: string): readonly NoticeStream[] {
    return this.#byPlayer.get(playerId) ?? [];
  }

  /** Refuses `unavailable` while too many are open. Returns the way to take it out. */
  add(stream: NoticeStream): () => void {
    const { playerId } = stream.visitor;
    const address = limitKey(stream.address);
    const { aPlayer, anAddress, inAll } = this.#limits;
    const others = this.of(playerId);
    const free = this.#size < inAll && (this.#byAddress.get(address) ?? 0) < anAddress;
    refuseUnless(!this.#closed && (free || others.length >= aPlayer), 'unavailable');
    for (const oldest of others.slice(0, Math.max(0, others.length + 1 - aPlayer))) this.#end(oldest, 'replaced');
    this.#byPlayer.set(playerId, [...this.of(playerId), stream]);
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    this.#size++;
    return () => this.#remove(stream);
  }

  beat(): void {
    for (const stream of this.#all()) stream.beat();
  }

  sessionIds(): string[] {
    return [...new Set(this.#all().map(({ visitor }) => visitor.sessionId))];
  }

  dismiss(isMeant: (stream: NoticeStream) => boolean): void {
    for (const stream of this.#all()) if (isMeant(stream)) this.#end(stream, 'session_ended');
  }

  close(): void {
    this.#closed = true;
    for (const stream of this.#all()) this.#end(stream, 'server_closing');
  }

  #all(): NoticeStream[] {
    return [...this.#byPlayer.values()].flat();
  }

  #end(stream: NoticeStream, why: StreamEnd): void {
    this.#remove(stream);
    stream.end(why);
  }

  #remove(stream: NoticeStream): void {
    const { playerId } = stream.visitor;
    const open = this.of(playerId);
    if (!open.includes(stream)) return;
    const left = open.filter((one) => one !== stream);
    if (left.length > 0) this.#byPlayer.set(playerId, left);
    else this.#byPlayer.delete(playerId);
    const address = limitKey(stream.address);
    const near = (this.#byAddress.get(address) ?? 1) - 1;
    if (near > 0) this.#byAddress.set(address, near);
    else this.#byAddress.delete(address);
    this.#size--;
  }
}
