/**
 * LSTM, GRU and RNN with the products that make their gates, which ONNX knows as one operator. Invariant: a product that anything
 * else reads is nobody's part.
 */
import type { AnyNode, Graph, Node, Value } from './graph.js';
import { isMatrixProduct } from './quantizable.js';
import { producer, topologicalOrder, users } from './walk.js';

export type Cell = Node<'lstm'> | Node<'gru'> | Node<'rnn'>;

export function isCell(node: AnyNode): node is Cell {
  return node.kind === 'lstm' || node.kind === 'gru' || node.kind === 'rnn';
}

/** The product of the input with its weights that `gates` are, in another shape. */
export function gateProduct({ operands: [gates] }: Cell): Node<'conv2d'> | undefined {
  const product = producer(producer(gates, 'reshape')?.operands[0], 'conv2d');
  return product !== undefined && isMatrixProduct(product) ? product : undefined;
}

/** Products that only cells read: they are written with them. */
export function productsOfCells(graph: Graph): ReadonlySet<AnyNode> {
  const readers = users(graph);
  const outputs = new Set(graph.outputs.map((o) => o.value));
  const isOnlyIn = (value: Value, of: (node: AnyNode) => boolean): boolean =>
    !outputs.has(value) && (readers.get(value) ?? []).every(of);
  const products = topologicalOrder(graph).flatMap((node) => (isCell(node) ? (gateProduct(node) ?? []) : []));
  return new Set(
    products.filter((product) =>
      isOnlyIn(product.results[0], (move) => move.kind === 'reshape' && isOnlyIn(move.results[0], isCell)),
    ),
  );
}
