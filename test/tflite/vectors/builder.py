"""Makes small .tflite files and runs them on LiteRT's reference kernels (builtin reference resolver, no delegates)."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "bool": schema.TensorType.BOOL,
}


class Model:
    """One subgraph. Tensors are numbered in the order they are made."""

    def __init__(self):
        self.tensors, self.buffers, self.operators, self.codes = [], [schema.BufferT()], [], []
        self.inputs, self.outputs = [], []

    def tensor(self, shape, dtype, scale=None, zero=None, axis=0, data=None, name=None):
        t = schema.TensorT()
        t.shape, t.type = [int(d) for d in shape], TYPES[np.dtype(dtype).name]
        t.name = (name or f"t{len(self.tensors)}").encode()
        t.buffer = 0
        if data is not None:
            b = schema.BufferT()
            b.data = np.frombuffer(np.ascontiguousarray(data, dtype=dtype).tobytes(), dtype=np.uint8)
            t.buffer = len(self.buffers)
            self.buffers.append(b)
        if scale is not None:
            q = schema.QuantizationParametersT()
            scales = np.atleast_1d(np.asarray(scale, dtype=np.float32))
            q.scale = scales
            q.zeroPoint = np.broadcast_to(np.asarray(0 if zero is None else zero, dtype=np.int64), scales.shape).copy()
            q.quantizedDimension = axis
            t.quantization = q
        self.tensors.append(t)
        return len(self.tensors) - 1

    def input(self, *args, **kwargs):
        self.inputs.append(self.tensor(*args, **kwargs))
        return self.inputs[-1]

    def output(self, *args, **kwargs):
        self.outputs.append(self.tensor(*args, **kwargs))
        return self.outputs[-1]

    def op(self, name, inputs, outputs, options=None, version=1):
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = version
        self.codes.append(code)
        o = schema.OperatorT()
        o.opcodeIndex = len(self.codes) - 1
        o.inputs, o.outputs = list(inputs), list(outputs)
        if options is not None:
            kind = type(options).__name__[:-1]
            o.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            o.builtinOptions = options
        self.operators.append(o)

    def bytes(self):
        g = schema.SubGraphT()
        g.tensors, g.inputs, g.outputs, g.operators = self.tensors, self.inputs, self.outputs, self.operators
        g.name = b"main"
        m = schema.ModelT()
        m.version, m.description = 3, b"qcc test model"
        m.operatorCodes, m.subgraphs, m.buffers = self.codes, [g], self.buffers
        b = flatbuffers.Builder(1024)
        b.Finish(m.Pack(b), b"TFL3")
        return bytes(b.Output())


def options(kind, **fields):
    o = getattr(schema, kind + "T")()
    for name, value in fields.items():
        if not hasattr(o, name):
            raise AttributeError(f"{kind}.{name}")
        setattr(o, name, value)
    return o


def run(model_bytes, inputs):
    """Outputs of the reference kernels."""
    i = Interpreter(
        model_content=model_bytes,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        num_threads=1,
    )
    i.allocate_tensors()
    for d, v in zip(i.get_input_details(), inputs):
        i.set_tensor(d["index"], v)
    i.invoke()
    return [i.get_tensor(d["index"]).copy() for d in i.get_output_details()]
