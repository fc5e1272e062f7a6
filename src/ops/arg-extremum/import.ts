import { indexType } from '../../ir/type.js';
import type { Importer, Importers } from '../../onnx/importer.js';
import { reshaped } from '../layout.js';

function arg(fn: 'max' | 'min'): Importer {
  return (cx) => {
    const x = cx.input(0);
    const axis = cx.axis(cx.attrs.int('axis', 0), x.type.shape.length);
    const last = cx.opset >= 12 && cx.attrs.bool('select_last_index', false);
    const y = cx.make('arg-extremum', { fn, axis, last }, [x], indexType('s64', []));
    if (cx.attrs.bool('keepdims', true)) return y;
    return reshaped(
      cx,
      y,
      y.type.shape.filter((_, i) => i !== axis),
    );
  };
}

export const importers: Importers = { ArgMax: arg('max'), ArgMin: arg('min') };
