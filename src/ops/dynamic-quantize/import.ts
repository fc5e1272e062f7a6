import type { Importers } from '../../onnx/importer.js';
import { dynamicallyQuantized } from '../dynamic-import.js';

export const importers: Importers = {
  DynamicQuantizeLinear(cx) {
    const { q, scale, zero } = dynamicallyQuantized(cx, cx.input(0));
    return [q, scale, zero];
  },
};
