/**
 * Runs the tests on Node's own runner, one process more at a time than there are cores, for a fifth of the time of each is waiting:
 * one for each file, but two for all that need neither a C compiler nor other processes or seconds (no `// needs:` on their first
 * line): loading qcc once for each of those would take longer than they do. `--unit`: only those.
 * Names the tools that are missing, and the command that installs them, before anything runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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
  'c-compiler': ['gcc', 'clang-16', 'make', 'ccache'],
  cmake: ['cmake'],
  xmllint: ['xmllint'],
  browser: ['chromium-headless-shell'],
  cppcheck: ['cppcheck'],
  processes: [],
  seconds: [],
  emulator: ['aarch64-linux-gnu-gcc', 'qemu-aarch64', 'arm-linux-gnueabihf-gcc', 'qemu-arm'],
  firmware: ['arm-none-eabi-gcc', 'qemu-system-arm', 'riscv64-unknown-elf-gcc', 'qemu-system-riscv32'],
};

/** What ccache stands for. */
const compilers = ['gcc', 'clang-16', 'aarch64-linux-gnu-gcc', 'arm-linux-gnueabihf-gcc', 'arm-none-eabi-gcc'];

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

/** Compilers may take a gigabyte each. */
const MOST_CORES = 8;

function run(list: readonly string[]): number {
  const kept = mkdtempSync(join(tmpdir(), 'qcc-kept-'));
  try {
    const small = list.filter((file) => needsOf(file).length === 0);
    const large = list.filter((file) => needsOf(file).length > 0);
    const paths = [...(small.length > 2 ? together(small, kept) : small), ...large];
    const concurrency = `--test-concurrency=${Math.min(availableParallelism(), MOST_CORES) + 1}`;
    const args = ['--import', 'tsx', '--test', concurrency, '--test-reporter=spec', ...paths];
    const env = large.length > 0 ? compilingOnce(kept) : process.env;
    return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

/** Two files in `folder` that import every second one of the list. */
function together(list: readonly string[], folder: string): readonly string[] {
  return [0, 1].map((half) => {
    const imports = list
      .filter((_, i) => i % 2 === half)
      .map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});\n`);
    const path = join(folder, `small-${half + 1}.test.mjs`);
    writeFileSync(path, imports.join(''));
    return path;
  });
}

/**
 * An environment with ccache before the compilers: many files build the same few models. Its objects are this run's alone,
 * in `folder`.
 */
function compilingOnce(folder: string): NodeJS.ProcessEnv {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const ccache = spawnSync('sh', ['-c', 'command -v ccache'], { encoding: 'utf8' }).stdout.trim();
  for (const name of compilers) symlinkSync(ccache, join(programs, name));
  return {
    ...process.env,
    PATH: `${programs}${delimiter}${process.env.PATH ?? ''}`,
    CCACHE_DIR: join(folder, 'objects'),
    CCACHE_CONFIGPATH: join(folder, 'ccache.conf'),
    // Headers of a build are as new as the build.
    CCACHE_SLOPPINESS: 'include_file_ctime,include_file_mtime',
  };
}

process.exit(run(files));
