import type { Importers } from '../../onnx/importer.js';
import { float32Input } from '../arithmetic.js';
import { toNchw, toNhwc } from '../layout.js';

export const importers: Importers = {
  GridSample(cx) {
    const x = float32Input(cx, 0);
    const grid = float32Input(cx, 1);
    const rank = x.type.shape.length;
    if (rank !== 4) cx.fail('Q0215', `x has ${rank} dimensions; images of 2 spatial dimensions are sampled`);
    const named = cx.attrs.oneOf('mode', ['bilinear', 'linear', 'nearest', 'bicubic', 'cubic'], 'linear');
    const mode = named === 'bilinear' ? 'linear' : named === 'bicubic' ? 'cubic' : named;
    const padding = cx.attrs.oneOf('padding_mode', ['zeros', 'border', 'reflection'], 'zeros');
    const corners = cx.attrs.bool('align_corners', false);
    return toNchw(cx, cx.make('grid-sample', { mode, padding, corners }, [toNhwc(cx, x), grid], x.type), rank);
  },
};
