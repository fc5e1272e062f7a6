/** What is said of float operations where a program may have none. Exit code 3: a gate failed. */
import { type Diagnostic, error, note, QccError } from '../diagnostics/diagnostic.js';
import type { AnyNode, Graph } from '../ir/graph.js';
import { topologicalOrder } from '../ir/walk.js';
import type { ModelNode } from './model-nodes.js';

/** Nodes named in one line. */
const NAMED = 6;

/** A view of other bytes computes nothing. */
function computing(nodes: readonly AnyNode[]): readonly AnyNode[] {
  const computes = nodes.filter(({ kind }) => kind !== 'reshape' && kind !== 'reinterpret' && kind !== 'transpose');
  return computes.length > 0 ? computes : nodes;
}

function listText(nodes: readonly AnyNode[]): string {
  const named = nodes.slice(0, NAMED).map(({ kind, origin }) => `${kind} "${origin.names[0] ?? kind}"`);
  return named.join(', ') + (nodes.length > NAMED ? ` and ${nodes.length - NAMED} more` : '');
}

/** @param by the option, or the target whose programs are so by default. */
function rule(by: string): string {
  return by.startsWith('--') ? `${by} allows none` : `programs for ${by} are made of integers unless told otherwise`;
}

/** The way out that is left where nothing else is. */
function leave(by: string): string {
  return by.startsWith('--') ? `leave out ${by}` : '--no-integer-only, to have floats computed';
}

/** Every node where some of the model is quantized; one problem where nothing is. */
export function integerOnlyFailure(left: readonly AnyNode[], graph: Graph, by: string): QccError {
  const nodes = computing(left);
  const isFloat = topologicalOrder(graph).every((node) => node.results.every((r) => r.type.kind !== 'quant'));
  if (isFloat)
    return new QccError(
      [
        error(
          'Q0842',
          `nothing in this model is quantized, and ${rule(by)}: ${listText(nodes)}`,
          undefined,
          `quantize it: qcc build MODEL --calibrate DATA, or qcc quantize MODEL --calibrate DATA -o INT8.onnx; or ${leave(by)}`,
        ),
      ],
      3,
    );
  return new QccError(
    nodes.map((node) =>
      error(
        'Q0842',
        `${node.kind} computes on floats, and ${rule(by)}`,
        { node: node.origin.names[0] ?? node.kind },
        `quantize it in the float model this one was made of (qcc quantize FLOAT --calibrate DATA --integer-only), or an operator of \`qcc ops\` with an 8-bit form in its place; or ${leave(by)}`,
      ),
    ),
    3,
  );
}

/** Of a float model that is being quantized. */
export function integerOnlyRefusal(left: readonly ModelNode[], by: string): QccError {
  const help = `\`qcc ops\` lists operators with an 8-bit form, to make the model of; or ${leave(by)}`;
  const told = (op: string): string => `${op} would compute on floats, and ${rule(by)}`;
  return new QccError(
    left.map(({ node, op }) => error('Q0842', told(op), { node }, help)),
    3,
  );
}

/** What `qcc build` would refuse, for commands that only look. */
export function integerOnlyNote(left: readonly AnyNode[], by: string): Diagnostic {
  const nodes = computing(left);
  const many = nodes.length === 1 ? 'one operation computes' : `${nodes.length} operations compute`;
  return note(
    'Q0421',
    `${many} on floats: ${listText(nodes)}; qcc build refuses that: ${rule(by)}`,
    'quantize the model, or build with --no-integer-only',
  );
}
