/**
 * Program -> the plain objects the templates print. Invariant: every decision about the C text is made here; templates
 * only place strings.
 */
import { elements, type TensorType } from '../ir/type.js';
import type { ArenaBuffer, Buffer, IoBuffer, Kernel, PlacedProgram, Step } from '../program/program.js';
import { isIoInArena, stepsOf } from '../program/program.js';
import type { Region } from '../program/regions.js';
import { stackBytesOn } from '../target/flags.js';
import type { Bundle } from './bundle.js';
import { commentText, cString, cType, f32Literal, identifier, NameMaker } from './c-text.js';
import type { EmittedConstants } from './constants.js';
import type { CpuTest } from './cpu-test.js';
import { type InstanceView, makeInstances, sharedKeys, type Use } from './instances.js';
import { instanceKey, type StepView, stepViews } from './steps.js';
import { sharedOut } from './units.js';

export interface ModelFacts {
  readonly version: string;
  readonly modelSha256: string;
  readonly modelName: string;
  /** C condition under which the ISA is there, and the run-time test. */
  readonly target: TargetFacts;
}
export interface TargetFacts {
  readonly name: string;
  readonly isa: string;
  /** Preprocessor condition the compiler must satisfy; undefined for portable C. */
  readonly guard: string | undefined;
  /** Undefined where every CPU of the target will do. */
  readonly cpuTest: CpuTest | undefined;
  /** What the guard's condition takes, for people. */
  readonly flags: readonly string[];
  readonly isMcu: boolean;
}

/** A model input or output as C sees it. */
export interface TensorView {
  readonly field: string;
  readonly macro: string;
  readonly ctype: string;
  readonly dtype: string;
  readonly elements: number;
  readonly bytes: number;
  readonly rank: number;
  readonly dims: string;
  readonly comment: string;
  readonly nameString: string;
  readonly isQuantized: boolean;
  readonly scale: string;
  readonly zeroPoint: string;
  /** Stored values there are, and how many steps from the zero point they lie. */
  readonly least: number;
  readonly most: number;
  /** Inline functions are read by C++ compilers too, of which some know no hexadecimal floats. */
  readonly scaleDecimal: string;
  readonly leastSteps: string;
  readonly mostSteps: string;
  /** Where it lies in the arena, or in which memory; undefined where it is the caller's. */
  readonly home: { readonly field: string; readonly offset: number } | undefined;
}

export interface RegionView {
  readonly field: string;
  readonly macro: string;
  /** The variable that points at it. */
  readonly local: string;
  readonly start: number;
  readonly bytes: number;
}

export interface ModelView {
  readonly model: string;
  readonly MODEL: string;
  readonly banner: readonly string[];
  readonly version: string;
  readonly sha256: string;
  readonly inputs: readonly TensorView[];
  readonly outputs: readonly TensorView[];
  readonly arenaBytes: number;
  readonly arenaAlign: number;
  readonly stackBytes: number;
  readonly hasArena: boolean;
  /** Memories in place of one arena. */
  readonly hasRegions: boolean;
  readonly regions: readonly RegionView[];
  readonly usedRegions: readonly RegionView[];
  readonly includes: readonly string[];
  readonly declarations: readonly string[];
  /** Those in the file of the run. */
  readonly instances: readonly InstanceView[];
  /** Those in files of their own, for compilers that work side by side. */
  readonly units: readonly (readonly InstanceView[])[];
  readonly hasUnits: boolean;
  readonly steps: readonly (StepView & ViewOptions & { readonly hasParts: boolean })[];
  readonly guard: string;
  readonly hasGuard: boolean;
  readonly targetName: string;
  readonly targetFlags: string;
  readonly cpuTest: CpuTest | undefined;
  /** Several parts may run the model at the same time: so many at most, which meet at these bytes. */
  readonly hasParts: boolean;
  readonly parts: number;
  readonly barrier: string;
  /** `<model>_threads.c` is there. */
  readonly hasPool: boolean;
  /** The caller may watch the steps: builds of `qcc verify` and `qcc bench`. */
  readonly observed: boolean;
  readonly hasSelftest: boolean;
  readonly isTraced: boolean;
  readonly isProfiled: boolean;
  readonly traceId: string;
  readonly stepCount: number;
  /** Inputs and outputs lie in the arena. */
  readonly hasIoInside: boolean;
  /** What the run function takes, and the self-test. */
  readonly runParameters: string;
  readonly runArguments: string;
  /** Whether the caller's buffers overlap is looked at; firmware, whose buffers a linker places, saves the code. */
  readonly hasBufferCheck: boolean;
  /** Buffers of the caller that are not written: they come first. */
  readonly readOnlyBuffers: number;
  readonly selftestParameters: string;
  /** What  `<model>_ticks` counts in: wraps are subtracted away. */
  readonly tickType: string;
}

