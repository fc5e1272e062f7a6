import { elements } from '../../ir/type.js';
import type { Importers } from '../../onnx/importer.js';
import { reshaped } from '../layout.js';

export const importers: Importers = {
  Softmax(cx) {
    const x = cx.input(0);
    const { shape } = x.type;
    const axis = cx.axis(cx.attrs.int('axis', cx.opset < 13 ? 1 : -1), shape.length);
    if (cx.opset >= 13) return cx.make('softmax', { axis }, [x], x.type);
    // Before opset 13 everything from the axis on is one row.
    const flat = reshaped(cx, x, [elements(shape.slice(0, axis)), elements(shape.slice(axis))]);
    return reshaped(cx, cx.make('softmax', { axis: 1 }, [flat], flat.type), shape);
  },
};
