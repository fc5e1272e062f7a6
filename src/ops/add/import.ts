import type { Importers } from '../../onnx/importer.js';
import { quantizedPair } from '../quantized-import.js';

export const importers: Importers = {
  'com.microsoft.QLinearAdd': quantizedPair((cx, a, b) => cx.make('binary', { fn: 'add' }, [a, b], a.type)),
};
