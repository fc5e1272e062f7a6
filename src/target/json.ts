/**
 * Reads the hand-written JSON files of `runtime-c` strictly. Invariant: whatever is wrong with such a file is reported
 * with the file's name, the line and the field; nothing unknown is accepted and ignored.
 */
import { error, QccError } from '../diagnostics/diagnostic.js';

/** One JSON object and the text it came from, for messages. */
export class Fields {
  private readonly seen = new Set<string>();

  private constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly path: string,
    private readonly object: ReadonlyMap<string, unknown>,
  ) {}

  /** Throws QccError Q0402 if `text` is not one JSON object. */
  static parse(file: string, text: string): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const position = /position (\d+)/.exec(message);
      const at = position === null ? '' : `:${lineOf(text, Number(position[1]))}`;
      throw invalid(`${file}${at}: not JSON: ${message}`);
    }
    const object = objectOf(value);
    if (object === undefined) throw invalid(`${file}: expected one JSON object, found ${kindOf(value)}`);
    return new Fields(file, text, '', object);
  }

  string(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string' || value === '') throw this.wrong(name, 'a non-empty string', value);
    return value;
  }

  optionalString(name: string): string | undefined {
    return this.value(name) === undefined ? undefined : this.string(name);
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.wrong(name, 'true or false', value);
    return value;
  }

  /** A whole number, at least 1. */
  optionalCount(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
      throw this.wrong(name, 'a whole number of at least 1', value);
    return value;
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T {
    const value = this.value(name);
    const choice = choices.find((c) => c === value);
    if (choice === undefined) throw this.wrong(name, choices.map((c) => `"${c}"`).join(' or '), value);
    return choice;
  }

  /** An array of non-empty strings. */
  strings(name: string): readonly string[] {
    const value = this.value(name);
    if (!Array.isArray(value)) throw this.wrong(name, 'an array of strings', value);
    return value.map((item: unknown, i) => {
      if (typeof item !== 'string' || item === '') throw this.wrong(`${name}[${i}]`, 'a non-empty string', item);
      return item;
    });
  }

  optionalStrings(name: string): readonly string[] | undefined {
    return this.value(name) === undefined ? undefined : this.strings(name);
  }

  optionalObject(name: string): Fields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const object = objectOf(value);
    if (object === undefined) throw this.wrong(name, 'an object', value);
    return new Fields(this.file, this.text, `${this.path}${name}.`, object);
  }

  names(): readonly string[] {
    return [...this.object.keys()];
  }

  /** To be called last: refuses fields nobody asked for. */
  end(): void {
    for (const name of this.object.keys())
      if (!this.seen.has(name)) throw this.problem(name, `unknown field; known here: ${[...this.seen].join(', ')}`);
  }

  /** An error about `name` (`cFlags[1]`), with file, line and field. */
  problem(name: string, message: string): QccError {
    const key = name.replace(/\[.*$/, '');
    const offset = this.text.indexOf(`"${key}"`);
    const at = offset < 0 ? '' : `:${lineOf(this.text, offset)}`;
    return invalid(`${this.file}${at}: field "${this.path}${name}": ${message}`);
  }

  private value(name: string): unknown {
    this.seen.add(name);
    return this.object.get(name);
  }

  private wrong(name: string, expected: string, found: unknown): QccError {
    const what = found === undefined ? 'it is missing' : `found ${kindOf(found)}`;
    return this.problem(name, `expected ${expected}, ${what}`);
  }
}

function invalid(message: string): QccError {
  return new QccError([error('Q0402', message, undefined, 'see runtime-c/README.md for what the file must say')]);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function objectOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map<string, unknown>(Object.entries(value));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value);
}
