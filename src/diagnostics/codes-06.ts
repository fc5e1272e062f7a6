/** Codes Q06xx: the command line and the data. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes06 = {
  Q0601: {
    title: 'not a .npy file',
    explanation:
      'The file does not have the NumPy format of version 1, 2 or 3.\n\n' +
      'Example: a .npz archive, or a text file of numbers.\n\n' +
      'Way out: write it with numpy.save(file, array).',
  },
  Q0602: {
    title: 'array of another type or shape',
    explanation:
      'The .npy file holds another element type or other dimensions than the tensor it is meant for. Nothing is converted silently.\n\n' +
      'Example: a float64 array for a float32 input.\n\n' +
      'Way out: array.astype(numpy.float32), array.reshape(...).',
  },
  Q0603: {
    title: 'not a build folder of qcc',
    explanation:
      'The output folder exists, is not empty, and has no manifest.json of qcc, so nothing in it is overwritten.\n\n' +
      'Example: qcc build m.onnx -o ~\n\n' +
      'Way out: choose another folder with -o, or remove that one.',
  },
  Q0604: {
    title: 'file cannot be read or written',
    explanation:
      'The operating system refused; the message quotes it.\n\n' +
      'Example: a folder that only another user may write to.\n\n' +
      'Way out: check the path and its permissions.',
  },
  Q0605: {
    title: 'the command line does not fit',
    explanation:
      'An option is unknown, lacks its value, or has one that does not fit.\n\n' +
      'Example: --dim batch=one\n\n' +
      'Way out: `qcc <command> --help` lists the options of a command with their defaults.',
  },
  Q0606: {
    title: 'textual IR cannot be read',
    explanation:
      'A .qir file has a syntax error at the line named, or describes a graph whose types contradict each other.\n\n' +
      'Example: a dump made with --dump-ir=all, which leaves large constants out.\n\n' +
      'Way out: dump with --dump-ir=<pass>, which keeps them; otherwise correct the line.',
  },
  Q0607: {
    title: 'data does not fit the model',
    explanation:
      'The file or folder given to --data holds no samples, or not the same number for every input of the model.\n\n' +
      'Example: a folder with a.npy (100 samples) and b.npy (99 samples) for a model with the inputs a and b.\n\n' +
      'Way out: one .npy file for each input, named after it, with the samples along the first axis: numpy.stack(samples).',
  },
  Q0608: {
    title: 'ONNX Runtime cannot be asked',
    explanation:
      'onnxruntime-node is missing, cannot start, or refuses the model; the message says which. qcc needs it to compare ' +
      'with, not to compile.\n\n' +
      'Example: qcc bench model.onnx --against onnxruntime, in an installation without onnxruntime-node.\n\n' +
      'Way out: npm install --ignore-scripts onnxruntime-node, beside qcc, where it is missing. Without it, and for a ' +
      'model that it refuses, `qcc verify` compares with the interpreter alone, and `qcc bench` times qcc alone.',
  },
  Q0609: {
    title: "the reference's self-test failed",
    explanation:
      'Before ONNX Runtime judges anything, it must add 64 products of 255 and 127 up to 2072640. On x86 CPUs without VNNI ' +
      'its usual kernels saturate at 16 bits and give 1048544; exact mode (session.x64quantprecision) must not.\n\n' +
      'Example: a version of ONNX Runtime that does not know session.x64quantprecision.\n\n' +
      'Way out: install the version of onnxruntime-node that qcc names in its package.json.',
  },
  Q0610: {
    title: 'the compiled model differs from its reference',
    explanation:
      'An output of the compiled model is not what the interpreter, or ONNX Runtime in exact mode, computes. From the ' +
      'interpreter not one bit may differ; from ONNX Runtime integer outputs may differ by --max-steps (0, or 1 where a ' +
      'model has int16 layers: ONNX Runtime has no integer kernels for them and computes in float32), float outputs ' +
      'by 2^-13 of the largest value, because its float functions are approximations. Where outputs are further apart, each ' +
      'stretch between two quantizers is compared by itself, begun with the values of ONNX Runtime: if none ends more than one ' +
      'step off, in more than one element of 256 (of a table of 256 entries: in more than one entry), and no float ' +
      'behind cells that quantize their state is off by more than 2^-8, floats were rounded the ' +
      'other way here and there, which the layers behind ' +
      'multiply (as in transformers, where ONNX Runtime differs as much from itself); that is told and is no fault.\n\n' +
      'Example: qcc verify model.onnx prints "differs from the interpreter at step 7".\n\n' +
      'Way out: `qcc verify --steps` names the first step that differs. A difference from the interpreter is a bug of qcc ' +
      'or of the C compiler: please report it with the model.',
  },
  Q0611: {
    title: 'slower than the baseline',
    explanation:
      'The model takes longer than in the file given to --baseline, by more than --max-regression. The smallest time is ' +
      'compared, which other programs on the machine disturb least; for an emulated target the instructions.\n\n' +
      'Example: qcc bench model.onnx --baseline before.json --max-regression 5%\n\n' +
      'Way out: run both on the same machine and load. `qcc bench` lists the time of every step; compare the two files.',
  },
  Q0612: {
    title: 'not a baseline for this measurement',
    explanation:
      'The file given to --baseline is no answer of `qcc bench --json`, or one of another model, another target, or of ' +
      'instructions where times were measured.\n\n' +
      'Example: qcc bench a.onnx --baseline b.json, where b.json was made of b.onnx.\n\n' +
      'Way out: qcc bench MODEL --target T --json > baseline.json, with the same model and target.',
  },
  Q0613: {
    title: 'instructions cannot be counted',
    explanation:
      'For a target that runs in an emulator, qcc counts instructions with a plugin that it compiles for QEMU. The message ' +
      'says what failed; the other numbers of the answer stand.\n\n' +
      'Example: a QEMU built without plugins, or a target whose emulator is not QEMU.\n\n' +
      "Way out: the distribution's QEMU 7 or newer (apt-get install qemu-user) and a C compiler for this machine.",
  },
  Q0620: {
    title: 'more RAM than the budget',
    explanation:
      'A run takes more RAM than --budget ram=SIZE allows. Counted are the arena (all scratch included), the inputs and outputs ' +
      "of the caller, and the deepest stack: as the target's compiler reports it, or the bound that holds for every model " +
      'where that compiler is not installed. K is 1024 bytes, as in linker scripts. The message lists what lies in the ' +
      'arena when it is fullest.\n\n' +
      'Example: qcc build vww.onnx --budget ram=32K, for a model whose two largest tensors take 55 KB together.\n\n' +
      'Way out: --optimize ram; otherwise a model with smaller tensors at the step that is named, or a larger device.',
  },
  Q0621: {
    title: 'more flash than the budget',
    explanation:
      "Code and constants are larger than --budget flash=SIZE allows: of the library compiled by the target's compiler, or " +
      'weights and an estimate of the code where that is not installed (the message says so). The message lists the layers ' +
      'with the largest weights.\n\n' +
      'Example: qcc build ad.onnx --budget flash=128K, for a model of 264 KB of weights.\n\n' +
      'Way out: --optimize size; weights are stored as they are then, so below that only a smaller model helps.',
  },
  Q0622: {
    title: 'tensors do not fit the memories given',
    explanation:
      'The sizes of --memory are too small for the tensors that are needed at one time, however they are shared out. A tensor ' +
      'lies in one memory as a whole. The message names the smallest enlargement of one memory that would do.\n\n' +
      'Example: --memory dtcm=8K,sram=16K for a step that reads 18 KB and writes 18 KB.\n\n' +
      'Way out: a larger memory, --optimize ram, or a smaller model.',
  },
  Q0623: {
    title: 'weights do not fit the memory given',
    explanation:
      'weights=NAME in --memory puts all weights into a memory that is smaller than they are.\n\n' +
      'Example: --memory dtcm=64K,weights=dtcm for a model of 264 KB of weights.\n\n' +
      'Way out: leave weights= out, and they stay in flash; or name a memory without a size, which is only a section then.',
  },
  Q0624: {
    title: 'nothing to reduce',
    explanation:
      'qcc reduce looks for a failure: qcc refuses the graph or crashes, a pass that is exact changes what the interpreter answers, ' +
      'or the compiled program differs from the interpreter. It found none, or the command of --check did not end with 0.\n\n' +
      'Example: the program differs on another target than the host.\n\n' +
      'Way out: --target with the machine it fails for, or --check with a command that ends with 0 where the graph in the file ' +
      '{} fails.',
  },
  Q0640: {
    title: 'nothing here that can be audited',
    explanation:
      'The folder has no manifest.json, or one without the members an audit needs: it is no build folder, or one of an older ' +
      'qcc.\n\n' +
      'Example: qcc audit src/\n\n' +
      'Way out: qcc build MODEL -o DIR, then qcc audit DIR.',
  },
  Q0641: {
    title: 'the model file is missing or another one',
    explanation:
      'An audit derives the claims of a build folder again from the model file it was made of. That file is not found, or ' +
      'its SHA-256 is not the one in the manifest.\n\n' +
      'Example: the model was trained again after the build.\n\n' +
      'Way out: qcc audit DIR --model FILE with the file that was compiled; or build again.',
  },
  Q0642: {
    title: 'a file is not as it was written',
    explanation:
      'A file that the manifest lists is missing or has another SHA-256, the manifest itself is not as it was sealed, or a ' +
      'runtime header is not the one of this version of qcc.\n\n' +
      'Example: somebody tuned a kernel in the build folder by hand.\n\n' +
      'Way out: build again. What must differ belongs into the model, or into a file of your own.',
  },
  Q0643: {
    title: 'a constant differs from the model',
    explanation:
      'A weight, a bias or a multiplier in the generated C is not what follows from the model file: weights less their zero ' +
      'point, bias less zero point times weight sums, f32(f32(x_scale * w_scale) / y_scale).\n\n' +
      'Example: a flipped bit in MODEL_weights.c.\n\n' +
      'Way out: build again, and find out what changed the file.',
  },
  Q0644: {
    title: 'a certified bound or proof does not hold',
    explanation:
      'What the manifest says of accumulators and results, or the claim under which a kernel was chosen, is not what the ' +
      'constants in the generated C give.\n\n' +
      'Example: acc_high of channel 3 is certified as 1000 and is 1200.\n\n' +
      'Way out: build again. If it happens in a fresh build folder, it is a bug of qcc: please report it with the model.',
  },
  Q0645: {
    title: 'memory is not used as it must be',
    explanation:
      'A buffer ends behind the arena, a step uses more bytes than its buffer has, or two buffers overlap while a step needs ' +
      'both.\n\n' +
      'Example: an arena offset edited in the manifest.\n\n' +
      'Way out: build again. If it happens in a fresh build folder, it is a bug of qcc: please report it with the model.',
  },
  Q0646: {
    title: 'the generated C is not what the manifest describes',
    explanation:
      'The steps in the C, their kernels, literals or pointers, differ from the manifest or from the model.\n\n' +
      'Example: .sh = 2 became .sh = 1 in MODEL.c.\n\n' +
      'Way out: build again, and find out what changed the file.',
  },
  Q0647: {
    title: 'channels are not what was claimed',
    explanation:
      'The manifest lists channels that were cut out because they always hold one value or nobody reads them, and channels that lie ' +
      'in another order. The model says otherwise, or the channels that are left are not the ones in the C.\n\n' +
      'Example: "always 0: 5" where channel 5 can reach 17.\n\n' +
      'Way out: build again. If it happens in a fresh build folder, it is a bug of qcc: please report it with the model.',
  },
  Q0650: {
    title: 'too small for several threads',
    explanation:
      'Threads wait for each other between layers, which takes a microsecond or so. No way to share out this model saves ' +
      'that much, so it is made for one thread, as without --threads.\n\n' +
      'Example: a perceptron of a few thousand weights.\n\n' +
      'Way out: none is needed. Several inputs at the same time, each with an arena of its own, do use several cores.',
  },
  Q0651: {
    title: 'no threads with these options',
    explanation:
      'A target without an operating system has no threads to start; --memory and --optimize ram share memory out for one; ' +
      '--trace and --profile follow one.\n\n' +
      'Example: --target cortex-m7 --threads 2.\n\n' +
      'Way out: leave --threads out, or the other option.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
