/**
 * The steps of a generated C file, read back from its text: which kernel with which literals on which memory. Invariant:
 * a line of the run that is understood is in a step; every other line is handed on as it is.
 */
import { numberOf } from './c-constants.js';

/** Members of a struct literal, `kind.out` for nested ones. */
export type Literals = ReadonlyMap<string, number>;

/** What a pointer argument points at. */
export type Pointer =
  | { readonly kind: 'null' }
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'input' | 'output' | 'constant'; readonly name: string; readonly offset: number };

/** How the pointers of a part move: by rows of its own, by rows under its window, by its number. */
export interface CMove {
  readonly by: 'r' | 'x' | 'part';
  readonly bytes: number;
}

/** The rows of a step that parts share, and the image rows, size, stride and padding of their windows. */
export interface CShare {
  readonly rows: number;
  readonly unit: number;
  readonly window: readonly number[] | undefined;
  /** The kernel is told its rows, and makes parts wait for each other on the way. */
  readonly meetsInside: boolean;
}

/** A step; where parts share it, literals and pointers are those of the run by one part. */
export interface CStep {
  readonly family: string;
  readonly kernel: string;
  readonly params: Literals;
  readonly data: Literals;
  readonly pointers: readonly Pointer[];
  /** Barriers before it. */
  readonly group: number;
  readonly share: CShare | undefined;
  /** By pointer; undefined for those that stay. */
  readonly moves: readonly (CMove | undefined)[];
}

export interface CProgram {
  readonly steps: readonly CStep[];
  /** Number of parts at most, and where in the arena they meet; undefined in a program for one thread. */
  readonly parts: { readonly most: number; readonly barrier: number } | undefined;
  /** Lines of the run that are part of no step. */
  readonly strange: readonly string[];
}

/** A function around one kernel; parameters that differ between its callers are arguments. */
interface Instance {
  readonly kernel: string;
  readonly family: string;
  readonly literal: string;
  readonly arguments: readonly string[];
}

/** The parameters of one call; undefined if it passes another number of arguments. */
function called(instance: Instance, given: readonly string[]): Literals | undefined {
  if (given.length !== instance.arguments.length) return undefined;
  const filled = instance.arguments.reduce(
    (text, name, i) => text.replace(new RegExp(`= ${name}\\b`), `= ${given[i]}`),
    instance.literal,
  );
  return literals(filled);
}

