/** Codes Q01xx: the model file. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

const exportAgain =
  'Way out: export the model again with an up-to-date exporter; `python -c "import onnx; onnx.checker.check_model(\'m.onnx\')"` says whether ONNX itself accepts the file.';

export const codes01 = {
  Q0101: {
    title: 'not an ONNX model',
    explanation:
      'The bytes are not a complete ONNX protobuf: the file is empty, was cut off, was changed on the way, or is something else.\n\n' +
      'Example: a download that stopped early; qcc says at which byte the data stops making sense.\n\n' +
      'Way out: compare the size or checksum with the source and fetch the file again, or export the model again.',
  },
  Q0102: {
    title: 'another file format',
    explanation:
      'The file is recognisably something other than ONNX: a PyTorch checkpoint, a Keras or TensorFlow model, a TensorFlow Lite file, an image, a Git LFS pointer, ...\n\n' +
      'Example: qcc build model.pt\n\n' +
      "Way out: the error prints the command that makes an ONNX file of this format. PyTorch's quantize_dynamic modules do not export to ONNX: export the float model.",
  },
  Q0103: {
    title: 'a model without a graph',
    explanation:
      'The file is an ONNX ModelProto, but its `graph` field is missing, so it computes nothing.\n\n' +
      'Example: a file that holds only functions or metadata.\n\n' +
      'Way out: export the model again; a library of functions is not a model.',
  },
  Q0104: {
    title: 'IR version not supported',
    explanation:
      'The IR version is the version of the file format, not of the operators. qcc reads 3 to 12, and 13 with a note.\n\n' +
      'Example: a file written by a newer onnx package has IR version 14.\n\n' +
      'Way out: export with an older onnx package, or lower the number if nothing new is used: m = onnx.load(p); m.ir_version = 10; onnx.save(m, p).',
  },
  Q0105: {
    title: 'operator set not imported',
    explanation:
      'A model has to say which version of each operator domain it was written for. Without that the meaning of its nodes is open.\n\n' +
      'Example: a node of domain com.microsoft in a model that imports only ai.onnx.\n\n' +
      'Way out: export again, or add the import that the error shows.',
  },
  Q0106: {
    title: 'operator set version not supported',
    explanation:
      'qcc knows the operators of ONNX opset 1 to 25; newer ones may have changed meaning. The same error reports one domain imported at two versions.\n\n' +
      'Example: a file that a newer onnx package wrote with opset 27.\n\n' +
      'Way out: onnx.version_converter.convert_version(model, 21), or export with opset_version=17.',
  },
  Q0107: {
    title: 'operator domain not supported',
    explanation:
      'A node belongs to a domain other than ai.onnx and com.microsoft, and the file defines no function for it. Its meaning is known only to the tool that wrote it.\n\n' +
      'Example: a custom operator of a plugin; a file that ONNX Runtime saved after optimising it for one CPU (com.microsoft.nchwc).\n\n' +
      'Way out: export without custom operators, or with functions that define them; use the file from before the optimisation.',
  },
  Q0108: {
    title: 'the graph has a cycle',
    explanation:
      "Some nodes need each other's results, so none of them can run first.\n\n" +
      'Example: a = Add(x, b) and b = Relu(a).\n\n' +
      'Way out: write recurrence with LSTM, GRU, Scan or Loop. If the model has none, the file is damaged: export it again.',
  },
  Q0109: {
    title: 'a name is defined twice',
    explanation:
      'Every value of a graph is defined once (static single assignment): as an input, as an initializer, or as one output of one node. Which of two would be read is open.\n\n' +
      'Example: two nodes that both write "conv1".\n\n' +
      'Way out: rename one of them with the tool that edited the model, or export it again.',
  },
  Q0110: {
    title: 'a value that nothing produces',
    explanation:
      'A node reads a name that is no graph input, no initializer and no output of any node.\n\n' +
      'Example: a part of a model was cut out and its inputs were not declared.\n\n' +
      'Way out: cut with onnx.utils.extract_model, which declares them, or export the model again.',
  },
  Q0111: {
    title: 'a graph output that nothing produces',
    explanation:
      'A name is listed among the outputs of the graph, but nothing computes it, or the list is empty.\n\n' +
      'Example: the last node was removed and the list of outputs was not changed.\n\n' +
      'Way out: correct the outputs with the tool that edited the model, or export it again.',
  },
  Q0112: {
    title: 'an incomplete node or name',
    explanation:
      'A node names no operator or has no outputs, or an input, output or initializer has an empty name.\n\n' +
      `Example: a node whose outputs are all "".\n\n${exportAgain}`,
  },
  Q0113: {
    title: 'an attribute contradicts itself',
    explanation:
      'An attribute states one type and holds a value of another, is given twice, holds nothing, or refers to a function it is not in.\n\n' +
      `Example: type INTS with a float value.\n\n${exportAgain}`,
  },
  Q0114: {
    title: 'tensor data contradicts its shape',
    explanation:
      'A tensor must hold exactly as many elements as its shape says, once, in the field that belongs to its type, each of them in the range of the type.\n\n' +
      `Example: shape [64,3,3,3] with 1700 bytes of int8 data.\n\n${exportAgain}`,
  },
  Q0115: {
    title: 'a negative dimension',
    explanation:
      'A dimension of a tensor is negative. (-1 in the declared shape of an input, output or inner value is read as unknown.)\n\n' +
      `Example: an initializer of shape [-1,64].\n\n${exportAgain}`,
  },
  Q0116: {
    title: 'a tensor too large',
    explanation:
      'A declared shape means more than 4 GiB. It is refused before anything is allocated.\n\n' +
      'Example: an input of shape [1000000,1000000].\n\n' +
      'Way out: check the shape, usually a batch or sequence length is wrong; if it is meant, split the tensor in the model.',
  },
  Q0117: {
    title: 'external data cannot be used',
    explanation:
      'Large models keep their weights in a second file, named in the model. That file is missing, too short, unreadable, or its stated length is not that of the tensor.\n\n' +
      'Example: model.onnx was copied without model.onnx.data.\n\n' +
      'Way out: put the data file beside the model under the name that the error shows, or make one file of both: onnx.save(onnx.load("m.onnx"), "one.onnx").',
  },
  Q0118: {
    title: "external data outside the model's folder",
    explanation:
      'The model asks for a data file by an absolute path, through "..", with a backslash or a drive, or through a link that leads out of the model\'s folder. qcc reads nothing outside that folder, so that a model from a stranger cannot make it read other files.\n\n' +
      'Example: location "../../etc/passwd".\n\n' +
      "Way out: move the data file into the model's folder and save the model again with save_as_external_data=True.",
  },
  Q0119: {
    title: 'element type not supported',
    explanation:
      'A tensor holds elements that qcc has no arithmetic for: complex numbers, float8, float4, or 2-bit integers.\n\n' +
      'Example: weights of type float8e4m3fn.\n\n' +
      'Way out: export with float, float16, bfloat16 or 4-, 8-, 16-bit integer tensors; quantize to int8.',
  },
  Q0120: {
    title: 'the model is too complex',
    explanation:
      'A limit that protects against hostile files was reached: graphs nested more than 24 deep, functions that expand to more than 250000 nodes, or a file that would take more than 1.2 GB of memory to decode, not counting raw_data.\n\n' +
      'Example: weights of 100 MB written as int64_data, number by number.\n\n' +
      'Way out: store weights as raw_data (numpy_helper.from_array does), flatten nested bodies, inline functions with onnx.inliner.',
  },
  Q0121: {
    title: 'a function that cannot be inlined',
    explanation:
      "qcc replaces calls of the model's own functions by their bodies. That needs functions that are defined once, do not call themselves, are called with inputs, outputs and attributes they have, and are written for the opset of the model.\n\n" +
      'Example: a function for opset 15 in a model of opset 18; function overloads.\n\n' +
      'Way out: onnx.inliner.inline_local_functions(model), then onnx.save.',
  },
  Q0122: {
    title: 'an input or output that is not a tensor',
    explanation:
      'Inputs and outputs of the graph must be tensors with a known element type. Sequences, maps, optional values and sparse tensors have no fixed size.\n\n' +
      'Example: a classifier whose second output is a sequence of maps (zipmap).\n\n' +
      "Way out: export with plain tensors; for scikit-learn, options={'zipmap': False}.",
  },
  Q0123: {
    title: 'sparse initializers are not supported',
    explanation:
      'The model stores weights as a sparse tensor.\n\n' +
      'Example: graph.sparse_initializer is not empty.\n\n' +
      'Way out: store them as dense tensors; qcc finds channels of zeros by itself.',
  },
  Q0124: {
    title: 'a required attribute is missing',
    explanation:
      'The operator has no default for this attribute, so the node means nothing without it.\n\n' +
      `Example: Concat without "axis".\n\n${exportAgain}`,
  },
  Q0125: {
    title: 'an attribute of the wrong type',
    explanation:
      'The operator definition asks for another type of value.\n\n' +
      `Example: "axis" of Softmax given as a list.\n\n${exportAgain}`,
  },
  Q0126: {
    title: 'an attribute value that is not allowed',
    explanation:
      'The value is outside what the operator defines.\n\n' +
      `Example: auto_pad = "SAME", where SAME_UPPER or SAME_LOWER is meant.\n\n${exportAgain}`,
  },
  Q0127: {
    title: 'an attribute that is not known',
    explanation:
      "The node has an attribute that the operator does not define in the model's opset, or that qcc does not support. It is not ignored, because it may change the result.\n\n" +
      'Example: "storage_order" of MaxPool with an indices output.\n\n' +
      'Way out: remove the attribute if it is left over from another opset, or export with the opset that defines it.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
