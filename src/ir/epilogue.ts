/** Convolutions whose epilogue can take in what follows them. */
import type { Node, Value } from './graph.js';
import type { Rewriter } from './rewrite.js';
import { producer } from './walk.js';

/** The convolution behind `value`, if its epilogue is free and nobody else reads it. */
export function openConvolution(value: Value, rw: Rewriter): Node<'conv2d-requant'> | undefined {
  const conv = producer(value, 'conv2d-requant');
  if (conv === undefined || conv.attrs.add !== 'none' || conv.attrs.lookup || !rw.isOnlyUse(conv.results[0]))
    return undefined;
  return conv;
}
