/**
 * A process of its own that loads a model with ONNX Runtime and runs it once: what that takes, from loading the library to the
 * first answer, and how much memory it adds. Node's own start and size are not counted.
 * Arguments: model, mode, then JSON of the inputs: [{"name","element","shape","file"}], files raw.
 */
import { readFileSync } from 'node:fs';
import { tensorOf as storedTensor } from '../ir/stored.js';
import { type Element, floatType, indexType, quantType, type Tensor, unitAffine } from '../ir/type.js';
import { needOnnxRuntime, type OrtMode } from './onnxruntime.js';

export interface OrtInput {
  readonly name: string;
  readonly element: Element;
  readonly shape: readonly number[];
  readonly file: string;
}

function tensorOf({ element, shape, file }: OrtInput): Tensor {
  const isQuantized = element === 's8' || element === 'u8' || element === 's16' || element === 's32';
  const type = isQuantized
    ? quantType(element, shape, unitAffine)
    : element === 's64' || element === 'bool' || element === 'u32' || element === 'u64'
      ? indexType(element, shape)
      : floatType(shape, element === 'f64' || element === 'f16' ? element : 'f32');
  return storedTensor(type, readFileSync(file));
}

const [model = '', modeText = '', inputsText = '[]'] = process.argv.slice(2);
const mode: OrtMode = modeText === 'exact' ? 'exact' : 'default';
const list: readonly OrtInput[] = JSON.parse(inputsText);
const inputs = list.map((input) => ({ name: input.name, tensor: tensorOf(input) }));
const before = process.memoryUsage().rss;
const start = performance.now();
const opened = await (await needOnnxRuntime()).open(model, mode);
await opened.run(inputs);
const startupUs = Math.round((performance.now() - start) * 1e3);
console.log(JSON.stringify({ startup_us: startupUs, rss_bytes: process.memoryUsage().rss - before }));
await opened.release();
