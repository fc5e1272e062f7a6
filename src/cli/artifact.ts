/**
 * What `qcc eval` judges: a model, which is compiled for that, or a build folder, whose own C is. Invariant: answers are
 * those of the C that ships; only the program around it differs, for it takes many samples in one process.
 */
import { cpSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssets } from '../assets.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { usesIsa } from '../emit/sources.js';
import { param } from '../ir/build.js';
import type { Param } from '../ir/graph.js';
import {
  type Element,
  floatType,
  indexType,
  perTensor,
  quantType,
  type Tensor,
  type TensorType,
  unitAffine,
} from '../ir/type.js';
import { CALIBRATED_ON, marksIn } from '../quant/statistics.js';
import { currentHost } from '../target/host.js';
import { compileProgram } from '../toolchain/compile.js';
import { findCompiler } from '../toolchain/detect.js';
import { temporaryFolder } from '../toolchain/process.js';
import { runProgram } from '../toolchain/run.js';
import { manifestObject } from './built.js';
import { buildDriver, type DriveOptions, driverRuns } from './drive.js';
import type { Sample } from './samples.js';
import { chooseTarget, terminal } from './session.js';

export interface Artifact {
  readonly name: string;
  readonly target: string;
  readonly inputs: readonly Param[];
  readonly run: (samples: readonly Sample[]) => Promise<readonly (readonly Tensor[])[]>;
  /** Marks of the samples it was calibrated on; empty where it does not say. */
  readonly calibrated: ReadonlySet<string>;
  remove(): void;
}

export async function openArtifact(path: string, options: DriveOptions): Promise<Artifact> {
  if (existsSync(path) && statSync(path).isDirectory()) return folderArtifact(path, options.cc);
  const driver = await buildDriver({ ...options, model: path, asModel: true }, false, { ...terminal, say: () => {} });
  const { compiled, target } = driver.session;
  return {
    name: compiled.program.name,
    target: target.name,
    inputs: compiled.graph.inputs,
    run: async (samples) => (await driver.run(samples)).map((answer) => answer.outputs),
    calibrated: marksIn(compiled.calibratedOn),
    remove: driver.remove,
  };
}

interface Manifest {
  readonly name: string;
  readonly target: string;
  readonly files: readonly string[];
  readonly calibrated: string | undefined;
}

function manifestOf(dir: string): Manifest {
  const value = manifestObject(dir);
  const isOurs = 'target' in value && 'name' in value && 'files' in value;
  if (!isOurs || typeof value.target !== 'string' || typeof value.name !== 'string' || !Array.isArray(value.files))
    throw new QccError([
      error('Q0603', `${dir} holds no manifest.json of qcc`, undefined, 'make one: qcc build model.onnx -o DIR'),
    ]);
  const files = value.files.filter((file: unknown): file is string => typeof file === 'string');
  const calibrated =
    CALIBRATED_ON in value && typeof value[CALIBRATED_ON] === 'string' ? value[CALIBRATED_ON] : undefined;
  return { name: value.name, target: value.target, files, calibrated };
}

async function folderArtifact(dir: string, cc: string | undefined): Promise<Artifact> {
  const manifest = manifestOf(dir);
  const target = await chooseTarget(manifest.target);
  const environment = { env: process.env, host: currentHost() };
  const exe = join(dir, manifest.name);
  if (!existsSync(exe))
    throw new QccError([error('Q0604', `${exe} does not exist`, undefined, 'build it: qcc build with --emit exe')]);
  const info = await runProgram(exe, ['--info', '--json'], target, environment);
  const { inputs, outputs } = parseInfo(JSON.parse(info.stdout));
  const { folder, remove } = temporaryFolder('qcc-eval-');
  try {
    const copy = join(folder, 'build');
    cpSync(dir, copy, { recursive: true });
    const { runtime } = loadAssets();
    for (const file of ['driver.c', 'observe.h', 'tensor.h', 'threads.h'])
      writeFileSync(join(copy, 'host', file), runtime.get(`host/${file}`) ?? '');
    const library = manifest.files.filter((file) => /^[^/]+\.c$/.test(file) && !file.endsWith('_selftest.c'));
    const { files } = await compileProgram({
      dir: copy,
      name: `${manifest.name}_driver`,
      sources: [
        ...library.map((path) => ({ path, part: 'library' as const, usesIsa: usesIsa(path, library) })),
        { path: 'host/driver.c', part: 'host' as const, usesIsa: true },
      ],
      target,
      compiler: await findCompiler(target, { cc, ...environment }),
      outputs: ['exe'],
      env: process.env,
    });
    const executable = files.get('exe') ?? '';
    return {
      name: manifest.name,
      target: target.name,
      inputs,
      run: (samples) => driverRuns({ executable, folder, target }, outputs, samples),
      calibrated: marksIn(manifest.calibrated),
      remove,
    };
  } catch (failure) {
    remove();
    throw failure;
  }
}

const elementOf = new Map<string, Element>([
  ['int8', 's8'],
  ['uint8', 'u8'],
  ['int16', 's16'],
  ['uint16', 'u16'],
  ['int32', 's32'],
  ['uint32', 'u32'],
  ['int64', 's64'],
  ['uint64', 'u64'],
  ['bool', 'bool'],
  ['float32', 'f32'],
  ['float64', 'f64'],
  ['float16', 'f16'],
]);

/** What `m --info --json` says of inputs and outputs. */
function parseInfo(value: unknown): { readonly inputs: readonly Param[]; readonly outputs: readonly TensorType[] } {
  const list = (key: string): readonly unknown[] => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    if (!Array.isArray(found)) throw new Error(`the program did not say what its ${key} are`);
    return found;
  };
  return { inputs: list('inputs').map(tensorOf), outputs: list('outputs').map((t) => tensorOf(t).type) };
}

function tensorOf(value: unknown): Param {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('dtype' in value) || !('shape' in value))
    throw new Error('a tensor without name, type and shape');
  const { name, dtype, shape } = value;
  const element = elementOf.get(String(dtype));
  if (typeof name !== 'string' || element === undefined || !Array.isArray(shape))
    throw new Error('a tensor of no known type');
  const dims = shape.map(Number);
  if (element === 'f32' || element === 'f64' || element === 'f16') return param(name, floatType(dims, element));
  if (element !== 's8' && element !== 'u8' && element !== 's16' && element !== 's32') {
    const index = element === 's64' || element === 'bool' || element === 'u32' || element === 'u64' ? element : 's64';
    return param(name, indexType(index, dims));
  }
  const scale = 'scale' in value ? Number(value.scale) : 1;
  const zero = 'zero_point' in value ? Number(value.zero_point) : 0;
  const affine = 'scale' in value ? perTensor(Math.fround(scale), zero) : unitAffine;
  return param(name, quantType(element, dims, affine));
}
