// needs: c-compiler
/**
 * Slices and concatenations without copies: random graphs of them, with steps that work in place between, give the
 * interpreter's bits, and where nothing is to be copied nothing is.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadAssets } from '../../src/assets.js';
import { type Lowered, placeGraph } from '../../src/compiler.js';
import { make, param } from '../../src/ir/build.js';
import { evaluateGraph } from '../../src/ir/evaluate.js';
import { type Graph, noOrigin, type Value } from '../../src/ir/graph.js';
import { seededTensor } from '../../src/ir/parse.js';
import { floatType } from '../../src/ir/type.js';
import { stepsOf } from '../../src/program/program.js';
import { findTarget, loadTargets } from '../../src/target/load.js';
import { compareNative, type NativeCase } from '../onnx-node/native.js';

const assets = loadAssets();
const scalar = findTarget(loadTargets(), 'scalar');
const WIDTH = 3;

/** A step of its own, other for each `limit`, that may overwrite its operand. */
function clamp(x: Value, limit: number): Value {
  return make('clamp', { min: -limit, max: limit }, [x], x.type, noOrigin);
}

function rows(x: Value, start: number, count: number, step = 1): Value {
  const attrs = { starts: [start, 0], steps: [step, 1], sizes: [count, WIDTH] };
  return make('slice', attrs, [x], floatType([count, WIDTH]), noOrigin);
}

function join(...parts: readonly Value[]): Value {
  const total = parts.reduce((sum, p) => sum + p.type.shape[0], 0);
  return make('concat', { axis: 0 }, parts, floatType([total, WIDTH]), noOrigin);
}

function graphOf(...outputs: readonly Value[]): Graph {
  return { name: 'g', inputs: [x], outputs: outputs.map((value, i) => ({ name: `y${i}`, value })) };
}

const x = param('x', floatType([4, WIDTH]));

function copies(graph: Graph): number {
  return stepsOf(placeGraph(graph, scalar, assets).body).filter((s) => s.kernel.family === 'move').length;
}

test('parts are computed where the concatenation wants them', () => {
  assert.equal(copies(graphOf(clamp(join(clamp(x, 1), clamp(x, 2)), 3))), 0);
  assert.equal(copies(graphOf(join(clamp(x, 1), clamp(x, 2)))), 0, 'in the buffer of the caller');
  assert.equal(copies(graphOf(clamp(join(join(clamp(x, 1), clamp(x, 2)), clamp(x, 4)), 3))), 0, 'one in the other');
  const twice = clamp(x, 1);
  assert.equal(copies(graphOf(clamp(join(twice, twice), 3))), 1, 'one value at two places');
  assert.equal(copies(graphOf(clamp(join(x, clamp(x, 1)), 3))), 1, 'an input of the caller');
});

test('runs of rows are read where they lie', () => {
  const y = clamp(x, 1);
  assert.equal(copies(graphOf(clamp(rows(y, 1, 2), 2), clamp(rows(y, 3, 1), 3))), 0);
  assert.equal(copies(graphOf(clamp(rows(y, 0, 2, 2), 2))), 1, 'every second row');
  assert.equal(copies(graphOf(rows(y, 1, 2))), 1, 'a model output');
});

/** Values on values at random. */
function randomGraph(seed: number): Graph {
  let state = seed * 2654435761;
  const next = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
  const values: Value[] = [x];
  const any = () => values[next(values.length)];
  for (let i = 0; i < 12; i++) {
    const v = any();
    const height = v.type.shape[0];
    const kind = next(4);
    if (kind === 0) values.push(clamp(v, 1 + next(6)));
    else if (kind === 1) {
      const start = next(height);
      values.push(rows(v, start, 1 + next(height - start)));
    } else if (kind === 2) values.push(join(v, any(), ...(next(2) === 0 ? [any()] : [])));
    else values.push(clamp(join(clamp(v, 2), clamp(any(), 3)), 4));
    if (values[values.length - 1].type.shape[0] > 40) values.pop();
  }
  return graphOf(...values.slice(-1 - next(3)));
}

test('random graphs give the interpreter its bits', async () => {
  const cases = Array.from({ length: 60 }, (_, seed): NativeCase => {
    const source = randomGraph(seed + 1);
    const input = seededTensor(x.type, seed + 1);
    const lowered: Lowered = { model: source, source, graph: source, reports: [], notes: [], diagnostics: [] };
    return {
      name: `seed ${seed + 1}`,
      lowered,
      inputs: [input],
      outputs: [...evaluateGraph(source, new Map([['x', input]])).values()],
    };
  });
  const answers = await compareNative(cases, scalar, assets, ['-O1', '-fsanitize=address,undefined']);
  assert.deepEqual(
    answers.flatMap((why, i) => (why === undefined ? [] : [`${cases[i].name}: ${why}`])),
    [],
  );
});