/** What the model's source offers besides its run. */
export interface ViewOptions {
  readonly observed: boolean;
  readonly hasSelftest: boolean;
  readonly isTraced: boolean;
  readonly isProfiled: boolean;
  /** Digits that tell this build from others in a log. */
  readonly traceId: string;
  /** One instance per kernel, not one per shape, for kernels that run so many shapes; undefined: for none. */
  readonly shapesWorthSharing: ((kernel: Kernel) => number) | undefined;
  readonly isPackage: boolean;
  /** Instances may lie in files of their own. */
  readonly mayShareOut: boolean;
}

/** The C name of a model: lower-case identifier from `--name` or the file's name. */
export function modelIdentifier(name: string): string {
  return identifier(name, 'model').toLowerCase();
}

/** @param structs family -> the contract structs its kernels take, from `contractStructs`. */
export function modelView(
  program: PlacedProgram,
  constants: EmittedConstants,
  bundle: Bundle,
  structs: ReadonlyMap<string, string>,
  facts: ModelFacts,
  options: ViewOptions,
): ModelView {
  const structsOf = (kernel: Kernel): string => {
    const found = structs.get(kernel.family);
    if (found === undefined) throw new Error(`no contract header declares qcc_${kernel.family}_fn`);
    return found;
  };
  const model = modelIdentifier(program.name);
  const MODEL = model.toUpperCase();
  const names = new NameMaker();
  const regions = program.regions.map((region) => regionView(region, MODEL));
  const placeOf = (buffer: ArenaBuffer) => {
    const offset = program.offsets.get(buffer) ?? 0;
    const region = regions.find((r) => offset >= r.start && offset < r.start + r.bytes);
    return region === undefined
      ? { field: 'arena', local: 'arena', offset }
      : { field: region.field, local: region.local, offset: offset - region.start };
  };
  const tensor = ({ name, type, role, home }: IoBuffer) =>
    tensorView(name, type, MODEL, names, role, home && placeOf(home));
  const inputs = program.inputs.map(tensor);
  const outputs = program.outputs.map(tensor);
  const isInside = isIoInArena(program);
  const base = (buffer: Buffer): { readonly symbol: string; readonly offset: number } | undefined => {
    if (buffer.role === 'input') return { symbol: `in->${inputs[program.inputs.indexOf(buffer)].field}`, offset: 0 };
    if (buffer.role === 'output')
      return { symbol: `out->${outputs[program.outputs.indexOf(buffer)].field}`, offset: 0 };
    if (buffer.role === 'constant') {
      const constant = constants.of.get(buffer);
      if (constant === undefined) throw new Error(`constant ${buffer.name} was not emitted`);
      return { symbol: constant.pointer, offset: 0 };
    }
    if (buffer.role !== 'value' && buffer.role !== 'scratch') throw new Error('a buffer of the caller');
    if (buffer.bytes === 0) return undefined;
    const { local, offset } = placeOf(buffer);
    return { symbol: local, offset };
  };
  const { parts } = program;
  const splitOf = (step: Step) => parts?.splits.get(step);
  const own = (step: Step) => instanceKey(step, splitOf(step));
  const keyOf = options.shapesWorthSharing ? sharedKeys(stepsOf(program.body), own, options.shapesWorthSharing) : own;
  const varying = (step: Step) => Object.keys(splitOf(step)?.members ?? {});
  const meetsInside = (step: Step) => splitOf(step)?.meetings !== undefined;
  const { instances, uses } = makeInstances(stepsOf(program.body), model, keyOf, structsOf, varying, meetsInside);
  const [inModel, ...units] = options.mayShareOut ? sharedOut(instances) : [instances];
  const use = (step: Step): Use => {
    const found = uses.get(step);
    if (found === undefined) throw new Error('a step without an instance');
    return found;
  };
  const argument = { inputs: 'in', outputs: 'out', memory: 'memory' } as const;
  const parameters = (kinds: readonly (keyof typeof argument)[]) =>
    kinds.map((kind) => `const struct ${model}_${kind} *${argument[kind]}`).join(', ');
  const hook = options.isTraced ? `${model}_trace` : undefined;
  const steps = stepViews({ program, base, use, structs: (step) => structsOf(step.kernel), hook });
  const { target } = facts;
  return {
    model,
    MODEL,
    banner: [
      `Made by qcc ${facts.version} from model "${commentText(facts.modelName)}"`,
      `sha256 ${facts.modelSha256}, target ${target.name}. Do not edit.`,
    ],
    version: cString(facts.version),
    sha256: cString(facts.modelSha256),
    inputs,
    outputs,
    arenaBytes: program.arenaBytes,
    arenaAlign: program.arenaAlign,
    stackBytes: stackBytesOn(target),
    hasArena: program.arenaBytes > 0 && regions.length === 0,
    hasRegions: regions.length > 0,
    regions,
    usedRegions: regions.filter((r) => r.bytes > 0),
    includes: bundle.roots,
    declarations: constants.declarations,
    instances: inModel,
    units,
    hasUnits: units.length > 0,
    steps: steps.map((step) => ({ ...step, ...options, hasParts: parts !== undefined })),
    guard: target.guard ?? '',
    hasGuard: target.guard !== undefined,
    targetName: target.name,
    targetFlags: target.flags.join(' '),
    cpuTest: target.cpuTest,
    stepCount: steps.length,
    hasIoInside: isInside,
    runParameters: parameters(isInside ? ['memory'] : ['inputs', 'outputs', 'memory']),
    runArguments: isInside ? 'memory' : 'in, out, memory',
    hasBufferCheck: !target.isMcu,
    readOnlyBuffers: isInside ? 0 : inputs.length,
    selftestParameters: parameters(isInside ? ['memory'] : ['outputs', 'memory']),
    tickType: target.isMcu ? 'uint32_t' : 'uint64_t',
    hasParts: parts !== undefined,
    hasPool: parts !== undefined && !options.isPackage,
    parts: parts?.most ?? 1,
    barrier: parts === undefined ? '' : `arena + 0x${(program.offsets.get(parts.barrier) ?? 0).toString(16)}`,
    ...options,
  };
}

