/**
 * Many compiled models in one program. Each model's C is included into one of a few translation units (their runtime
 * headers are guarded, their symbols prefixed), so that several hundred cases take seconds of compiler time. The
 * program reads all inputs from one file and writes all outputs to another.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Assets } from '../../src/assets.js';
import { type Lowered, placeGraph } from '../../src/compiler.js';
import { emitModel } from '../../src/emit/emit.js';
import { modelIdentifier } from '../../src/emit/view.js';
import { bytesOf, storedSize, tensorOf } from '../../src/ir/stored.js';
import type { Tensor } from '../../src/ir/type.js';
import type { PlacedProgram } from '../../src/program/program.js';
import { firmwareSources } from '../../src/target/firmware.js';
import { currentHost } from '../../src/target/host.js';
import { policyOf } from '../../src/target/policy.js';
import type { Target } from '../../src/target/target.js';
import { compileProgram } from '../../src/toolchain/compile.js';
import { findCompiler } from '../../src/toolchain/detect.js';
import { runProgram } from '../../src/toolchain/run.js';
import { writeFirmware } from '../kernels/check-program.js';
import { quickly } from '../quickly.js';

export interface NativeCase {
  /** For messages. */
  readonly name: string;
  readonly lowered: Lowered;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Models per translation unit: two compilers at a time, so neither waits long for the other. */
const PER_UNIT = 24;

interface Placed {
  readonly testCase: NativeCase;
  readonly model: string;
  readonly program: PlacedProgram;
  /** Of the library, without the weights. */
  readonly sources: readonly string[];
  /** Its weights are a file of their own: they declare a type that the model's C declares too. */
  readonly isAlone: boolean;
}

/**
 * For each case, undefined if the compiled code answers the interpreter's bits (any NaN equals any NaN), else what differs.
 * A case that cannot be placed or emitted is told as such; a compiler error ends the whole batch.
 */
