/** Reads files of samples. Invariant: what the system refuses is a diagnostic that names the file. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { saidBySystem } from '../diagnostics/system.js';
import { byNumber } from './source.js';

function refused(path: string, cause: unknown): QccError {
  return new QccError([error('Q0604', `${path} cannot be read: ${saidBySystem(cause)}`)]);
}

export function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw refused(path, cause);
  }
}

/** Bytes `start` to `start + length`, or as many as there are. */
export function readPart(path: string, start: number, length: number): Buffer {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(length);
      let got = 0;
      while (got < length) {
        const n = readSync(file, bytes, got, length - got, start + got);
        if (n === 0) break;
        got += n;
      }
      return bytes.subarray(0, got);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw refused(path, cause);
  }
}

export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (cause) {
    throw refused(path, cause);
  }
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Names in a folder, hidden ones left out, as people number them. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort(byNumber);
  } catch (cause) {
    throw refused(folder, cause);
  }
}

export interface ClassFile {
  readonly path: string;
  readonly label: number | undefined;
}

export interface ClassFolder {
  readonly files: readonly ClassFile[];
  readonly classes: readonly string[] | undefined;
}

/**
 * Files with one of these endings in a folder, or in its subfolders, which are classes then: numbered in their order, or
 * by their own names where all of these are whole numbers.
 */
export function classFiles(folder: string, ending: RegExp): ClassFolder {
  const names = namesIn(folder);
  const direct = names.filter((name) => ending.test(name));
  if (direct.length > 0)
    return { files: direct.map((name) => ({ path: join(folder, name), label: undefined })), classes: undefined };
  const classes = names.filter(
    (name) => isFolder(join(folder, name)) && namesIn(join(folder, name)).some((n) => ending.test(n)),
  );
  const areNumbers = classes.every((name) => /^\d+$/.test(name));
  const files = classes.flatMap((name, i) =>
    namesIn(join(folder, name))
      .filter((n) => ending.test(n))
      .map((n) => ({ path: join(folder, name, n), label: areNumbers ? Number(name) : i })),
  );
  return { files, classes: areNumbers ? undefined : classes };
}
