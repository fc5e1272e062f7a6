import type { ImportContext, Importers } from '../../onnx/importer.js';

function binaryOf(fn: 'add' | 'sub' | 'mul' | 'div') {
  return (cx: ImportContext) => cx.make('binary', { fn }, [cx.input(0), cx.input(1)], cx.input(0).type);
}

export const importers: Importers = {
  Add: binaryOf('add'),
  Sub: binaryOf('sub'),
  Mul: binaryOf('mul'),
  Div: binaryOf('div'),
};
