/** A source of chance. Rules receive one; they never make one. */
export interface Random {
  /** Uniform integer in [0, limit). `limit` is a whole number, 1 … 2^32. */
  below(limit: number): number;
}

const WORDS = 2 ** 32;

/**
 * Uniform draws out of 32-bit words: a word at or past the last whole multiple of `limit` is passed over, so that every
 * remainder is equally likely. A draw takes a word even where `limit` is 1.
 */
export function randomOf(nextWord: () => number): Random {
  return {
    below(limit) {
      if (!Number.isInteger(limit) || limit < 1 || limit > WORDS) throw new RangeError(`below(${limit}): 1 … 2^32`);
      const whole = WORDS - (WORDS % limit);
      let word = nextWord();
      while (word >= whole) word = nextWord();
      return word % limit;
    },
  };
}

/** Draws exactly the given numbers, in order, then throws. For tests. */
export function scripted(...draws: number[]): Random {
  let drawn = 0;
  return {
    below(limit) {
      const draw = draws[drawn++];
      if (draw === undefined || draw >= limit) throw new RangeError(`draw ${drawn} is ${draw}, limit ${limit}`);
      return draw;
    },
  };
}
