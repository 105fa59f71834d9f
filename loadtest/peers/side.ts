// The server's half of a benchmark: tells the generator where it listens, and stands still while the other sides are measured.

export interface SideTold {
  port: number;
  /** Players with their access tokens, where the side asks for them. */
  crowd: { playerId: string; token: string }[];
}

/** `pause` and `resume` are asked in turn; each is over when it returns. */
export function serveSide(told: SideTold, { pause, resume }: { pause: () => void; resume: () => void }): void {
  process.on('message', (asked: unknown) => {
    if (asked !== 'pause' && asked !== 'resume') return;
    if (asked === 'pause') pause();
    else resume();
    process.send?.({ done: asked });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(told);
}
