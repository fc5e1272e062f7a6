/** The judge of damaged model files: a program or coded problems, in time; never anything else. */
import assert from 'node:assert/strict';
import { loadAssets } from '../../src/assets.js';
import { compile } from '../../src/compiler.js';
import { codes } from '../../src/diagnostics/codes.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { findTarget, loadTargets } from '../../src/target/load.js';

const assets = loadAssets();
const scalar = findTarget(loadTargets(), 'scalar');

/** Compiles; true if it went through, false if it was refused with codes. Anything else is thrown. */
export function compiles(model: Uint8Array, fileName: string): boolean {
  const start = performance.now();
  try {
    compile({ model, fileName }, scalar, assets);
    return true;
  } catch (failure) {
    if (!(failure instanceof QccError)) throw failure;
    assert.ok(failure.diagnostics.length > 0);
    for (const { code } of failure.diagnostics) assert.ok(Object.hasOwn(codes, code), code);
    return false;
  } finally {
    // Generous: other programs may be running. A hang would be far longer.
    assert.ok(performance.now() - start < 30_000, 'it takes too long');
  }
}
