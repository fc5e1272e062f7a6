/** The assembly of every kernel that multiplies, each an instance with literal parameters as a build makes them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAssets } from '../../src/assets.js';
import { lowerModel, placeGraph } from '../../src/compiler.js';
import { bundle, contractStructs } from '../../src/emit/bundle.js';
import { type InstanceView, makeInstances } from '../../src/emit/instances.js';
import { instanceKey } from '../../src/emit/steps.js';
import { type Step, stepsOf } from '../../src/program/program.js';
import { shapeClass } from '../../src/target/costs.js';
import { currentHost } from '../../src/target/host.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { policyOf } from '../../src/target/policy.js';
import type { Target } from '../../src/target/target.js';
import { compileCommand } from '../../src/toolchain/compile.js';
import { findCompiler } from '../../src/toolchain/detect.js';
import { runProcess, temporaryFolder } from '../../src/toolchain/process.js';
import { model, node, tensor, value } from '../onnx/model-builder.js';
import { wholeNumbers } from '../onnx/tiny-models.js';

const host = currentHost();
/** Families whose kernels have register tiles. */
const families = ['conv2d_q8', 'dwconv2d_q8', 'matmul_q8', 'dynamic_matmul', 'conv2d_f32', 'matmul_f32'];

interface Layer {
  readonly c: number;
  readonly oc: number;
  readonly k: number;
  readonly stride: number;
  readonly groups: number;
  /** Its weights are u8 with a zero point, some of them beyond s8 then. */
  readonly beyond?: boolean;
}
const layers: readonly Layer[] = [
  { c: 64, oc: 96, k: 1, stride: 1, groups: 1 },
  { c: 64, oc: 64, k: 3, stride: 1, groups: 1 },
  { c: 64, oc: 64, k: 3, stride: 1, groups: 64 },
  { c: 64, oc: 64, k: 3, stride: 2, groups: 64 },
  { c: 32, oc: 32, k: 5, stride: 1, groups: 32 },
  { c: 64, oc: 64, k: 3, stride: 1, groups: 8 },
  { c: 1, oc: 64, k: 5, stride: 1, groups: 1 },
  { c: 64, oc: 96, k: 1, stride: 1, groups: 1, beyond: true },
  { c: 64, oc: 64, k: 3, stride: 1, groups: 64, beyond: true },
  { c: 64, oc: 64, k: 3, stride: 2, groups: 64, beyond: true },
];

/** Layers side by side, products of two activations and of one quantized as it comes, float convolutions. Weights are small enough for every proof. */
function layersModel(): Uint8Array {
  const size = 28;
  const out = ({ stride }: Layer) => size / stride;
  return model({
    name: 'hot',
    inputs: [
      ...layers.map(({ c }, i) => value(`x${i}`, 'u8', [1, c, size, size])),
      value('a', 'u8', [48, 64]),
      value('b', 'u8', [64, 80]),
      value('fa', 'f32', [48, 64]),
      value('fb', 'f32', [64, 80]),
      value('xf', 'f32', [1, 128, size, size]),
      value('rf', 'f32', [1, 32, size, size]),
      value('xg', 'f32', [1, 64, size, size]),
      value('xd', 'f32', [48, 64]),
    ],
    outputs: [
      ...layers.map((layer, i) => value(`y${i}`, 'u8', [1, layer.oc, out(layer), out(layer)])),
      value('ab', 'u8', [48, 80]),
      value('fab', 'f32', [48, 80]),
      value('yf', 'f32', [1, 32, size, size]),
      value('yg', 'f32', [1, 64, size, size]),
      value('yd', 'f32', [48, 96]),
    ],
    initializers: {
      ...Object.fromEntries(
        layers.map(({ c, oc, k, groups, beyond }, i) => {
          const dims = [oc, c / groups, k, k];
          const values = wholeNumbers(oc * (c / groups) * k * k, i, -20, 20);
          if (!beyond) return [`w${i}`, tensor('s8', dims, values)];
          const stored = values.map((v, at) => (at % 640 === 0 ? 0 : v + 140));
          return [`w${i}`, tensor('u8', dims, stored)];
        }),
      ),
      wf: tensor('f32', [32, 128, 3, 3], wholeNumbers(32 * 128 * 9, 9, -20, 20)),
      wg: tensor('f32', [64, 1, 3, 3], wholeNumbers(64 * 9, 10, -20, 20)),
      wd: tensor('s8', [64, 96], wholeNumbers(64 * 96, 11, -20, 20)),
      s: tensor('f32', [], [0.02]),
      ys: tensor('f32', [], [0.4]),
      z: tensor('u8', [], [120]),
      ws: tensor('f32', [], [0.01]),
      wz: tensor('s8', [], [0]),
      wzu: tensor('u8', [], [140]),
    },
    nodes: [
      ...layers.map(({ k, stride, groups, beyond }, i) =>
        node('QLinearConv', [`x${i}`, 's', 'z', `w${i}`, 'ws', beyond ? 'wzu' : 'wz', 'ys', 'z'], [`y${i}`], {
          ...{ pads: [k >> 1, k >> 1, k >> 1, k >> 1], strides: [stride, stride], group: groups },
        }),
      ),
      node('QLinearMatMul', ['a', 's', 'z', 'b', 's', 'z', 'ys', 'z'], ['ab']),
      node('MatMul', ['fa', 'fb'], ['fab']),
      node('Conv', ['xf', 'wf'], ['cf'], { pads: [1, 1, 1, 1] }),
      node('Add', ['cf', 'rf'], ['af']),
      node('Relu', ['af'], ['yf']),
      node('Conv', ['xg', 'wg'], ['yg'], { pads: [1, 1, 1, 1], group: 64 }),
      node('DynamicQuantizeLinear', ['xd'], ['qd', 'sd', 'zd']),
      node('MatMulInteger', ['qd', 'wd', 'zd', 'wz'], ['id']),
      node('Cast', ['id'], ['cd'], { to: 1 }),
      node('Mul', ['sd', 'ws'], ['md']),
      node('Mul', ['cd', 'md'], ['yd']),
    ],
  });
}

