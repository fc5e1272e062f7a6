/** The command line as a user starts it, in an environment of its own: a test measures and interrupts node itself. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { mainFile } from './installation.js';

export { mainFile };

/** A folder that is gone when the tests of this file are over. */
export const scratch = mkdtempSync(join(tmpdir(), 'qcc-cli-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of node itself. */
  readonly node?: readonly string[];
}

/** Environment without the variables that change what qcc does. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CC|AR|CFLAGS|LDFLAGS|NODE_OPTIONS)$/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...more };
}

/** Runs `qcc` to its end. */
export function qcc(args: readonly string[], start: Start = {}): Ended {
  const command = [...(start.node ?? []), mainFile(), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: start.cwd ?? scratch,
    env: environment(start.env),
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { code: status, stdout, stderr };
}

/** Starts `qcc`, calls `meanwhile` with its process id, and waits for its end. */
export async function qccMeanwhile(
  args: readonly string[],
  meanwhile: (pid: number) => Promise<void>,
  start: Start = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [mainFile(), ...args], {
    cwd: start.cwd ?? scratch,
    env: environment(start.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const end = new Promise<number | null>((done) => child.on('close', done));
  if (child.pid !== undefined) await meanwhile(child.pid);
  return { code: await end, stdout, stderr };
}

/** Waits until `isSo`, half a minute at most. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !isSo(); i++) await new Promise((done) => setTimeout(done, 50));
  if (!isSo()) throw new Error('it did not come to pass within 30 seconds');
}

/** Writes a file below the scratch folder and returns its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Paths of the files below a folder, sorted; empty if there is none. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
