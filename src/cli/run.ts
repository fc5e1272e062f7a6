/** `qcc run`: builds a model if needed and runs it, natively or in the target's emulator. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { currentHost } from '../target/host.js';
import type { Target } from '../target/target.js';
import { runProgram } from '../toolchain/run.js';
import { executableOf, writeBuild } from './build-folder.js';
import { chooseTarget, compileFile, type ModelOptions, terminal } from './session.js';

export interface RunOptions extends ModelOptions {
  readonly model: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly cc: string | undefined;
  readonly json: boolean;
}

export async function runCommand(options: RunOptions): Promise<number> {
  const args = [
    ...options.input.flatMap((i) => ['--input', i]),
    ...options.output.flatMap((o) => ['--output', o]),
    ...(options.json ? ['--json'] : []),
  ];
  if (existsSync(options.model) && statSync(options.model).isDirectory()) {
    const { exe, target } = await builtFolder(options.model);
    return start(exe, args, target);
  }
  const session = await compileFile(options.model, options);
  const dir = mkdtempSync(join(tmpdir(), 'qcc-run-'));
  try {
    const built = await writeBuild(session, dir, ['exe'], options.cc);
    return await start(executableOf(built), args, session.target);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The executable of a build folder, and what it was built for. */
async function builtFolder(dir: string): Promise<{ exe: string; target: Target }> {
  const path = join(dir, 'manifest.json');
  const manifest: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  const isOurs = typeof manifest === 'object' && manifest !== null && 'target' in manifest && 'name' in manifest;
  if (!isOurs || typeof manifest.target !== 'string' || typeof manifest.name !== 'string')
    throw new QccError([
      error('Q0603', `${dir} holds no manifest.json of qcc`, undefined, 'make one: qcc build model.onnx -o DIR'),
    ]);
  const exe = join(dir, manifest.name);
  if (!existsSync(exe))
    throw new QccError([error('Q0604', `${exe} does not exist`, undefined, 'build it: qcc build with --emit exe')]);
  return { exe, target: await chooseTarget(manifest.target) };
}

async function start(exe: string, args: readonly string[], target: Target): Promise<number> {
  const result = await runProgram(exe, args, target, { env: process.env, host: currentHost() });
  if (result.stdout !== '') terminal.out(result.stdout);
  if (result.stderr !== '') terminal.say(result.stderr);
  return result.exitCode;
}
