import { nodeSamples } from '../../ir/sample.js';
import { elements, floatType, type Shape, type Tensor } from '../../ir/type.js';
import { gridSample } from './op.js';

/** Places in and around the image, some of them on the halves and edges where roundings and paddings decide. */
function places(shape: Shape): Tensor {
  const data = Float32Array.from({ length: elements(shape) }, (_, i) =>
    i % 5 === 0 ? ((i % 17) - 8) / 4 : Math.fround(Math.sin(i * 1.7) * 1.8),
  );
  data.set([Number.NaN, -1, 1, Number.POSITIVE_INFINITY, 0, -1e30, 3, -3]);
  return { type: floatType(shape), data };
}

export const samples = nodeSamples(
  'grid-sample',
  gridSample.attrs.mode.flatMap((mode) =>
    gridSample.attrs.padding.flatMap((padding) =>
      [false, true].map((corners) => ({
        name: `${mode}, ${padding}${corners ? ', corners' : ''}`,
        attrs: { mode, padding, corners },
        operands: [floatType([2, 5, 4, 3]), places([2, 4, 7, 2])],
        results: [floatType([2, 4, 7, 3])],
      })),
    ),
  ),
);
