import { indexType } from '../../ir/type.js';
import type { Importers } from '../../onnx/importer.js';

export const importers: Importers = {
  TopK(cx) {
    const x = cx.input(0);
    const axis = cx.axis(cx.attrs.int('axis', -1), x.type.shape.length);
    const k = cx.opset < 10 ? cx.attrs.requiredInt('k') : cx.constantScalar(1);
    const isGreatest = cx.opset < 11 || cx.attrs.bool('largest', true);
    // Without it any order will do: this one as well.
    if (cx.opset >= 11) cx.attrs.bool('sorted', true);
    if (!(k >= 0 && k <= (x.type.shape[axis] ?? 1)))
      cx.fail('Q0210', `the first ${k} of ${x.type.shape[axis] ?? 1} values`);
    return cx.makeAll('top-k', { fn: isGreatest ? 'max' : 'min', axis, k }, [x], [x.type, indexType('s64', [])]);
  },
};
