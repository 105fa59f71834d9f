/** JSON in which every number that a float would bend keeps its own text: a payment of 0.1 is a tenth, exactly. Throws `SyntaxError`. */
export const exactJson = (text: string): unknown =>
  JSON.parse(text, (_name: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined ? context.source : value,
  );