export async function compareNative(
  cases: readonly NativeCase[],
  target: Target,
  assets: Assets,
  cFlags: readonly string[] = quickly,
): Promise<(string | undefined)[]> {
  const dir = mkdtempSync(join(tmpdir(), 'qcc-onnx-node-'));
  try {
    const placed: Placed[] = [];
    const answers = new Map<NativeCase, string | undefined>();
    for (const [i, testCase] of cases.entries()) {
      try {
        placed.push(writeCase(dir, testCase, `c${i}_${testCase.name.replace(/^.*\/(test_)?/, '')}`, target, assets));
      } catch (cause) {
        answers.set(testCase, `cannot be emitted: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
    if (placed.length > 0) {
      const bytes = await outputsOf(dir, placed, target, cFlags);
      let at = 0;
      for (const { testCase, program } of placed) {
        const size = program.outputs.reduce((sum, o) => sum + o.bytes, 0);
        answers.set(testCase, bitDifference(testCase, bytes.subarray(at, at + size)));
        at += size;
      }
    }
    return cases.map((c) => answers.get(c));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function writeCase(dir: string, testCase: NativeCase, name: string, target: Target, assets: Assets): Placed {
  const program = placeGraph({ ...testCase.lowered.graph, name }, target, assets);
  const emitted = emitModel({
    graph: testCase.lowered.graph,
    program,
    target,
    policy: policyOf(undefined, target),
    runtime: assets.runtime,
    templates: assets.templates,
    notes: [],
    version: assets.version,
    modelSha256: '',
    modelName: name,
    options: { singleFile: false, allowIncbin: false },
    given: {},
  });
  for (const [path, content] of emitted.files) {
    if (path.startsWith('host/') || path === 'manifest.json') continue;
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const model = modelIdentifier(name);
  const weights = emitted.files.get(`${model}_weights.c`);
  const isAlone = typeof weights === 'string' && /^union /m.test(weights);
  const rest = emitted.librarySources.filter((path) => path.startsWith(`${model}_`) && path !== `${model}_weights.c`);
  return { testCase, model, program, isAlone, sources: [`${model}.c`, ...rest] };
}

async function outputsOf(
  dir: string,
  placed: readonly Placed[],
  target: Target,
  cFlags: readonly string[],
): Promise<Uint8Array> {
  const units: string[] = [];
  for (let i = 0; i < placed.length; i += PER_UNIT) {
    const path = `unit_${units.length}.c`;
    writeFileSync(join(dir, path), unitText(units.length, placed.slice(i, i + PER_UNIT)));
    units.push(path);
  }
  writeFileSync(join(dir, 'main.c'), mainText(units.length));
  writeFirmware(dir, target);
  const environment = { env: process.env, host: currentHost() };
  const compiler = await findCompiler(target, environment);
  const result = await compileProgram({
    dir,
    name: 'cases',
    sources: [
      'main.c',
      ...firmwareSources(target),
      ...units,
      ...placed.flatMap((p) => (p.isAlone ? [`${p.model}_weights.c`] : [])),
    ].map((path) => ({ path, part: 'library', usesIsa: true })),
    target,
    compiler,
    outputs: ['exe'],
    env: process.env,
    cFlags,
  });
  const input = join(dir, 'inputs.bin');
  const output = join(dir, 'outputs.bin');
  writeFileSync(input, Buffer.concat(placed.flatMap(({ testCase }) => testCase.inputs.map(bytesOf))));
  const exe = result.files.get('exe') ?? '';
  const { exitCode, stderr } = await runProgram(exe, [input, output], target, environment).catch((cause: unknown) => {
    throw new Error(`${reached(output, placed)} does not end well`, { cause });
  });
  if (exitCode !== 0) throw new Error(`the program of all cases ended with ${exitCode}: ${stderr}`);
  return new Uint8Array(readFileSync(output));
}

/** The case whose outputs are not there yet. */
function reached(output: string, placed: readonly Placed[]): string {
  let left = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
  for (const { testCase, program } of placed) {
    const size = program.outputs.reduce((sum, o) => sum + o.bytes, 0);
    if (left < size) return testCase.name;
    left -= size;
  }
  return 'the end';
}

function unitText(index: number, placed: readonly Placed[]): string {
  const lines = ['#include <stdio.h>', '#include <stdlib.h>', '#include <string.h>', ''];
  for (const { model, isAlone, sources } of placed)
    lines.push(...[...sources, ...(isAlone ? [] : [`${model}_weights.c`])].map((path) => `#include "${path}"`));
  lines.push(`int unit_${index}(FILE *in, FILE *out);`, `int unit_${index}(FILE *in, FILE *out) {`);
  for (const { model, program } of placed) lines.push(...callText(model, program));
  return `${[...lines, '  return 0;', '}', ''].join('\n')}`;
}

/** Every buffer is exactly as long as promised and comes from malloc, so that a sanitizer sees any byte too many. */
function callText(model: string, program: PlacedProgram): string[] {
  const buffer = (name: string, bytes: number) => `    unsigned char *${name} = malloc(${Math.max(bytes, 1)}u);`;
  const arenaBytes = Math.ceil(program.arenaBytes / program.arenaAlign) * program.arenaAlign;
  return [
    '  {',
    ...program.inputs.flatMap((b, i) => [
      buffer(`i${i}`, b.bytes),
      `    if (fread(i${i}, 1, ${b.bytes}u, in) != ${b.bytes}u) return 2;`,
    ]),
    ...program.outputs.map((b, i) => buffer(`o${i}`, b.bytes)),
    `    void *arena = aligned_alloc(${program.arenaAlign}u, ${Math.max(arenaBytes, program.arenaAlign)}u);`,
    `    const struct ${model}_inputs x = {${program.inputs.map((_, i) => `(const void *)i${i}`).join(', ') || '0'}};`,
    `    const struct ${model}_outputs y = {${program.outputs.map((_, i) => `(void *)o${i}`).join(', ')}};`,
    `    const struct ${model}_memory m = {arena};`,
    `    const int status = ${model}_run(&x, &y, &m);`,
    `    if (status != 0) { fprintf(stderr, "${model}_run: %d\\n", status); return 3; }`,
    ...program.outputs.map((b, i) => `    if (fwrite(o${i}, 1, ${b.bytes}u, out) != ${b.bytes}u) return 4;`),
    ...program.inputs.map((_, i) => `    free(i${i});`),
    ...program.outputs.map((_, i) => `    free(o${i});`),
    '    free(arena);',
    '  }',
  ];
}

function mainText(units: number): string {
  const numbers = Array.from({ length: units }, (_, i) => i);
  return `#include <stdio.h>
${numbers.map((i) => `int unit_${i}(FILE *in, FILE *out);`).join('\n')}
int main(int argc, char **argv) {
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
  FILE *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
  int status = 0;
  if (in == NULL || out == NULL) return 1;
  setvbuf(out, NULL, _IONBF, 0);
${numbers.map((i) => `  if (status == 0) status = unit_${i}(in, out);`).join('\n')}
  fclose(in);
  return fclose(out) == 0 ? status : 5;
}
`;
}

function bitDifference(testCase: NativeCase, bytes: Uint8Array): string | undefined {
  let at = 0;
  for (const [i, want] of testCase.outputs.entries()) {
    const size = storedSize(want.type);
    const got = tensorOf(want.type, bytes.subarray(at, at + size)).data;
    at += size;
    for (let e = 0; e < got.length; e++)
      if (!Object.is(got[e], want.data[e]))
        return `output ${i}, element ${e}: C says ${got[e]}, the interpreter ${want.data[e]}`;
  }
  return undefined;
}