/** @param regions where in the arena the memories begin that the C names. */
export function cProgram(text: string, model: string, regions: ReadonlyMap<string, number> = new Map()): CProgram {
  const instances = new Map<string, Instance>();
  for (const [, name, parameters, kernel, family, literal] of text.matchAll(
    /^(?:static )?QCC_NOINLINE void (\w+)\(([^)]*)\) \{\n {2}(\w+)\(\(struct qcc_(\w+)_params\)(\{[^;]*?\})((?:, \w+)*)\);\n\}$/gm,
  ))
    instances.set(name, {
      kernel,
      family,
      literal,
      arguments: [...parameters.matchAll(/(?:int32_t|float) (\w+)/g)].map((m) => m[1]),
    });
  const steps: CStep[] = [];
  const strange: string[] = [];
  let data: Literals = new Map();
  let [group, parts, share]: [number, CProgram['parts'], CShare | undefined] = [0, undefined, undefined];
  for (const raw of runLines(text, model)) {
    const begins = /^qcc_parts_begin\(&meeting, arena \+ 0x([0-9a-f]+), part, parts, (\d+)u\);$/.exec(raw);
    const rows = /^const struct qcc_rows r = qcc_rows_of\(part, parts, (\d+), (\d+)\);$/.exec(raw);
    const window = /^const struct qcc_window x = qcc_window_of\(r, (\d+), (\d+), (\d+), (\d+)\);$/.exec(raw);
    if (begins !== null) parts = { most: Number(begins[2]), barrier: Number.parseInt(begins[1], 16) };
    if (rows !== null) share = { rows: Number(rows[1]), unit: Number(rows[2]), window: undefined, meetsInside: false };
    if (window !== null && share !== undefined) share = { ...share, window: window.slice(1).map(Number) };
    const meets = raw === 'const struct qcc_share t = qcc_share_of(r, &meeting);';
    if (meets && share !== undefined) share = { ...share, meetsInside: true };
    if (raw === 'qcc_parts_meet(&meeting);') group++;
    if (meets) continue;
    if (begins ?? rows ?? window ?? /^(qcc_parts_meet\(&meeting\)|struct qcc_parts meeting);$/.exec(raw)) continue;
    const guard = parts === undefined ? '' : guardOf(share);
    const isGuarded = raw.startsWith(guard);
    const line = isGuarded ? asOnePart(raw.slice(guard.length), share) : raw;
    const declared = /^const struct qcc_\w+_data d = (\{.*\});$/.exec(line);
    const call =
      /^(\w+)\(((?:(?:-?[\w.+-]+|\(-2147483647 - 1\)), )*?)(?:d(?:, |(?=\))))?((?:\((?:const )?void \*\).*)?)\);$/.exec(
        line,
      );
    const instance = call === null ? undefined : instances.get(call[1]);
    if (declared !== null) data = literals(declared[1]);
    else if (call !== null && instance !== undefined && isGuarded) {
      const given = call[3] === '' ? [] : call[3].split(/, (?=\((?:const )?void \*\))/);
      const pointers = given.map((p) => pointerOf(p, regions));
      if (pointers.some((p) => p === undefined)) strange.push(line);
      const { family } = instance;
      const kernel = share?.meetsInside === true ? instance.kernel.replace(/_part$/, '') : instance.kernel;
      const params = called(instance, call[2].split(', ').slice(0, -1));
      if (params === undefined) strange.push(line);
      steps.push({
        ...{ kernel, family, data, group, share },
        params: params ?? new Map<string, number>(),
        pointers: pointers.flatMap((p) => (p === undefined ? [] : [p])),
        moves: given.map(moveOf),
      });
      [data, share] = [new Map(), undefined];
    } else if (!isHook(line, model, steps, regions)) strange.push(line);
  }
  return { steps, parts, strange };
}

/** Parts without rows have nothing to do, unless others wait for them. */
function guardOf(share: CShare | undefined): string {
  if (share === undefined) return 'if (part == 0u) ';
  return share.meetsInside ? '' : 'if (r.count > 0) ';
}

/** A call with the numbers that one part alone puts in. */
function asOnePart(line: string, share: CShare | undefined): string {
  if (share === undefined) return line;
  const [image, size, stride, pad] = share.window ?? [0, 0, 0, 0];
  if (share.meetsInside) return line.replace(/^(\w+\()t, /, '$1');
  return line
    .replace(/\br\.count(?: \* (\d+))?(?=, )/g, (_, times?: string) => String(share.rows * Number(times ?? 1)))
    .replace(/\br\.first \+ (-?\d+)(?=, )/g, '$1')
    .replace(/\bqcc_rows_above\(r, x\)(?=, )/g, String(pad))
    .replace(/\bqcc_rows_below\(r, x\)(?=, )/g, String(share.rows - image - pad))
    .replace(/\bx\.rows(?=, )/g, String(Math.min(image, (share.rows - 1) * stride - pad + size)))
    .replace(/\bx\.pad(?=, )/g, String(pad));
}

const MOVE = / \+ (?:\(size_t\)([rx])\.first|part) \* (\d+)u\)$/;

function moveOf(text: string): CMove | undefined {
  const found = MOVE.exec(text);
  if (found === null) return undefined;
  return { by: found[1] === 'r' || found[1] === 'x' ? found[1] : 'part', bytes: Number(found[2]) };
}

