/**
 * Runs the tests on Node's own runner. `--unit`: only those that need no C compiler (no `// needs:` on their first line).
 * Names the tools that are missing, and the command that installs them, before anything runs.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const isUnit = process.argv.includes('--unit');
const filter = process.argv.slice(2).filter((a) => !a.startsWith('--'));

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'bench' ? [] : testFiles(path);
      return entry.name.endsWith('.test.ts') ? [path] : [];
    })
    .sort();
}

function needsOf(file: string): string[] {
  const first = readFileSync(file, 'utf8').split('\n', 1)[0] ?? '';
  return /^\/\/ needs: (.*)$/.exec(first)?.[1]?.split(/[ ,]+/) ?? [];
}

/** What a need of a test file asks for on this machine. */
const tools: Readonly<Record<string, readonly string[]>> = {
  'c-compiler': ['gcc', 'clang-16', 'make'],
  cmake: ['cmake'],
  emulator: ['aarch64-linux-gnu-gcc', 'qemu-aarch64'],
};

const files = testFiles(join(root, 'test')).filter(
  (file) =>
    (!isUnit || needsOf(file).length === 0) &&
    (filter.length === 0 || filter.some((f) => relative(root, file).includes(f))),
);
const wanted = new Set(files.flatMap(needsOf).flatMap((need) => tools[need] ?? []));
const missing = [...wanted].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
if (missing.length > 0) {
  console.error(`missing: ${missing.join(', ')}. Install what the tests need with: npm run setup`);
  process.exit(1);
}
const result = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exit(result.status ?? 1);
