/**
 * Builds and runs the check program of one instruction set: every line of its kernels.def against plain C.
 * Invariant: an ISA that cannot be checked here is an error that says what is missing, never a silent pass.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAssets } from '../../src/assets.js';
import { kernelFile } from '../../src/emit/bundle.js';
import { firmwareFiles, firmwareSources, isBareMetal } from '../../src/target/firmware.js';
import { currentHost, runsNatively } from '../../src/target/host.js';
import { loadTargets, runtimeRoot } from '../../src/target/load.js';
import type { Target } from '../../src/target/target.js';
import { compileProgram } from '../../src/toolchain/compile.js';
import { findCompiler } from '../../src/toolchain/detect.js';
import { type RunResult, runProgram } from '../../src/toolchain/run.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const host = currentHost();
const env = { PATH: process.env.PATH };

export interface CheckedIsa {
  readonly isa: string;
  /** A target whose best ISA this is. */
  readonly target: Target;
  /** Header paths below runtime-c, plain C's first. */
  readonly headers: readonly string[];
  /** Families that have cases, `check_<family>.h`. */
  readonly families: readonly string[];
  /** Families of plain C that have none yet; every fast kernel has. */
  readonly unchecked: readonly string[];
  /** Where its intrinsics are emulated (`emulated/<isa>/immintrin.h`): the target of what it extends. */
  readonly emulated: Target | undefined;
}

/** Every ISA that has a kernels.def. Throws if a fast kernel's family has no cases. */
export function checkedIsas(): readonly CheckedIsa[] {
  const { kernels, runtime } = loadAssets();
  const targets = [...loadTargets().targets.values()];
  const filled = [...kernels].filter(([, list]) => list.length > 0);
  return filled.map(([isa, list]) => {
    const fitting = targets.filter((t) => t.isas[0].name === isa);
    const target = fitting.find((t) => runsNatively(t, host)) ?? fitting.at(0);
    if (target === undefined)
      throw new Error(`no target has ${isa} as its first ISA: add runtime-c/target/<name>.json`);
    const all = [...new Set(list.map((k) => k.family))];
    const unchecked = all.filter((f) => !existsSync(join(here, `check_${f}.h`)));
    if (unchecked.length > 0 && target.isas.length > 1)
      throw new Error(
        `${isa} has kernels of families without cases: write ${unchecked.map((f) => `test/kernels/check_${f}.h`).join(', ')} (runtime-c/README.md, "Adding")`,
      );
    const families = all.filter((f) => !unchecked.includes(f));
    const used = [...kernels.values()].flat().filter((k) => families.includes(k.family));
    const headers = [...target.isas]
      .reverse()
      .flatMap(({ name }) => used.filter((k) => k.isa === name).map((k) => kernelFile(runtime, k)));
    const emulated = existsSync(emulationOf(isa))
      ? targets.find((t) => t.isas[0].name === target.isas[1].name)
      : undefined;
    return { isa, target, headers: [...new Set(headers)], families, unchecked, emulated };
  });
}

function emulationOf(isa: string): string {
  return join(here, 'emulated', isa);
}

/** The list as the preprocessor reads it, without the lines of families that have no cases. */
function kernelList(checked: CheckedIsa): string {
  const text = loadAssets().runtime.get(`isa/${checked.isa}/kernels.def`) ?? '';
  return text
    .split('\n')
    .filter((line) => !checked.unchecked.some((f) => line.startsWith(`QCC_KERNEL(${f},`)))
    .join('\n');
}

function unitText(checked: CheckedIsa): string {
  const includes = [...checked.headers, ...checked.families.map((f) => `check_${f}.h`)];
  return `#ifndef CHECK_BENCH
#define QCC_PARAMS_VARY
#endif
${includes.map((path) => `#include "${path}"`).join('\n')}
#define CHECK_KERNELS "kernels.def"
#include "check_main.h"
`;
}

/** What an image needs besides its program; nothing for a target with an operating system. */
export function writeFirmware(dir: string, target: Target): void {
  for (const [path, text] of firmwareFiles(target, loadAssets().runtime)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** Warnings the runtime's sources are free of. */
const strict = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wvla', '-pedantic', '-Werror'];

export interface CheckProgram {
  run(args: readonly string[]): Promise<RunResult>;
  remove(): void;
}

/** For a CPU that lacks the ISA: its intrinsics as functions, on a machine of what it extends. Throws if it has none. */
export function buildEmulatedCheck(checked: CheckedIsa): Promise<CheckProgram> {
  if (checked.emulated === undefined)
    throw new Error(`nothing here runs ${checked.isa}, and emulated/ has no such folder`);
  return buildCheck(checked, undefined, ['-O1', '-Wno-psabi', `-isystem${emulationOf(checked.isa)}`], checked.emulated);
}

/** @param cc compiler to use instead of the target's first; @param flags further compiler flags. */
export async function buildCheck(
  checked: CheckedIsa,
  cc: string | undefined,
  flags: readonly string[],
  target: Target = checked.target,
): Promise<CheckProgram> {
  const compiler = await findCompiler(target, { cc, env, host });
  const dir = mkdtempSync(join(tmpdir(), 'qcc-check-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    writeFileSync(join(dir, 'check.c'), unitText(checked));
    writeFileSync(join(dir, 'kernels.def'), kernelList(checked));
    writeFirmware(dir, target);
    const { files } = await compileProgram({
      dir,
      name: 'check',
      sources: [
        { path: 'check.c', part: 'host', usesIsa: true },
        ...firmwareSources(target).map((path) => ({ path, part: 'host', usesIsa: false }) as const),
      ],
      target,
      compiler,
      outputs: ['exe'],
      env: {},
      cFlags: [
        '-D_DEFAULT_SOURCE',
        `-I${runtimeRoot()}`,
        `-I${join(runtimeRoot(), 'include')}`,
        `-I${here}`,
        ...strict,
        // Where int32_t is long, of the same size as int, only the messages of the checks mix the two.
        ...(isBareMetal(target) ? ['-Wno-format'] : []),
        ...flags,
      ],
    });
    const exe = files.get('exe');
    if (exe === undefined) throw new Error('no executable');
    return { run: (args) => runProgram(exe, args, target, { env, host }), remove };
  } catch (problem) {
    remove();
    throw problem;
  }
}
