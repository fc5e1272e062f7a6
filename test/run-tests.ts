/**
 * Runs the tests on Node's own runner, a process for each file. `--unit`: only those that need neither a C compiler nor
 * other processes or seconds (no `// needs:` on their first line), in two processes of many files each: loading the compiler once
 * for each file would take longer than the tests.
 * Names the tools that are missing, and the command that installs them, before anything runs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
process.exit(isUnit ? await runTogether(files) : runEach(files));

function runEach(list: readonly string[]): number {
  const args = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec', ...list];
  const kept = mkdtempSync(join(tmpdir(), 'qcc-kept-'));
  try {
    return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: compilingOnce(kept) }).status ?? 1;
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
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

/** Every second file in each of two processes; what they print comes one after the other. */
async function runTogether(list: readonly string[]): Promise<number> {
  const halves = [0, 1].map((half) => list.filter((_, i) => i % 2 === half)).filter((part) => part.length > 0);
  const ended = await Promise.all(halves.map(runInOneProcess));
  for (const { output } of ended) process.stdout.write(output);
  return ended.every(({ status }) => status === 0) ? 0 : 1;
}

function runInOneProcess(list: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
  const imports = list.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});`).join('');
  const args = ['--import', 'tsx', '--test-reporter=spec', '--input-type=module', '--eval', imports];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((done) => child.on('close', (status) => done({ status: status ?? 1, output })));
}
