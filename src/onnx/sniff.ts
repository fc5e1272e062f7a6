/**
 * Recognises by content what a file is when it is not an ONNX model, and knows the command that makes one of it.
 * Invariant: reads a bounded number of bytes and never fails.
 */

export interface SniffedFormat {
  /** With its article: `a Keras HDF5 file`. */
  readonly what: string;
  /** The next step; may have several lines. */
  readonly help: string;
}

const WINDOW = 1 << 16;
const pytorchExport =
  'load it in Python where its classes are defined, then\n' +
  '    torch.onnx.export(model.eval(), (example_input,), "model.onnx", dynamo=True)\n' +
  "PyTorch's quantize_dynamic modules do not export to ONNX: export the float model instead, and quantize its ONNX file.";
const tf2onnx = (source: string) =>
  `convert it:\n    pip install tf2onnx\n    python -m tf2onnx.convert ${source} --output model.onnx --opset 17`;

const torchCheckpoint: SniffedFormat = { what: 'a PyTorch checkpoint (.pt, .pth)', help: pytorchExport };
const torchScript: SniffedFormat = {
  what: 'a TorchScript archive',
  help:
    'export it:\n' +
    '    torch.onnx.export(torch.jit.load("model.pt"), (example_input,), "model.onnx", dynamo=False)\n' +
    "PyTorch's quantize_dynamic modules do not export to ONNX: export the float model instead, and quantize its ONNX file.",
};
const torchProgram: SniffedFormat = {
  what: 'a PyTorch exported program (.pt2)',
  help:
    'export it:\n' +
    '    torch.onnx.export(torch.export.load("model.pt2"), (), "model.onnx", dynamo=True)\n' +
    "PyTorch's quantize_dynamic modules do not export to ONNX: export the float model instead, and quantize its ONNX file.",
};
const savedModel: SniffedFormat = { what: 'a TensorFlow SavedModel', help: tf2onnx('--saved-model FOLDER') };
const keras3: SniffedFormat = {
  what: 'a Keras archive (.keras)',
  help:
    'export it with Keras 3:\n' +
    '    keras.saving.load_model("model.keras").export("model.onnx", format="onnx")\n' +
    'or with an older Keras:\n    python -m tf2onnx.convert --keras model.keras --output model.onnx --opset 17',
};
const wrongFile = 'give qcc the .onnx file of the model';

/** Signatures at a fixed offset, as latin-1 text. */
const signatures: readonly { readonly at: number; readonly text: string; readonly format: SniffedFormat }[] = [
  { at: 0, text: '\x89HDF\r\n\x1a\n', format: { what: 'an HDF5 file (Keras .h5)', help: tf2onnx('--keras model.h5') } },
  {
    at: 4,
    text: 'ORTM',
    format: {
      what: 'an ONNX Runtime .ort file',
      help: 'give qcc the .onnx file it was made from; .ort cannot be converted back',
    },
  },
  { at: 4, text: 'ET12', format: { what: 'an ExecuTorch program (.pte)', help: pytorchExport } },
  {
    at: 0,
    text: 'GGUF',
    format: {
      what: 'a GGUF file',
      help: 'it holds weights without a graph: export the original model to ONNX, for example with optimum-cli export onnx',
    },
  },
  {
    at: 0,
    text: '\x93NUMPY',
    format: {
      what: 'a NumPy array (.npy)',
      help: `it is data, not a model: ${wrongFile}; qcc run takes arrays with --input`,
    },
  },
  { at: 0, text: '\x89PNG\r\n\x1a\n', format: { what: 'a PNG image', help: wrongFile } },
  { at: 0, text: '\xff\xd8\xff', format: { what: 'a JPEG image', help: wrongFile } },
  { at: 0, text: 'GIF8', format: { what: 'a GIF image', help: wrongFile } },
  { at: 0, text: '%PDF-', format: { what: 'a PDF document', help: wrongFile } },
  { at: 0, text: '\x7fELF', format: { what: 'an ELF program or library', help: wrongFile } },
  { at: 0, text: '\x1f\x8b', format: { what: 'a gzip archive', help: 'unpack it first: gunzip or tar xzf' } },
  { at: 0, text: '\xfd7zXZ\0', format: { what: 'an xz archive', help: 'unpack it first: unxz or tar xJf' } },
  { at: 0, text: '\x28\xb5\x2f\xfd', format: { what: 'a zstd archive', help: 'unpack it first: unzstd' } },
  { at: 0, text: 'BZh', format: { what: 'a bzip2 archive', help: 'unpack it first: bunzip2 or tar xjf' } },
  { at: 257, text: 'ustar', format: { what: 'a tar archive', help: 'unpack it first: tar xf' } },
];

