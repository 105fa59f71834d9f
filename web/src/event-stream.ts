// Server-Sent Events over fetch, since EventSource can say no Authorization header: WHATWG HTML, 9.2.

export interface ServerEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Takes text as it comes, cut anywhere, and gives the events that are complete. */
export function eventReader(): (text: string) => ServerEvent[] {
  let rest = '';
  let lines: string[] = [];
  return (text) => {
    rest += text;
    const events: ServerEvent[] = [];
    for (let at = BREAK.exec(rest); at !== null; at = BREAK.exec(rest)) {
      const line = rest.slice(0, at.index);
      rest = rest.slice(at.index + at[0].length);
      if (line !== '') lines.push(line);
      else {
        const event = eventIn(lines);
        if (event !== null) events.push(event);
        lines = [];
      }
    }
    return events;
  };
}

/** A carriage return at the very end may be the first half of a break. */
const BREAK = /\r\n|\n|\r(?!$)/;

function eventIn(lines: readonly string[]): ServerEvent | null {
  const found: { id: string | null; event: string; data: string[] } = { id: null, event: 'message', data: [] };
  for (const line of lines) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'id') found.id = value;
    else if (field === 'event') found.event = value;
    else if (field === 'data') found.data.push(value);
  }
  return found.data.length === 0 ? null : { ...found, data: found.data.join('\n') };
}
