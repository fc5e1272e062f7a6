/**
 * `npm run bench:kernels [TARGET] [SUBSTRING]`: times every kernel of the target's best ISA (this machine's by default)
 * whose symbol contains SUBSTRING, on a few real layers, interleaved with plain C.
 */
import { hostDefault, loadTargets } from '../../src/target/load.js';
import { buildCheck, checkedIsas } from '../kernels/check-program.js';

const [name = hostDefault(loadTargets()).name, only = ''] = process.argv.slice(2);
const checked = checkedIsas().find((c) => c.target.name === name);
if (checked === undefined) throw new Error(`no ISA with kernels is the first of target "${name}"`);
const program = await buildCheck(checked, process.env.CC, ['-DCHECK_BENCH']);
const result = await program.run(['--bench', '--only', only]);
program.remove();
process.stdout.write(result.stdout);
process.stderr.write(result.stderr);
process.exitCode = result.exitCode;
