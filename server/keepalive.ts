// Finds the sockets whose other end is gone. Colyseus' own way pings all of them at once, every 3 s: with some thousands that is
// tens of milliseconds in which nothing else happens, in any room. Here they have their turns, spread over the 3 s.
import { WebSocketTransport } from '@colyseus/ws-transport';
import type { WebSocket } from 'ws';

/** The transport sets the count back to 0 at each pong. */
type Pinged = WebSocket & { pingCount?: number };

const TURNS = 60;

export class PacedTransport extends WebSocketTransport {
  #round: Iterator<Pinged> = [].values();
  /** Pings that are due, in parts of one. */
  #due = 0;

  protected override autoTerminateUnresponsiveClients(everyMs: number, unansweredMax: number): void {
    this.pingInterval = setInterval(() => {
      for (this.#due += this.wss.clients.size / TURNS; this.#due >= 1; this.#due--) this.#pingNext(unansweredMax);
    }, everyMs / TURNS);
  }

  #pingNext(unansweredMax: number): void {
    let turn = this.#round.next();
    if (turn.done) turn = (this.#round = this.wss.clients.values()).next();
    if (turn.done) return;
    const socket = turn.value;
    const unanswered = socket.pingCount ?? 0;
    if (unanswered >= unansweredMax) return socket.terminate();
    socket.pingCount = unanswered + 1;
    socket.ping();
  }
}
