/**
 * What `-fstack-usage` does not see: assembly that moves the stack pointer, and memory of alloca. Whatever kernels push they
 * pop in the same statement, without a call in between, and it is less than what a run's stack has for functions that no report lists.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { LIBRARY } from '../../src/toolchain/stack.js';
import { filesBelow, root } from './sources.js';

/** Registers of `{r2-r11, lr}`. */
function registersIn(list: string): number {
  return list.split(',').reduce((sum, item) => {
    const range = /^\s*[rds](\d+)-[rds](\d+)\s*$/.exec(item);
    return sum + (range === null ? 1 : Number(range[2]) - Number(range[1]) + 1);
  }, 0);
}

/** Statements of inline assembly, their strings joined. */
function assemblyIn(text: string): string[] {
  return [...text.matchAll(/__asm__(?: volatile)?\(([\s\S]*?)\);/g)].map(([, body]) =>
    [...body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1].replaceAll('\\n', '\n')).join('\n'),
  );
}

// Start-up code owns the stack pointer; templates hold the one other place where C comes from.
const files = [...filesBelow('.h', 'runtime-c/include', 'runtime-c/isa'), ...filesBelow('.hbs', 'templates')];

test('assembly pops what it pushes, calls nothing meanwhile, and takes no more than a run has room for', () => {
  let pushing = 0;
  for (const path of files) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.doesNotMatch(text, /\balloca\b|__builtin_alloca/, path);
    // Otherwise the stack pointer is read through, never moved; in macros that make lines of assembly too.
    const lines = text.includes('__asm__')
      ? [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('\n')
      : '';
    const rest = lines.replace(/\b(?:push|pop) \{[^}]*\}/g, '').replace(/\[sp(?:, #\d+)?\](?!!)/g, '');
    assert.doesNotMatch(rest, /\b(?:sp|r13|rsp|esp|vpush|vpop|pushf?q?|popf?q?)\b/, path);
    for (const code of assemblyIn(text)) {
      const [pushed, popped] = ['push', 'pop'].map((word) =>
        [...code.matchAll(new RegExp(`\\b${word} \\{([^}]*)\\}`, 'g'))].map((m) => m[1]),
      );
      if (pushed.length > 0) pushing++;
      assert.deepEqual(popped, pushed.toReversed(), `${path}: ${code}`);
      const bytes = pushed.reduce((sum, list) => sum + 4 * registersIn(list), 0);
      assert.ok(bytes <= LIBRARY, `${path}: pushes ${bytes} bytes`);
      if (pushed.length > 0) assert.doesNotMatch(code, /^\s*(?:bl|blx|svc)\b/m, path);
    }
  }
  assert.ok(pushing >= 2, 'the tiles of the DSP kernels push registers');
  assert.equal(registersIn('r2-r11, lr'), 11);
});