/** For each kernel of the target's best ISA a step that it may run. */
export function hotSteps(target: Target): ReadonlyMap<string, Step> {
  const assets = loadAssets();
  const { graph } = lowerModel({ model: layersModel(), fileName: 'hot.onnx' });
  const policy = { ...policyOf('speed', target), weightGrowth: Number.POSITIVE_INFINITY };
  const place = (costs: ReadonlyMap<string, ReadonlyMap<string, number>>) =>
    stepsOf(placeGraph(graph, target, assets, policy, { costs }).body);
  const found = new Map<string, Step>();
  const own = place(new Map()).flatMap((step) =>
    step.rivals
      .filter(({ kernel }) => kernel.isa === target.isas[0].name && families.includes(kernel.family))
      .map(({ kernel }) => ({ shape: shapeClass(step), symbol: kernel.symbol })),
  );
  for (const { shape, symbol } of own) {
    if (found.has(symbol)) continue;
    const steps = place(new Map([[shape, new Map([[symbol, 0]])]]));
    const step = steps.find((s) => s.kernel.symbol === symbol && shapeClass(s) === shape);
    if (step !== undefined) found.set(symbol, step);
  }
  return found;
}

/** Assembly of one instance per kernel; functions are `hot_<family>_<n>`. */
export async function hotAssembly(targetName: string, cc: string, steps: ReadonlyMap<string, Step>) {
  const target = findTarget(loadTargets(), targetName);
  const { runtime } = loadAssets();
  const structs = contractStructs(runtime);
  const kernels = [...steps.values()].map((step) => step.kernel);
  const structsOf = (step: Step) => structs.get(step.kernel.family) ?? step.kernel.family;
  const key = (step: Step) => instanceKey(step, undefined);
  const { instances, uses } = makeInstances([...steps.values()], 'hot', key, (k) => structs.get(k.family) ?? '');
  const parts = bundle(runtime, kernels, ['include/qcc/base.h']);
  const { folder, remove } = temporaryFolder('qcc-spills-');
  try {
    for (const [path, text] of parts.files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    writeFileSync(join(folder, 'hot.c'), unitText(parts.roots, instances));
    const assembly = await assemblyOf(target, cc, folder, 'hot.c');
    const nameOf = new Map(
      [...steps].map(([symbol, step]) => [uses.get(step)?.instance.name ?? structsOf(step), symbol]),
    );
    return { assembly, nameOf };
  } finally {
    remove();
  }
}

function unitText(roots: readonly string[], instances: readonly InstanceView[]): string {
  const functions = instances.map(
    (i) => `void ${i.name}(${i.parameters});\nvoid ${i.name}(${i.parameters}) {\n  ${i.call}\n}`,
  );
  return `${roots.map((path) => `#include "${path}"`).join('\n')}\n${functions.join('\n')}\n`;
}

/** As a build for speed compiles it. @param cc the host's compiler for x86, the name of a cross compiler for others. */
export async function assemblyOf(target: Target, cc: string, folder: string, source: string): Promise<string> {
  const compiler = await findCompiler(target, { cc, env: { PATH: process.env.PATH }, host });
  const command = compileCommand(
    { compiler, target, env: {}, level: '-O3' },
    { path: source, part: 'library', usesIsa: true },
  );
  const { exitCode, stderr } = await runProcess([...command, '-S', source, '-o', 'out.s'], { cwd: folder });
  if (exitCode !== 0) throw new Error(`${cc}: ${stderr}`);
  return readFileSync(join(folder, 'out.s'), 'utf8');
}
