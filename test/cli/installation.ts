/**
 * The compiler's sources as JavaScript, in a folder that looks like an installation, so that tests start node itself and no loader.
 * Seven hundred files are most of a start of a second, so they are joined, each command's in a piece of its own: tests start qcc some
 * hundred times. `test/package` has the files as users get them. Made once for all test files: which sources it holds is in its name.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, version } from 'esbuild';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, 'node_modules/.cache/qcc-installed');
const linked = ['runtime-c', 'templates', 'cmake', 'node_modules', 'package.json'];

let main: string | undefined;

/** Path of the command line's main file, in plain JavaScript. */
export function mainFile(): string {
  main ??= join(installation(), 'dist/main.js');
  return main;
}

function digest(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 20);
}

function installation(): string {
  const names = ['src', 'passes'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(top, name))
      .sort(),
  );
  const texts = names.map((name) => readFileSync(join(root, name), 'utf8'));
  // Worktrees may share node_modules: the links lead into this one.
  const owner = digest(root);
  const folder = join(cache, `${owner}-${digest(version, ...names, ...texts)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'tmp-'));
  buildSync({
    entryPoints: ['main', 'ort-start'].map((name) => join(root, 'src/cli', `${name}.ts`)),
    outdir: join(made, 'dist'),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    logLevel: 'warning',
  });
  for (const name of linked) symlinkSync(join(root, name), join(made, name));
  try {
    renameSync(made, folder);
  } catch (cause) {
    // Another test file was faster.
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw cause;
  }
  for (const name of readdirSync(cache))
    if (name.startsWith(`${owner}-`) && join(cache, name) !== folder)
      rmSync(join(cache, name), { recursive: true, force: true });
  return folder;
}
