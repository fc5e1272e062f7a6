import type { AttrsOf } from '../../ir/graph.js';
import { elements } from '../../ir/type.js';
import type { Importer, Importers } from '../../onnx/importer.js';
import { reshaped } from '../layout.js';
import { quantizedForm } from '../quantized-import.js';

function along(fn: AttrsOf<'softmax'>['fn']): Importer {
  return (cx) => {
    const x = cx.input(0);
    const { shape } = x.type;
    const given = cx.attrs.int('axis', cx.opset < 13 ? 1 : -1);
    if (cx.opset >= 13) return cx.make('softmax', { fn, axis: cx.axis(given, shape.length) }, [x], x.type);
    // Before opset 13 everything from the axis on is one row, which may be empty.
    const axis = given === shape.length ? given : cx.axis(given, shape.length);
    const flat = reshaped(cx, x, [elements(shape.slice(0, axis)), elements(shape.slice(axis))]);
    return reshaped(cx, cx.make('softmax', { fn, axis: 1 }, [flat], flat.type), shape);
  };
}

export const importers: Importers = {
  Hardmax: along('hardmax'),
  LogSoftmax: along('log-softmax'),
  Softmax: along('softmax'),
  'com.microsoft.QLinearSoftmax': quantizedForm(along('softmax'), (cx) => cx.attrs.requiredInt('opset')),
};
