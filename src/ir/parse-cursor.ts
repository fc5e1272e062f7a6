/** A cursor over one line of textual IR. */
export class ParseError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

const NUMBER = /^-?(?:inf|nan|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/;

export interface Cursor {
  readonly line: number;
  skip(): void;
  atEnd(): boolean;
  take(text: string): void;
  tryTake(text: string): boolean;
  word(text: string): void;
  tryWord(text: string): boolean;
  /** `%3`, `@c0` */
  id(): string;
  /** An op, attribute or word: letters, digits, `-`, `_`. */
  name(): string;
  string(): string;
  atNumber(): boolean;
  numberText(): string;
  toNumber(text: string): number;
  number(): number;
  /** The strings of a trailing `// "a", "b"` comment. */
  comment(): string[];
  /** The next run of non-blank characters. */
  rest(): string;
}

export function cursorOf(text: string, line: number): Cursor {
  let at = 0;
  const fail = (wanted: string): never => {
    throw new ParseError(line, `expected ${wanted} at "${text.slice(at, at + 20)}"`);
  };
  const skip = () => {
    while (text[at] === ' ' || text[at] === '\t') at++;
  };
  const match = (pattern: RegExp): string | undefined => {
    skip();
    const found = pattern.exec(text.slice(at));
    if (found === null) return undefined;
    at += found[0].length;
    return found[0];
  };
  const cursor: Cursor = {
    line,
    skip,
    atEnd: () => {
      skip();
      return at >= text.length || text.startsWith('//', at);
    },
    tryTake: (wanted) => {
      skip();
      if (!text.startsWith(wanted, at)) return false;
      at += wanted.length;
      return true;
    },
    take: (wanted) => {
      if (!cursor.tryTake(wanted)) fail(`"${wanted}"`);
    },
    tryWord: (wanted) => {
      skip();
      if (!text.startsWith(wanted, at) || /[\w-]/.test(text[at + wanted.length] ?? ' ')) return false;
      at += wanted.length;
      return true;
    },
    word: (wanted) => {
      if (!cursor.tryWord(wanted)) fail(`"${wanted}"`);
    },
    id: () => match(/^[%@]\w+/) ?? fail('a value'),
    name: () => match(/^[A-Za-z][\w-]*/) ?? fail('a name'),
    string: () => {
      const found = match(/^"(?:[^"\\]|\\.)*"/) ?? fail('a string');
      const value: unknown = JSON.parse(found);
      return typeof value === 'string' ? value : fail('a string');
    },
    atNumber: () => {
      skip();
      return NUMBER.test(text.slice(at, at + 40)) && !/^(inf|nan)[\w-]/.test(text.slice(at, at + 5));
    },
    numberText: () => match(NUMBER) ?? fail('a number'),
    toNumber: (found) =>
      found.endsWith('inf')
        ? found[0] === '-'
          ? -Infinity
          : Infinity
        : found.endsWith('nan')
          ? Number.NaN
          : Number(found),
    number: () => cursor.toNumber(cursor.numberText()),
    comment: () => {
      if (!cursor.tryTake('//')) return [];
      const strings: string[] = [];
      do {
        if (cursor.atEnd()) break;
        strings.push(cursor.string());
      } while (cursor.tryTake(','));
      return strings;
    },
    rest: () => match(/^\S+/) ?? fail('data'),
  };
  return cursor;
}
