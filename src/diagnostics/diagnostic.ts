/** Errors as data. Invariant: every diagnostic has a code listed in `codes.ts`, and says what to do next. */
import type { Code } from './codes.js';

export type Severity = 'error' | 'warning' | 'note';

/** The user's own object a diagnostic is about. */
export interface Place {
  /** Model node name, or its first output if it has none. */
  readonly node?: string;
  /** ONNX operator, as the model spells it. */
  readonly operator?: string;
  /** For example `input 4 "w_scale"` or `attribute "axis"`. */
  readonly part?: string;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** One sentence, numbers included: what was found, what was expected. */
  readonly message: string;
  readonly place?: Place;
  /** What another program said, line by line. */
  readonly quote?: readonly string[];
  /** The next step for the user. */
  readonly help?: string;
}

/** Carries diagnostics through code that cannot go on; the rim catches it and renders them all. */
export class QccError extends Error {
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    /** Process exit code: 1 model or data, 2 usage, 3 gate, 4 toolchain. */
    readonly exitCode: 1 | 2 | 3 | 4 = 1,
    /** The model file they are about, as the user named it; absent where there is none, as in usage errors. */
    readonly file?: string,
  ) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
  }
}

export function error(code: Code, message: string, place?: Place, help?: string): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    ...(place === undefined ? {} : { place }),
    ...(help === undefined ? {} : { help }),
  };
}

export function note(code: Code, message: string, help?: string): Diagnostic {
  return { code, severity: 'note', message, ...(help === undefined ? {} : { help }) };
}

export function warning(code: Code, message: string, help?: string): Diagnostic {
  return { code, severity: 'warning', message, ...(help === undefined ? {} : { help }) };
}
