/**
 * The exact C of three tiny models, so that a change of the generated code is seen and meant. `UPDATE_GOLDEN=1` writes
 * the files anew, for a person to read.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { compile } from '../../src/compiler.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { convModel, denseModel, floatModel } from '../onnx/tiny-models.js';

const models = { conv: convModel(), dense: denseModel(), small: floatModel() };

for (const [name, model] of Object.entries(models))
  test(`the C of ${name} is as it was`, () => {
    const target = findTarget(loadTargets(), 'scalar');
    const { emitted } = compile({ model, fileName: `${name}.onnx` }, target, loadAssets());
    for (const file of [`${name}.h`, `${name}.c`, `${name}_weights.c`]) {
      const golden = new URL(`${file}.golden`, import.meta.url);
      const content = emitted.files.get(file);
      assert.equal(typeof content, 'string', file);
      if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, content ?? '');
      assert.equal(content, existsSync(golden) ? readFileSync(golden, 'utf8') : '', file);
    }
  });
