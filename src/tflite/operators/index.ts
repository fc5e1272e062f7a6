/** TFLite operator -> importer. */
import type { OperatorImporters } from '../importer.js';
import { convolutions } from './convolution.js';
import { elementwise } from './elementwise.js';
import { functions } from './functions.js';
import { moves } from './moves.js';
import { pools } from './pool.js';
import { resizes } from './resize.js';
import { transposedConvolutions } from './transposed-convolution.js';

export const operators: OperatorImporters = {
  ...convolutions,
  ...elementwise,
  ...functions,
  ...moves,
  ...pools,
  ...resizes,
  ...transposedConvolutions,
};
