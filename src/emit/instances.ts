/**
 * Which C functions wrap kernels, and how a step calls one. Invariant: a parameter that all users of an instance agree on
 * is a literal in it, so that the compiler folds it; only what differs between them is an argument.
 */
import type { Kernel, Params, ParamValue, Step } from '../program/program.js';
import { f32Literal, s32Literal } from './c-text.js';

export interface InstanceView {
  readonly kernel: Kernel;
  readonly name: string;
  /** Plain C that computes on floats: no compiler may make vectors of it that round in another way. */
  readonly isFloat: boolean;
  readonly parameters: string;
  readonly call: string;
}

/** An instance, and the arguments of one call that stand before its data and pointers. */
export interface Use {
  readonly instance: InstanceView;
  readonly leading: readonly { readonly path: string; readonly literal: string }[];
}

interface Leaf {
  /** C member path: `kind.out`. */
  readonly path: string;
  readonly literal: string;
  readonly ctype: 'int32_t' | 'float';
}

/**
 * One instance for all steps with the same key and kernel.
 * @param structsOf family -> the contract structs its kernels take.
 * @param varying members that differ from call to call of one step.
 * @param meetsInside the step's parts wait for each other within it.
 */
export function makeInstances(
  steps: readonly Step[],
  prefix: string,
  keyOf: (step: Step) => string,
  structsOf: (kernel: Kernel) => string,
  varying: (step: Step) => readonly string[] = () => [],
  meetsInside: (step: Step) => boolean = () => false,
): { readonly instances: readonly InstanceView[]; readonly uses: ReadonlyMap<Step, Use> } {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = `${step.kernel.symbol} ${step.data === undefined} ${keyOf(step)} ${varying(step)} ${meetsInside(step)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [step]);
    else group.push(step);
  }
  const counts = new Map<string, number>();
  const instances: InstanceView[] = [];
  const uses = new Map<Step, Use>();
  for (const group of groups.values()) {
    const { family } = group[0].kernel;
    const serial = counts.get(family) ?? 0;
    counts.set(family, serial + 1);
    const differing = new Set([...differingPaths(group), ...varying(group[0])]);
    const isPart = meetsInside(group[0]);
    const name = `${prefix}_${family}_${serial}`;
    const instance = instanceView(name, group[0], structsOf(group[0].kernel), differing, isPart);
    instances.push(instance);
    for (const step of group) {
      const leading = leaves(step.params).flatMap(({ path, literal }) =>
        differing.has(path) ? [{ path, literal }] : [],
      );
      uses.set(step, { instance, leading });
    }
  }
  return { instances, uses };
}

/** Members that say how many rows of products there are. */
const rowCounts = ['oh', 'ow', 'rows', 'm'];

/**
 * Keys for \`makeInstances\` by which one instance serves all shapes of a kernel. It still knows its epilogue: one that asks what
 * it is for every result costs more than its own code saves. A kernel with tiles for every rest of rows and channels is larger
 * than a few instances that need one or two of them: where shapes differ in rows, there have to be enough.
 */
export function sharedKeys(
  steps: readonly Step[],
  ownKey: (step: Step) => string,
  shapesWorthSharing: (kernel: Kernel) => number,
): (step: Step) => string {
  const epilogue = (step: Step) => JSON.stringify(step.params.kind ?? null);
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = `${step.kernel.symbol} ${epilogue(step)}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  const apart = new Set<Step>();
  for (const group of groups.values()) {
    const shapes = new Set(group.map(ownKey)).size;
    const rows = new Set(group.map(({ params }) => rowCounts.map((name) => params[name]).join())).size;
    if (rows > 1 && shapes < shapesWorthSharing(group[0].kernel)) for (const step of group) apart.add(step);
  }
  return (step) => (apart.has(step) ? ownKey(step) : epilogue(step));
}

function differingPaths(group: readonly Step[]): ReadonlySet<string> {
  const first = new Map(leaves(group[0].params).map(({ path, literal }) => [path, literal]));
  const differing = new Set<string>();
  for (const step of group.slice(1))
    for (const { path, literal } of leaves(step.params)) if (first.get(path) !== literal) differing.add(path);
  return differing;
}

function leaves(params: Params, prefix = ''): readonly Leaf[] {
  return Object.entries(params).flatMap(([name, value]): readonly Leaf[] => {
    const path = `${prefix}${name}`;
    if (typeof value === 'number') return [{ path, literal: s32Literal(value), ctype: 'int32_t' }];
    if (isFloat(value)) return [{ path, literal: f32Literal(value.f32), ctype: 'float' }];
    return leaves(value, `${path}.`);
  });
}

/** @param isPart the kernel's form for parts, which meet on the way: its share comes first. */
function instanceView(
  name: string,
  step: Step,
  structs: string,
  differing: ReadonlySet<string>,
  isPart: boolean,
): InstanceView {
  const { kernel } = step;
  const leading = leaves(step.params).flatMap(({ path, ctype }) =>
    differing.has(path) ? [`${ctype} ${argumentName(path)}`] : [],
  );
  const pointers = step.args.map((a) => `${a.access === 'read' ? 'const void' : 'void'} *${a.name}`);
  const data = step.data === undefined ? [] : [`struct qcc_${structs}_data d`];
  const literal = structLiteral(step.params, (path) => (differing.has(path) ? argumentName(path) : undefined));
  const share = isPart ? ['struct qcc_share t'] : [];
  const passed = [...(isPart ? ['t'] : []), ...(step.data === undefined ? [] : ['d']), ...step.args.map((a) => a.name)];
  return {
    kernel,
    name,
    isFloat: kernel.isa === 'scalar' && step.hasFloats,
    parameters: [...leading, ...share, ...data, ...pointers].join(', '),
    call: `${kernel.symbol}${isPart ? '_part' : ''}((struct qcc_${structs}_params)${literal}${passed.map((p) => `, ${p}`).join('')});`,
  };
}

/** Apart from the pointers, whose names (`w`) are those of sizes too. */
function argumentName(path: string): string {
  return `p_${path.replaceAll('.', '_')}`;
}

/** `{.h = 28, .kind = {.out = 0}}`; `replaced` may put another expression in the place of a member. */
export function structLiteral(
  params: Params,
  replaced: (path: string) => string | undefined = () => undefined,
  prefix = '',
): string {
  const text = (value: ParamValue, path: string): string => {
    if (typeof value === 'number') return s32Literal(value);
    if (isFloat(value)) return f32Literal(value.f32);
    return structLiteral(value, replaced, `${path}.`);
  };
  const members = Object.entries(params).map(([name, value]) => {
    const path = `${prefix}${name}`;
    return `.${name} = ${replaced(path) ?? text(value, path)}`;
  });
  return `{${members.join(', ')}}`;
}

function isFloat(value: Params | { readonly f32: number }): value is { readonly f32: number } {
  return typeof value.f32 === 'number' && Object.keys(value).length === 1;
}
