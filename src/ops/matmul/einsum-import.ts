/**
 * Einsum as transposes, products and sums. Invariant: inside, every operand has each of its labels once; a label is summed
 * as soon as no other operand and not the result needs it.
 */
import type { Value } from '../../ir/graph.js';
import { elements, floatType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { picked } from '../gather/import.js';
import { reshaped, transposed } from '../layout.js';
import { product } from './product-import.js';

interface Term {
  readonly value: Value;
  readonly labels: readonly string[];
}

interface Equation {
  /** One list for each operand; dimensions under an ellipsis are `.0`, `.1`, ..., aligned at the last. */
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

function lettersOf(cx: ImportContext, text: string, dots: readonly string[] | undefined): readonly string[] {
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(text)) cx.attrs.invalid('equation', `has the term "${text}"`);
  const [before, after] = text.split('...');
  return after === undefined ? [...before] : [...before, ...(dots ?? []), ...after];
}

function parsed(cx: ImportContext, shapes: readonly (readonly number[])[]): Equation {
  const text = cx.attrs.requiredString('equation').replaceAll(/\s/g, '');
  const [left, right, ...more] = text.split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== shapes.length)
    cx.fail('Q0210', `the equation "${text}" has ${terms.length} terms for ${shapes.length} inputs`);
  const covered = terms.map((t, i) => shapes[i].length - t.replace('...', '').length);
  for (const [i, count] of covered.entries())
    if (count < 0 || (count > 0 && !terms[i].includes('...')))
      cx.fail('Q0210', `the term "${terms[i]}" does not fit an input of shape [${shapes[i]}]`);
  const most = Math.max(0, ...covered);
  const dots = (count: number) => Array.from({ length: count }, (_, i) => `.${most - count + i}`);
  const operands = terms.map((t, i) => lettersOf(cx, t, dots(covered[i])));
  if (right !== undefined) return { operands, result: lettersOf(cx, right, dots(most)) };
  const all = operands.flat();
  const single = all.filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l));
  return { operands, result: [...dots(most), ...single.toSorted()] };
}

/** Dimensions with one label become one: their diagonal. */
function diagonal(cx: ImportContext, term: Term): Term {
  const { value, labels } = term;
  const label = labels.find((l, i) => labels.indexOf(l) !== i);
  if (label === undefined) return term;
  const [a, b] = [labels.indexOf(label), labels.lastIndexOf(label)];
  const { shape } = value.type;
  if (shape[a] !== shape[b]) cx.fail('Q0210', `the label "${label}" stands for ${shape[a]} and ${shape[b]}`);
  const others = labels.flatMap((_, i) => (i === a || i === b ? [] : [i]));
  const rest = others.map((i) => shape[i]);
  const square = reshaped(cx, transposed(cx, value, [...others, a, b]), [...rest, shape[a] * shape[a]]);
  const places = Array.from({ length: shape[a] }, (_, i) => i * (shape[a] + 1));
  const line = picked(cx, square, rest.length, places);
  return diagonal(cx, { value: line, labels: [...others.map((i) => labels[i]), label] });
}

function without(cx: ImportContext, term: Term, gone: (label: string) => boolean): Term {
  const axes = term.labels.flatMap((l, i) => (gone(l) ? [i] : []));
  if (axes.length === 0) return term;
  const { shape } = term.value.type;
  const sizes = shape.filter((_, i) => !axes.includes(i));
  const labels = term.labels.filter((l) => !gone(l));
  const isUnit = axes.every((a) => shape[a] === 1);
  const value = isUnit ? term.value : cx.make('reduce', { fn: 'sum', axes }, [term.value], term.value.type);
  return { value: reshaped(cx, value, sizes), labels };
}

function ordered(cx: ImportContext, term: Term, labels: readonly string[]): Value {
  const perm = labels.map((l) => term.labels.indexOf(l));
  return perm.every((p, i) => p === i) ? term.value : transposed(cx, term.value, perm);
}

/** The product of two operands, summed over the labels that are not needed afterwards. */
function joined(cx: ImportContext, first: Term, second: Term, needed: ReadonlySet<string>): Term {
  // A constant goes right, where its matrix can be the weights of a layer.
  const [a, b] = first.value.kind === 'const' && second.value.kind !== 'const' ? [second, first] : [first, second];
  const sizes = new Map<string, number>();
  for (const { value, labels } of [a, b])
    for (const [i, l] of labels.entries()) sizes.set(l, Math.max(sizes.get(l) ?? 1, value.type.shape[i]));
  // A dimension of size 1 stretches to the other operand's: it is as if it were not there.
  const [x, y] = [a, b].map((t, i) => {
    const other = i === 0 ? b : a;
    return without(cx, t, (l) => other.labels.includes(l) && t.value.type.shape[t.labels.indexOf(l)] !== sizes.get(l));
  });
  const shared = x.labels.filter((l) => y.labels.includes(l));
  for (const l of shared) {
    const [m, n] = [x, y].map((t) => t.value.type.shape[t.labels.indexOf(l)]);
    if (m !== n) cx.fail('Q0210', `the label "${l}" stands for ${m} and ${n}`);
  }
  const summed = shared.filter((l) => !needed.has(l));
  const batch = shared.filter((l) => needed.has(l));
  const rows = x.labels.filter((l) => !shared.includes(l));
  const columns = y.labels.filter((l) => !shared.includes(l));
  const size = (list: readonly string[]) => list.map((l) => sizes.get(l) ?? 1);
  const count = (list: readonly string[]) => elements(size(list));
  const left = ordered(cx, x, [...batch, ...rows, ...summed]);
  const right = ordered(cx, y, [...batch, ...summed, ...columns]);
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) {
    const ones = (list: readonly string[]) => list.map(() => 1);
    const l = reshaped(cx, left, [...size(batch), ...size(rows), ...ones(columns)]);
    const r = reshaped(cx, right, [...size(batch), ...ones(rows), ...size(columns)]);
    return { value: cx.make('binary', { fn: 'mul' }, [l, r], l.type), labels };
  }
  const l = reshaped(cx, left, [...size(batch), count(rows), count(summed)]);
  const r = reshaped(cx, right, [...size(batch), count(summed), count(columns)]);
  return { value: reshaped(cx, product(cx, l, r, floatType), size(labels)), labels };
}

export function einsum(cx: ImportContext): Value {
  const values = cx.inputs();
  const odd = values.find((v) => v.type.element !== 'f32');
  if (odd !== undefined)
    cx.fail('Q0209', `Einsum of ${odd.type.element} is not supported`, undefined, 'cast the inputs to float32');
  const { operands, result } = parsed(
    cx,
    values.map((v) => v.type.shape),
  );
  if (new Set(result).size !== result.length || result.some((l) => !operands.some((o) => o.includes(l))))
    cx.fail('Q0210', `the result "${result.join('')}" of the equation is not made of its terms' labels, each once`);
  let terms = operands.map((labels, i) => diagonal(cx, { value: values[i], labels }));
  terms = terms.map((term, i) => {
    const kept = new Set([...result, ...terms.flatMap((t, j) => (j === i ? [] : t.labels))]);
    return without(cx, term, (l) => !kept.has(l));
  });
  const last = terms.reduce((a, b, i) => joined(cx, a, b, new Set([...result, ...operands.slice(i + 1).flat()])));
  return ordered(
    cx,
    without(cx, last, (l) => !result.includes(l)),
    result,
  );
}