/** What `bytes` are, if they are recognisably not ONNX. */
export function sniff(bytes: Uint8Array): SniffedFormat | undefined {
  const head = latin1(bytes.subarray(0, WINDOW));
  for (const { at, text, format } of signatures) if (head.startsWith(text, at)) return format;
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06'))
    return sniffZip(head + latin1(bytes.subarray(Math.max(WINDOW, bytes.length - 4 * WINDOW))));
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
    const isTorch = head.includes('torch') || head.startsWith('l\xfc\x9cF\xf9 j\xa8P\x19', 4);
    return isTorch
      ? torchCheckpoint
      : { what: 'a Python pickle', help: `if it holds a PyTorch model, ${pytorchExport}` };
  }
  if (head.startsWith('\0\0{"', 6))
    return {
      what: 'a safetensors file',
      help: 'it holds weights without a graph: load them into the model they belong to and export that to ONNX, for example with optimum-cli export onnx',
    };
  if (head.startsWith('\x08\x01\x12') && /tensorflow|serve|saver/i.test(head)) return savedModel;
  if (head.startsWith('\n') && /Placeholder|VarHandleOp|NoOp/.test(head))
    return {
      what: 'a frozen TensorFlow graph (GraphDef)',
      help: tf2onnx('--graphdef model.pb --inputs NAME:0 --outputs NAME:0'),
    };
  return sniffText(head);
}

/** Entry names of a ZIP file are stored as plain text, at each entry and again at the end. */
function sniffZip(text: string): SniffedFormat {
  if (/serialized_exported_program\.json|archive_format|models\/\w+\.json/.test(text)) return torchProgram;
  if (text.includes('data.pkl'))
    return text.includes('/code/') || text.includes('constants.pkl') ? torchScript : torchCheckpoint;
  if (text.includes('model.weights.h5')) return keras3;
  if (text.includes('saved_model.pb')) return { ...savedModel, what: 'a zipped TensorFlow SavedModel' };
  if (text.includes('.onnx')) return { what: 'a ZIP archive with an ONNX model in it', help: 'unpack it first: unzip' };
  if (text.includes('.npy')) return { what: 'a NumPy archive (.npz)', help: `it is data, not a model: ${wrongFile}` };
  return { what: 'a ZIP archive', help: `unpack it, and ${wrongFile}` };
}

function sniffText(head: string): SniffedFormat | undefined {
  const start = head.slice(0, 4096).trimStart();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text is what holds none of these
  if (start === '' || /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(start)) return undefined;
  if (start.startsWith('version https://git-lfs.github.com/spec/'))
    return { what: 'a Git LFS pointer, not the model itself', help: 'fetch the file: git lfs install && git lfs pull' };
  if (/^<!doctype html|^<html/i.test(start))
    return {
      what: 'a web page',
      help: 'the download fetched a page about the model; use the link to the raw .onnx file',
    };
  if (/^<\?xml|^<net /.test(start) && start.includes('<net'))
    return { what: 'an OpenVINO model (.xml)', help: 'give qcc the ONNX model it was converted from' };
  if (/^\s*ir_version\s*:|^<\s*ir_version/.test(start))
    return {
      what: 'an ONNX model in text form',
      help: 'convert it to binary: python -c \'import onnx; onnx.save(onnx.load("model.txt", format="textproto"), "model.onnx")\'',
    };
  if (/^[{[]/.test(start))
    return start.includes('"modelTopology"')
      ? { what: 'a TensorFlow.js model', help: 'convert the SavedModel or Keras model it came from with tf2onnx' }
      : { what: 'a JSON file', help: wrongFile };
  if (start.startsWith('7767517'))
    return { what: 'an ncnn model (.param)', help: 'give qcc the ONNX model it was converted from' };
  return { what: 'a text file', help: wrongFile };
}

/** What a folder is, judged by the names in it: for a user who passes a folder as MODEL. */
export function sniffFolder(entries: readonly string[]): SniffedFormat | undefined {
  if (entries.includes('saved_model.pb') || entries.includes('saved_model.pbtxt'))
    return { ...savedModel, what: 'a TensorFlow SavedModel folder' };
  if (entries.includes('data.pkl')) return { ...torchCheckpoint, what: 'an unpacked PyTorch checkpoint' };
  if (entries.includes('model.weights.h5')) return { ...keras3, what: 'an unpacked Keras archive' };
  const models = entries.filter((name) => name.endsWith('.onnx')).toSorted();
  if (models.length > 0) return { what: 'a folder', help: `name the model in it: ${models.slice(0, 5).join(', ')}` };
  return undefined;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
