import type { Importers } from '../../onnx/importer.js';
import { quantizedPair } from '../quantized-import.js';

export const importers: Importers = {
  'com.microsoft.QLinearMul': quantizedPair((cx, a, b) => cx.make('binary', { fn: 'mul' }, [a, b], a.type)),
};