function regionView({ name, start, bytes }: Region, MODEL: string): RegionView {
  return { field: name, macro: `${MODEL}_${name.toUpperCase()}`, local: `region_${name}`, start, bytes };
}

const dtypes: Readonly<Record<string, string>> = {
  f32: 'QCC_F32',
  f64: 'QCC_F64',
  f16: 'QCC_F16',
  bf16: 'QCC_F32',
  s8: 'QCC_S8',
  u8: 'QCC_U8',
  s16: 'QCC_S16',
  u16: 'QCC_U16',
  s32: 'QCC_S32',
  u32: 'QCC_U32',
  s64: 'QCC_S64',
  u64: 'QCC_U64',
  bool: 'QCC_BOOL',
  s4: 'QCC_S8',
  u4: 'QCC_U8',
};

/** For a comment. */
export function meaningText({ scale, zeroPoint }: { readonly scale: number; readonly zeroPoint: number }): string {
  return `real = ${scale} * (stored ${zeroPoint < 0 ? '+' : '-'} ${Math.abs(zeroPoint)})`;
}

function tensorView(
  name: string,
  type: TensorType,
  MODEL: string,
  names: NameMaker,
  fallback: string,
  home: TensorView['home'],
): TensorView {
  const field = names.make(name, fallback);
  const isQuantized =
    type.kind === 'quant' && type.affine.per === 'tensor' && !(type.affine.scale === 1 && type.affine.zeroPoint === 0);
  const affine = type.kind === 'quant' && type.affine.per === 'tensor' ? type.affine : { scale: 1, zeroPoint: 0 };
  const [least, most] = type.kind === 'quant' ? type.range : [0, 0];
  return {
    field,
    macro: `${MODEL}_${field.toUpperCase()}`,
    ctype: type.element === 'f16' ? 'uint16_t' : cType(type.element),
    dtype: dtypes[type.element],
    elements: elements(type.shape),
    bytes: 0,
    rank: type.shape.length,
    dims: type.shape.length === 0 ? '1' : type.shape.join(', '),
    comment: `"${commentText(name)}" ${type.element}[${type.shape.join(',')}]${isQuantized ? `, ${meaningText(affine)}` : type.element === 'f16' ? ', bits of IEEE 754 binary16' : ''}`,
    nameString: cString(name),
    isQuantized,
    scale: f32Literal(affine.scale),
    zeroPoint: String(affine.zeroPoint),
    least,
    most,
    scaleDecimal: `${affine.scale.toPrecision(9)}f`,
    leastSteps: `${least - affine.zeroPoint}.0f`,
    mostSteps: `${most - affine.zeroPoint}.0f`,
    home,
  };
}
