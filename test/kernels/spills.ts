/**
 * Reads a compiler's assembly for vectors that go to the stack and back in the loops that multiply: compilers spill without
 * a word, and a kernel is then a third slower. GNU syntax of x86-64 (AT&T), AArch64 and 32-bit ARM, of gcc and of clang.
 */

export interface Loop {
  readonly functionName: string;
  /** Instructions between the label and the last jump back to it. */
  readonly lines: readonly string[];
  /** Whole vectors moved to, from, or read in place from the stack. */
  readonly spills: readonly string[];
}

interface Line {
  readonly text: string;
  readonly at: number;
}

const MULTIPLY = /^(v?pmadd|vpdp|v?fmadd|v?mulps|vpmull|smull|smlal|umlal|sdot|udot|fmla|mla|vmull\.s|vmlal\.s)/;

/** Innermost loops that multiply vectors, of every function. */
export function multiplyingLoops(assembly: string): readonly Loop[] {
  const loops: Loop[] = [];
  for (const [functionName, lines] of functionsOf(assembly)) loops.push(...loopsOf(functionName, lines));
  return loops;
}

function functionsOf(assembly: string): ReadonlyMap<string, readonly string[]> {
  const functions = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const raw of assembly.split('\n')) {
    const text = raw.replace(/\s+[#@]\s.*$|\s*\/\/.*$/, '').trim();
    const name = /^([A-Za-z_][\w.]*):$/.exec(text)?.[1];
    if (name !== undefined) {
      current = [];
      functions.set(name, current);
    } else if (current !== undefined && text !== '' && !(text.startsWith('.') && !text.endsWith(':')))
      current.push(text);
  }
  return functions;
}

function loopsOf(functionName: string, text: readonly string[]): readonly Loop[] {
  const labels = new Map<string, number>();
  const lines: Line[] = [];
  for (const line of text) {
    if (line.endsWith(':')) labels.set(line.slice(0, -1), lines.length);
    else lines.push({ text: line, at: lines.length });
  }
  /** First instruction of a loop -> the last jump back to it. */
  const ends = new Map<number, number>();
  for (const { text: line, at } of lines) {
    const target = /^(?:j\w+|b(?:\.?\w{2})?|cbn?z|tbn?z)\s.*?(\.L\w+)$/.exec(line)?.[1];
    const start = target === undefined ? undefined : labels.get(target);
    if (start !== undefined && start <= at) ends.set(start, Math.max(at, ends.get(start) ?? 0));
  }
  const frames = frameRegisters(text);
  const spans = [...ends];
  return spans
    .filter(([start, end]) => !spans.some(([s, e]) => (s !== start || e !== end) && s >= start && e <= end))
    .map(([start, end]) => lines.slice(start, end + 1).map((line) => line.text))
    .filter((inside) => inside.some((line) => MULTIPLY.test(line)))
    .map((inside) => ({ functionName, lines: inside, spills: inside.filter((line) => isSpill(line, frames)) }));
}

/** Registers that point into the stack; the frame pointer is a register like others where nobody sets it. */
function frameRegisters(text: readonly string[]): RegExp {
  const names = ['%rsp', 'sp'];
  if (text.some((line) => /^movq\s+%rsp, %rbp$/.test(line))) names.push('%rbp');
  if (text.some((line) => /^(mov\s+x29, sp|add\s+x29, sp,.*)$/.test(line))) names.push('x29');
  return new RegExp(`[([](${names.join('|')})[,)\\]]`);
}

function isSpill(line: string, frames: RegExp): boolean {
  if (!frames.test(line)) return false;
  // A scalar that is broadcast, or part of a vector, is no spilled vector.
  if (/^v?p?(broadcast|insr|extr|mov[dq]\s|movs[sd]\s)/.test(line)) return false;
  if (/^(vldr|vstr|vldmia|vstmia|v(?:ld|st)1\.\d+)\s+\{?[dq]\d/.test(line)) return true;
  return /%[xyz]mm\d/.test(line) || /^(ldr|str|ldur|stur|ldp|stp)\s+q\d/.test(line) || /^(ld|st)1\s/.test(line);
}
