import type { Importers } from '../../onnx/importer.js';
import { numericInputs } from '../arithmetic.js';

export const importers: Importers = {
  CumSum(cx) {
    const [x] = numericInputs(cx, [cx.input(0)]);
    const axis = cx.axis(cx.constantScalar(1), x.type.shape.length);
    const [exclusive, reverse] = [cx.attrs.bool('exclusive', false), cx.attrs.bool('reverse', false)];
    return cx.make('cumulative-sum', { axis, exclusive, reverse }, [x], x.type);
  },
};
