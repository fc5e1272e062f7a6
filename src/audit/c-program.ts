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

export interface CStep {
  readonly family: string;
  readonly kernel: string;
  readonly params: Literals;
  readonly data: Literals;
  readonly pointers: readonly Pointer[];
}

export interface CProgram {
  readonly steps: readonly CStep[];
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

export function cProgram(text: string, model: string): CProgram {
  const instances = new Map<string, Instance>();
  for (const [, name, parameters, kernel, family, literal] of text.matchAll(
    /^static QCC_NOINLINE void (\w+)\(([^)]*)\) \{\n {2}(\w+)\(\(struct qcc_(\w+)_params\)(\{[^;]*?\})((?:, \w+)*)\);\n\}$/gm,
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
  for (const line of runLines(text, model)) {
    const declared = /^const struct qcc_\w+_data d = (\{.*\});$/.exec(line);
    const call =
      /^(\w+)\(((?:(?:-?[\w.+-]+|\(-2147483647 - 1\)), )*?)(?:d(?:, |(?=\))))?((?:\((?:const )?void \*\).*)?)\);$/.exec(
        line,
      );
    const instance = call === null ? undefined : instances.get(call[1]);
    if (declared !== null) data = literals(declared[1]);
    else if (call !== null && instance !== undefined) {
      const pointers = call[3] === '' ? [] : call[3].split(/, (?=\((?:const )?void \*\))/).map(pointerOf);
      if (pointers.some((p) => p === undefined)) strange.push(line);
      const { kernel, family } = instance;
      const params = called(instance, call[2].split(', ').slice(0, -1));
      if (params === undefined) strange.push(line);
      steps.push({
        kernel,
        family,
        params: params ?? new Map<string, number>(),
        data,
        pointers: pointers.flatMap((p) => (p === undefined ? [] : [p])),
      });
      data = new Map();
    } else if (!isHook(line, model, steps)) strange.push(line);
  }
  return { steps, strange };
}

/** A call that only looks at what the step before it wrote, or reads a counter. */
function isHook(line: string, model: string, steps: readonly CStep[]): boolean {
  const step = steps.length - 1;
  const trace = /^(\w+)_trace\((\d+)u, \(const void \*\)\((.*)\), \d+u\);$/.exec(line);
  if (trace !== null) {
    const pointer = JSON.stringify(pointerOf(`(const void *)(${trace[3]})`));
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
  const start = text.indexOf(`int ${model}_run(`);
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

function pointerOf(text: string): Pointer | undefined {
  // In a loop a pointer moves on; where it is in the first turn is what the manifest lists.
  const inner = /^\((?:const )?void \*\)\((.*)\)$/.exec(text)?.[1].replace(/ \+ turn\w* \* \d+u$/, '');
  if (inner === undefined) return undefined;
  if (inner === 'NULL') return { kind: 'null' };
  const arena = /^arena \+ 0x([0-9a-f]+)$/.exec(inner);
  if (arena !== null) return { kind: 'arena', offset: Number.parseInt(arena[1], 16) };
  const moved = /^(?:\(const unsigned char \*\))?(in->|out->)?(\w+)(\.values)?(?: \+ (\d+))?$/.exec(inner);
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
