/** What the compiler reads from its own installation: runtime-c, templates, kernel lists, version. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernel } from './program/program.js';
import { readKernels } from './target/kernels.js';
import { version } from './version.js';

export interface Assets {
  readonly version: string;
  /** Texts of runtime-c by path below it. */
  readonly runtime: ReadonlyMap<string, string>;
  /** Texts of templates by path below it. */
  readonly templates: ReadonlyMap<string, string>;
  /** Kernels by ISA. */
  readonly kernels: ReadonlyMap<string, readonly Kernel[]>;
}

/** The folder that holds package.json, from `src/` as well as from `dist/src/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'runtime-c', 'target'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('this installation of qcc has no runtime-c folder');
    folder = parent;
  }
  return folder;
}

/** Reads everything below runtime-c and templates; a few hundred kilobytes of text. */
export function loadAssets(root: string = packageRoot()): Assets {
  const runtime = textsBelow(join(root, 'runtime-c'));
  const kernels = new Map<string, readonly Kernel[]>();
  for (const [path, text] of runtime) {
    const isa = /^isa\/([^/]+)\/kernels\.def$/.exec(path)?.[1];
    if (isa !== undefined) kernels.set(isa, readKernels(isa, path, text));
  }
  return { version: version(), runtime, templates: textsBelow(join(root, 'templates')), kernels };
}

function textsBelow(folder: string): Map<string, string> {
  const texts = new Map<string, string>();
  const visit = (at: string, prefix: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) visit(join(at, entry.name), `${prefix}${entry.name}/`);
      else if (entry.isFile()) texts.set(`${prefix}${entry.name}`, readFileSync(join(at, entry.name), 'utf8'));
    }
  };
  visit(folder, '');
  return texts;
}
