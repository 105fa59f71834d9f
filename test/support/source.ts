// Just enough reading of TypeScript for the house's own rules: what a file imports, and how long its functions are.

export interface Import {
  typeOnly: boolean;
  target: string;
}

export function importsOf(source: string): Import[] {
  const stated = [...source.matchAll(/^(?:import|export)( type)?\b[^;]*?from '([^']+)'/gm)];
  const bare = [...source.matchAll(/^import() '([^']+)'/gm)];
  const late = [...source.matchAll(/\bimport\(()'([^']+)'\)/g)];
  return [...stated, ...bare, ...late].map(([, type, target]) => ({ typeOnly: type === ' type', target: target! }));
}

/** The source with the insides of strings, templates, comments and regular expressions blanked; lines stay where they are. */
export function codeOf(source: string): string {
  let code = '';
  let at = 0;
  const depths: number[] = [];
  const blank = (to: number) => {
    code += source.slice(at, to).replace(/[^\n]/g, ' ');
    at = to;
  };
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const one = source[at]!;
    if (two === '//') blank(endOr(source, '\n', at));
    else if (two === '/*') blank(endOr(source, '*/', at) + 2);
    else if (one === "'" || one === '"') blank(closing(source, at, one) ?? at + 1);
    else if (one === '`' || (one === '}' && depths.at(-1) === 0)) {
      if (one === '}') depths.pop();
      const { end, opens } = templatePart(source, at);
      blank(end);
      if (opens) depths.push(0);
    } else if (one === '/' && startsRegExp(code)) blank(regExpEnd(source, at) ?? at + 1);
    else {
      if (depths.length > 0 && one === '{') depths[depths.length - 1]!++;
      if (depths.length > 0 && one === '}') depths[depths.length - 1]!--;
      code += one;
      at++;
    }
  }
  return code;
}

export interface Length {
  /** 1-based. */
  line: number;
  /** Lines of its own: those of functions written inside it count for them. */
  lines: number;
}

/** Every function with a block, by a brace scan. */
export function functionLengths(source: string): Length[] {
  const code = codeOf(source);
  const open: { line: number; isFunction: boolean; inner: number }[] = [];
  const lengths: Length[] = [];
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '\n') line++;
    if (code[at] === '{') open.push({ line, isFunction: opensFunction(code.slice(Math.max(0, at - 400), at)), inner: 0 });
    if (code[at] !== '}') continue;
    const block = open.pop();
    if (block === undefined) throw new Error(`braces do not match at line ${line}`);
    const whole = line - block.line + 1;
    if (block.isFunction) lengths.push({ line: block.line, lines: whole - block.inner });
    const around = open.at(-1);
    if (around) around.inner += block.isFunction ? whole : block.inner;
  }
  if (open.length > 0) throw new Error('braces do not match at the end');
  return lengths;
}

const KEYWORD = /\b(if|for|while|switch|catch|with)\s*(await\s*)?$/;

/** `before` ends where a `{` begins: an arrow, or a closed parameter list (and perhaps a return type) that no keyword owns. */
function opensFunction(before: string): boolean {
  if (/=>\s*$/.test(before)) return true;
  const list = /\)(\s*:\s*[^;{}=]+)?\s*$/.exec(before);
  if (list === null) return false;
  let depth = 0;
  for (let at = list.index; at >= 0; at--) {
    if (before[at] === ')') depth++;
    if (before[at] === '(' && --depth === 0) return !KEYWORD.test(before.slice(0, at));
  }
  return true;
}

function endOr(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found;
}

/** null: not a string after all, but an apostrophe in the text of a page. */
function closing(source: string, from: number, quote: string): number | null {
  for (let at = from + 1; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === quote) return at + 1;
  }
  return null;
}

function templatePart(source: string, from: number): { end: number; opens: boolean } {
  let at = from + 1;
  while (at < source.length) {
    if (source[at] === '`') return { end: at + 1, opens: false };
    if (source[at] === '$' && source[at + 1] === '{') return { end: at + 2, opens: true };
    at += source[at] === '\\' ? 2 : 1;
  }
  return { end: at, opens: false };
}

const startsRegExp = (before: string): boolean => /(^|[(,=:[!&|?{};+\n]|=>|\breturn)\s*$/.test(before.slice(-40));

/** null: not a regular expression, but the end of a tag. */
function regExpEnd(source: string, from: number): number | null {
  let inClass = false;
  for (let at = from + 1; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    else if (source[at] === '/' && !inClass) return at + 1;
  }
  return null;
}
