/** The compiler as a library: `npx tsx examples/own-compiler/compile.ts [MODEL.onnx [TARGET [FOLDER]]]`. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, externalReader, QccError, renderDiagnostics, stepsOf, targetNames, writeFolder } from 'qcc';

const fashion = fileURLToPath(new URL('../fashion-classifier/fashion.onnx', import.meta.url));
const [model = fashion, target = 'scalar', folder = 'qcc-out/own-compiler'] = process.argv.slice(2);

try {
  const source = { model: readFileSync(model), fileName: basename(model), externalData: externalReader(model) };
  const { program, emitted, diagnostics } = compile(source, { target, emit: { singleFile: true, allowIncbin: false } });
  if (diagnostics.length > 0) console.error(renderDiagnostics(diagnostics, { file: model, color: false }));
  const { written, unchanged } = writeFolder(folder, emitted.files);

  const steps = stepsOf(program.body);
  console.log(`${program.name} for ${program.target} (of ${targetNames().join(', ')})`);
  console.log(
    `${steps.length} steps, ${steps.reduce((sum, s) => sum + s.macs, 0)} MAC, arena ${program.arenaBytes} bytes`,
  );
  for (const input of program.inputs) console.log(`input  ${input.name} ${input.type.element}[${input.type.shape}]`);
  for (const output of program.outputs)
    console.log(`output ${output.name} ${output.type.element}[${output.type.shape}]`);
  console.log(
    `library ${emitted.librarySources.join(', ')} in ${folder}: ${written.length} files written, ${unchanged.length} unchanged`,
  );
} catch (failure) {
  if (!(failure instanceof QccError)) throw failure;
  console.error(renderDiagnostics(failure.diagnostics, { file: model, color: false }));
  process.exitCode = failure.exitCode;
}
