/** What the compiler says about a model as a whole. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { lowerModel } from '../src/compiler.js';

function codesOf(path: string): readonly string[] {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return lowerModel({ model: readFileSync(file), fileName: 'm.onnx' }).diagnostics.map((d) => d.code);
}

test('a float model builds with a note that says how to quantize it', () => {
  assert.ok(codesOf('../../shared/models/resnet8_mlperf/resnet8_fp32.onnx').includes('Q0320'));
  assert.ok(!codesOf('../examples/fashion-classifier/fashion.onnx').includes('Q0320'));
});
