/** A .qstats file and a --preprocess that do not go together are refused; those that do are not. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPreprocess } from '../../src/cli/preprocess-match.js';
import { QccError } from '../../src/diagnostics/diagnostic.js';
import { statisticsOf } from './seen.js';

const pixels = 'u8pixels' as const;

const fitting = [
  ['nothing is said of it', 'scale=0.00392156862745098', { preprocess: undefined }, [0, 1]],
  ['the same, spelled as a fraction', 'scale=0.00392156862745098', { preprocess: 'unit', io: pixels }, [0, 1]],
  [
    'another size',
    'resize=model,crop=model,mean=103.939,116.779,123.68,order=bgr',
    { preprocess: 'caffe,crop=200' },
    [-124, 151],
  ],
  ['one mean for all', 'scale=0.5,mean=0.5,std=2', { preprocess: 'scale=0.5,mean=0.5,0.5,0.5,std=2' }, [0, 1]],
  ['samples scaled before, pixels that are now', '', { preprocess: 'imagenet', io: pixels }, [-2.1, 2.64]],
  ['raw pixels', '', { preprocess: undefined, io: pixels }, [0, 255]],
  ['sizes alone, of raw pixels', '', { preprocess: 'resize=256,crop=224' }, [0, 255]],
] as const;

const refused = [
  [
    'another mean',
    'scale=0.00392156862745098',
    { preprocess: 'imagenet', io: pixels },
    [0, 1],
    /gathered with .*scale=0\.0039.*imagenet/,
  ],
  ['another order', 'order=bgr', { preprocess: 'order=rgb' }, [0, 255], /gathered with --preprocess order=bgr/],
  [
    'pixels that stay as they are',
    'scale=0.5',
    { preprocess: undefined, io: pixels },
    [0, 127],
    /nothing is to be done/,
  ],
  [
    'raw samples, scaled pixels',
    '',
    { preprocess: 'unit', io: pixels },
    [0, 255],
    /0 to 255 in input "x".* 0 to 1 here/,
  ],
  ['scaled samples that quantize is told to scale', '', { preprocess: 'unit' }, [0, 1], /without --preprocess/],
] as const;

for (const [what, recorded, asked, [min, max]] of fitting)
  test(`${what}: fits`, () => checkPreprocess('s.qstats', statisticsOf(recorded, min, max), asked));

for (const [what, recorded, asked, [min, max], said] of refused)
  test(`${what}: refused`, () =>
    assert.throws(
      () => checkPreprocess('s.qstats', statisticsOf(recorded, min, max), asked),
      (failure) => {
        assert.ok(failure instanceof QccError);
        const [{ code, message }] = failure.diagnostics;
        assert.equal(code, 'Q0849');
        assert.match(message, said);
        return true;
      },
    ));
