/**
 * Object files of earlier builds, by what they were made of. Where a model is built a second time, to be watched say, its kernels
 * are the same text as a rule, and they are nearly all of the compiler's time.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Makes the compiler report the stack of every function; does not change an object file. */
export const STACK_REPORT = '-fstack-usage';
/** File names in C: of #include, and of .incbin within a string. */
const QUOTED = /"([\w./+-]+)\\?"/g;

export class ObjectStore {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Where the object file of this source lies, or will; with the extension left out. */
  place(dir: string, source: string, command: readonly string[]): string {
    const hash = createHash('sha256').update(JSON.stringify(command.filter((word) => word !== STACK_REPORT)));
    for (const path of partsOf(dir, source)) {
      const bytes = readFileSync(join(dir, path));
      hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    }
    return join(this.folder, hash.digest('hex'));
  }

  /** Copies what lies at `place` to `object`; false where it is not there, or not with its report of the stack. */
  take(place: string, object: string, withStack: boolean): boolean {
    if (!existsSync(`${place}.o`) || (withStack && !existsSync(`${place}.su`))) return false;
    copyFileSync(`${place}.o`, object);
    if (withStack) copyFileSync(`${place}.su`, stackFile(object));
    return true;
  }

  keep(place: string, object: string): void {
    copyFileSync(object, `${place}.o`);
    if (existsSync(stackFile(object))) copyFileSync(stackFile(object), `${place}.su`);
  }
}

export function stackFile(object: string): string {
  return object.replace(/\.o$/, '.su');
}

/** The source and all files of the build folder that it names, directly or by others; relative to the folder. */
function partsOf(dir: string, source: string): readonly string[] {
  const parts = new Set([source]);
  for (const path of parts) {
    if (!/\.[ch]$/.test(path)) continue;
    for (const [, name] of readFileSync(join(dir, path), 'utf8').matchAll(QUOTED)) {
      const found = [join(dir, dirname(path), name), join(dir, name)].find((file) => isFile(file));
      if (found !== undefined) parts.add(relative(dir, found));
    }
  }
  return [...parts];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