/** A call that only looks at what the step before it wrote, or reads a counter. */
function isHook(line: string, model: string, steps: readonly CStep[], regions: ReadonlyMap<string, number>): boolean {
  const step = steps.length - 1;
  const trace = /^(\w+)_trace\((\d+)u, \(const void \*\)\((.*)\), \d+u\);$/.exec(line);
  if (trace !== null) {
    const pointer = JSON.stringify(pointerOf(`(const void *)(${trace[3]})`, regions));
    const isOfStep = trace[1] === model && Number(trace[2]) === step;
    return isOfStep && (steps[step]?.pointers.some((p) => JSON.stringify(p) === pointer) ?? false);
  }
  const counting = [
    'uint64_t *const profile = memory->profile;',
    `${model}_tick ticks = 0;`,
    'if (profile != NULL) {',
    `ticks = ${model}_ticks();`,
    `ticks = ${model}_lap(profile, ${model.toUpperCase()}_STEPS, ticks);`,
  ];
  if (steps.length === 0) return counting.includes(line);
  return line === `if (profile != NULL) ticks = ${model}_lap(profile, ${step}u, ticks);`;
}

/** Between taking and giving back the float environment, without comments, braces and hooks. */
function runLines(text: string, model: string): readonly string[] {
  const start = Math.max(text.indexOf(`int ${model}_run(`), text.indexOf(`int ${model}_run_part(`));
  const from = text.indexOf('qcc_fenv_enter();', start);
  const to = text.indexOf('qcc_fenv_leave(fenv);', from);
  if (start < 0 || from < 0 || to < 0) return ['(no run function)'];
  return text
    .slice(from + 'qcc_fenv_enter();'.length, to)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' &&
        line !== '{' &&
        line !== '}' &&
        !/^for \(size_t (\w+) = 0; \1 < \d+u; \1\+\+\) \{$/.test(line) &&
        !/^QCC_AFTER_STEP\(\d+u \+ 1u\);$/.test(line),
    );
}

function pointerOf(text: string, regions: ReadonlyMap<string, number>): Pointer | undefined {
  // In a loop a pointer moves on; where it is in the first turn is what the manifest lists. So is where it is in part 0.
  const inner = /^\((?:const )?void \*\)\((.*)\)$/
    .exec(text.replace(MOVE, ')'))?.[1]
    .replace(/ \+ turn\w* \* \d+u$/, '');
  if (inner === undefined) return undefined;
  if (inner === 'NULL') return { kind: 'null' };
  const arena = /^arena \+ 0x([0-9a-f]+)$/.exec(inner);
  if (arena !== null) return { kind: 'arena', offset: Number.parseInt(arena[1], 16) };
  const region = /^region_(\w+) \+ 0x([0-9a-f]+)$/.exec(inner);
  const start = region === null ? undefined : regions.get(region[1]);
  if (region !== null && start !== undefined) return { kind: 'arena', offset: start + Number.parseInt(region[2], 16) };
  const moved = /^(?:\((?:const )?unsigned char \*\))?(in->|out->)?(\w+)(\.values)?(?: \+ (\d+))?$/.exec(inner);
  if (moved === null) return undefined;
  const kind = moved[1] === 'in->' ? 'input' : moved[1] === 'out->' ? 'output' : 'constant';
  return { kind, name: moved[2], offset: Number(moved[4] ?? 0) };
}

function literals(text: string): Literals {
  const found = new Map<string, number>();
  const path: string[] = [];
  for (const [, open, member, value, close] of text.matchAll(
    /(?:\.(\w+) = \{)|(?:\.(\w+) = ((?:\([^)]*\)|[^,{}])+))|(\})/g,
  )) {
    if (open !== undefined) path.push(open);
    else if (close !== undefined) path.pop();
    else if (member !== undefined) found.set([...path, member].join('.'), numberOf(value.trim()));
  }
  return found;
}
