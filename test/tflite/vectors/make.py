"""Small models of every operator, and LiteRT's reference answers: python3 make.py, writes vectors.json.

Each case: name, model (base64), inputs and outputs (base64 of little-endian bytes), tolerance (0: byte for byte)."""

import base64
import json
from pathlib import Path

from builder import Model, np, options, run

r = np.random.default_rng(2026)
cases = []


def data(shape, dtype):
    return r.integers(-128, 128, shape).astype(np.int8) if dtype == np.int8 else r.normal(0, 2, shape).astype(np.float32)


def case(name, model, inputs, tolerance=0):
    made = model.bytes()
    outputs = run(made, inputs)
    text = lambda a: base64.b64encode(a.tobytes()).decode()
    cases.append({"name": name, "model": base64.b64encode(made).decode(), "inputs": [text(i) for i in inputs],
                  "outputs": [text(o) for o in outputs], "tolerance": tolerance})


def unary(name, op, x, y, opts=None, version=1, shape=(2, 128), out=None, dtype=np.int8, odtype=np.int8, tolerance=0, consts=()):
    m = Model()
    a = m.input(shape, dtype, *(x or ()))
    extra = [m.tensor(np.shape(c), np.asarray(c).dtype, *q, data=c) for c, q in consts]
    b = m.output(out or shape, odtype, *(y or ()))
    m.op(op, [a, *extra], [b], opts, version=version)
    v = np.arange(-128, 128).astype(np.int8).reshape(shape) if dtype == np.int8 and shape == (2, 128) else data(shape, dtype)
    case(name, m, [v], tolerance)


def binary(name, op, a, b, y, opts, version, sa=(3, 40), sb=(3, 40)):
    m = Model()
    i, j = m.input(sa, np.int8, *a), m.input(sb, np.int8, *b)
    o = m.output(np.broadcast_shapes(sa, sb), np.int8, *y)
    m.op(op, [i, j], [o], opts, version=version)
    case(name, m, [data(sa, np.int8), data(sb, np.int8)])


U = 1 / 256
for scale, zero in ((0.05, 3), (0.2, -128), (0.0011, 0), (0.7, 100)):
    unary(f"LOGISTIC {scale}", "LOGISTIC", (scale, zero), (U, -128), version=2)
    unary(f"TANH {scale}", "TANH", (scale, zero), (1 / 128, 0), version=2)
    unary(f"HARD_SWISH {scale}", "HARD_SWISH", (scale, zero), (scale * 0.9, -20))
    unary(f"LEAKY_RELU {scale}", "LEAKY_RELU", (scale, zero), (scale * 0.8, 7), options("LeakyReluOptions", alpha=0.3), 2)
    unary(f"RELU {scale}", "RELU", (scale, zero), (scale * 1.3, -9), version=2)
    unary(f"RELU6 {scale}", "RELU6", (scale, zero), (scale * 0.7, -128), version=2)
    unary(f"QUANTIZE {scale}", "QUANTIZE", (scale, zero), (scale * 0.61, 5), options("QuantizeOptions"), 2)
    unary(f"DEQUANTIZE {scale}", "DEQUANTIZE", (scale, zero), None, options("DequantizeOptions"), 2, odtype=np.float32)
    unary(f"SOFTMAX {scale}", "SOFTMAX", (scale, zero), (U, -128), options("SoftmaxOptions", beta=1.0), 2)
unary("QUANTIZE of floats", "QUANTIZE", None, (0.05, 5), options("QuantizeOptions"), 1, (3, 50), dtype=np.float32)
same = ((0.1, 7), (0.1, 7))
unary("RESHAPE", "RESHAPE", *same, options("ReshapeOptions", newShape=[4, 6]), 1, (2, 3, 4), (4, 6), consts=[(np.int32([4, 6]), ())])
unary("SQUEEZE", "SQUEEZE", *same, options("SqueezeOptions", squeezeDims=[1]), 1, (4, 1, 3), (4, 3))
unary("EXPAND_DIMS", "EXPAND_DIMS", *same, options("ExpandDimsOptions"), 1, (4, 3), (4, 1, 3), consts=[(np.int32(1), ())])
unary("TRANSPOSE", "TRANSPOSE", *same, options("TransposeOptions"), 2, (2, 3, 4), (4, 2, 3), consts=[(np.int32([2, 0, 1]), ())])
unary("PAD", "PAD", *same, options("PadOptions"), 2, (1, 3, 4, 2), (1, 6, 5, 2), consts=[(np.int32([[0, 0], [1, 2], [0, 1], [0, 0]]), ())])
unary("PADV2", "PADV2", *same, options("PadV2Options"), 2, (1, 3, 4, 2), (1, 6, 5, 2), consts=[(np.int32([[0, 0], [1, 2], [0, 1], [0, 0]]), ()), (np.int8([-9]), (0.1, 7))])
for name, kw, size in (("", {}, (7, 5)), ("align", {"alignCorners": True}, (7, 5)), ("half", {"halfPixelCenters": True}, (7, 9)), ("down", {}, (2, 3))):
    unary(f"RESIZE_NEAREST_NEIGHBOR {name}", "RESIZE_NEAREST_NEIGHBOR", *same, options("ResizeNearestNeighborOptions", **kw), 2,
          (1, 4, 6, 3), (1, *size, 3), consts=[(np.int32(size), ())])
strided = lambda **kw: options("StridedSliceOptions", **kw)
for name, o, begin, end, step, out in (
    ("plain", strided(), [0, 1, 0], [2, 4, 6], [1, 2, 3], (2, 2, 2)),
    ("masks", strided(beginMask=1, endMask=2), [9, 1, 2], [2, 0, 5], [1, 1, 1], (2, 4, 3)),
    ("backwards", strided(beginMask=4, endMask=4), [0, -2, 0], [1, -5, 0], [1, -1, -2], (1, 3, 3)),
    ("shrink", strided(shrinkAxisMask=2), [0, -1, 1], [2, 0, 5], [1, 1, 1], (2, 4)),
):
    unary(f"STRIDED_SLICE {name}", "STRIDED_SLICE", *same, o, 2, (2, 5, 6), out, consts=[(np.int32(v), ()) for v in (begin, end, step)])
add, sub, mul = options("AddOptions"), options("SubOptions"), options("MulOptions")
for op, o, v in (("ADD", add, 2), ("SUB", sub, 2), ("MUL", mul, 2)):
    binary(op, op, (0.03, 3), (0.021, -7), (0.05 if op != "MUL" else 0.011, 9), o, v)
    binary(f"{op} ties", op, (0.5, 0), (0.5, 1), (1 if op != "MUL" else 16, -3), o, v)
    binary(f"{op} broadcast", op, (0.03, 3), (0.021, -7), (0.04, 9), o, v, (1, 4, 5, 6), (6,))
binary("ADD relu6", "ADD", (0.03, 3), (0.021, -7), (0.05, 9), options("AddOptions", fusedActivationFunction=3), 2)
for name, shape, axes, keep, x, y in (
    ("height and width", (2, 7, 5, 16), [1, 2], True, (0.03, 3), (0.02, -9)),
    ("one scale", (1, 6, 6, 8), [1, 2], False, (0.03, 3), (0.03, 3)),
    ("channels", (1, 6, 6, 24), [3], True, (0.03, 3), (0.03, 3)),
    ("height", (1, 7, 6, 8), [1], False, (0.03, 3), (0.01, 5)),
):
    out = [1 if i in axes else d for i, d in enumerate(shape) if keep or i not in axes]
    unary(f"MEAN {name}", "MEAN", x, y, options("ReducerOptions", keepDims=keep), 2, shape, tuple(out), consts=[(np.int32(axes), ())])
for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    for pad, out in ((0, (1, 4, 3, 8)), (1, (1, 3, 2, 8))):
        o = options("Pool2DOptions", padding=pad, strideH=2, strideW=2, filterHeight=3, filterWidth=3, fusedActivationFunction=1)
        unary(f"{op} {pad}", op, *same, o, 2, (1, 7, 6, 8), out)
m = Model()
i = [m.input([1, 3, n], np.int8, 0.1, 7) for n in (2, 4, 3)]
o = m.output([1, 3, 9], np.int8, 0.1, 7)
m.op("CONCATENATION", i, [o], options("ConcatenationOptions", axis=-1), 2)
case("CONCATENATION", m, [data((1, 3, n), np.int8) for n in (2, 4, 3)])
m = Model()
a, x = m.tensor([], np.int32, data=np.int32(2)), m.input([1, 3, 6], np.int8, 0.1, 7)
o = [m.output([1, 3, 2], np.int8, 0.1, 7) for _ in range(3)]
m.op("SPLIT", [a, x], o, options("SplitOptions", numSplits=3), 2)
case("SPLIT", m, [data((1, 3, 6), np.int8)])


def conv(name, op, shape, w, out, opts, axis, scales, act=None, dtype=np.int8):
    m = Model()
    n = w[axis]
    if dtype == np.int8:
        x = m.input(shape, dtype, 0.0235, 3)
        f = m.tensor(w, np.int8, scales, 0, axis, r.integers(-127, 128, w))
        b = m.tensor([n], np.int32, np.float32(np.float32(0.0235) * np.float32(scales)), 0, 0, r.integers(-3000, 3000, n))
        y = m.output(out, np.int8, 0.61, -5)
    else:
        x, f = m.input(shape, dtype), m.tensor(w, dtype, data=r.normal(0, 1, w))
        b, y = m.tensor([n], dtype, data=r.normal(0, 1, n)), m.output(out, dtype)
    m.op(op, [x, f, b], [y], opts, version=3 if op != "FULLY_CONNECTED" else 4)
    case(name, m, [data(shape, dtype)], 0 if dtype == np.int8 else 1e-5)


per = lambda n: [0.00713 * (1 + i % 7) for i in range(n)]
C = lambda **kw: options("Conv2DOptions", **{"dilationHFactor": 1, "dilationWFactor": 1, "strideH": 1, "strideW": 1, **kw})
D = lambda **kw: options("DepthwiseConv2DOptions", **{"dilationHFactor": 1, "dilationWFactor": 1, "strideH": 1, "strideW": 1, **kw})
for dtype in (np.int8, np.float32):
    t = np.dtype(dtype).name
    conv(f"CONV_2D same, stride 2 {t}", "CONV_2D", (1, 9, 8, 5), (7, 3, 3, 5), (1, 5, 4, 7), C(strideH=2, strideW=2), 0, per(7), dtype=dtype)
    conv(f"CONV_2D relu6 {t}", "CONV_2D", (1, 6, 6, 4), (18, 1, 1, 4), (1, 6, 6, 18), C(padding=1, fusedActivationFunction=3), 0, per(18), dtype=dtype)
    conv(f"DEPTHWISE_CONV_2D {t}", "DEPTHWISE_CONV_2D", (1, 7, 8, 20), (1, 3, 3, 20), (1, 7, 8, 20), D(depthMultiplier=1), 3, per(20), dtype=dtype)
    conv(f"DEPTHWISE_CONV_2D multiplier 2 {t}", "DEPTHWISE_CONV_2D", (1, 7, 8, 3), (1, 3, 2, 6), (1, 4, 4, 6), D(depthMultiplier=2, strideH=2, strideW=2), 3, per(6), dtype=dtype)
    conv(f"FULLY_CONNECTED {t}", "FULLY_CONNECTED", (5, 33), (19, 33), (5, 19), options("FullyConnectedOptions", fusedActivationFunction=1), 0, [0.00713], dtype=dtype)
conv("CONV_2D dilated", "CONV_2D", (1, 9, 8, 5), (7, 3, 3, 5), (1, 5, 4, 7), C(padding=1, dilationHFactor=2, dilationWFactor=2), 0, per(7))
conv("FULLY_CONNECTED per channel", "FULLY_CONNECTED", (4, 20), (9, 20), (4, 9), options("FullyConnectedOptions"), 0, per(9))
for name, kw, size in (("", {}, (7, 5)), ("align", {"alignCorners": True}, (7, 5)), ("half", {"halfPixelCenters": True}, (7, 9)), ("down", {}, (2, 3)), ("twice", {"halfPixelCenters": True}, (8, 12))):
    for dtype, q, tolerance in ((np.int8, same, 0), (np.float32, (None, None), 1e-6)):
        unary(f"RESIZE_BILINEAR {name} {np.dtype(dtype).name}", "RESIZE_BILINEAR", *q, options("ResizeBilinearOptions", **kw), 3 if q is same else 1,
              (1, 4, 6, 3), (1, *size, 3), dtype, dtype, tolerance, [(np.int32(size), ())])
for name, shape, x, a, y in (
    ("channels", (1, 1, 6), (0.05, 3), (0.0073, -11), (0.047, 9)),
    ("pixels", (4, 5, 1), (0.5, 0), (0.5, 0), (1, 1)),
    ("one", (1, 1, 1), (0.05, -128), (0.02, 0), (0.05, -20)),
):
    unary(f"PRELU {name}", "PRELU", x, y, None, 1, (2, 4, 5, 6), consts=[(data(shape, np.int8), a)])
unary("PRELU float", "PRELU", None, None, None, 1, (2, 4, 5, 6), dtype=np.float32, odtype=np.float32, consts=[(data((1, 1, 6), np.float32), ())])


def deconv(name, shape, w, out, pad, stride, scales, version=3, act=0, dtype=np.int8):
    m = Model()
    s = m.tensor([4], np.int32, data=np.int32(out))
    n = w[0]
    if dtype == np.int8:
        f = m.tensor(w, np.int8, scales, 0, 0, r.integers(-127, 128, w))
        x = m.input(shape, np.int8, 0.0235, 3)
        b = m.tensor([n], np.int32, np.float32(np.float32(0.0235) * np.float32(scales)), 0, 0, r.integers(-3000, 3000, n))
        y = m.output(out, np.int8, 0.61, -5)
    else:
        f, x = m.tensor(w, dtype, data=r.normal(0, 1, w)), m.input(shape, dtype)
        b, y = m.tensor([n], dtype, data=r.normal(0, 1, n)), m.output(out, dtype)
    o = options("TransposeConvOptions", padding=pad, strideH=stride[0], strideW=stride[1], fusedActivationFunction=act)
    m.op("TRANSPOSE_CONV", [s, f, x] + ([b] if version > 2 else []), [y], o, version)
    case(name, m, [data(shape, dtype)], 0 if dtype == np.int8 else 1e-5)


deconv("TRANSPOSE_CONV same, stride 2", (1, 4, 5, 6), (7, 3, 3, 6), (1, 8, 10, 7), 0, (2, 2), per(7))
deconv("TRANSPOSE_CONV same, odd", (1, 4, 5, 6), (7, 4, 5, 6), (1, 7, 15, 7), 0, (2, 3), per(7))
deconv("TRANSPOSE_CONV valid, relu", (1, 4, 5, 6), (5, 3, 3, 6), (1, 9, 7, 5), 1, (2, 1), per(5), 4, 1)
deconv("TRANSPOSE_CONV no bias", (1, 3, 3, 8), (4, 2, 2, 8), (1, 6, 6, 4), 1, (2, 2), per(4), 2)
deconv("TRANSPOSE_CONV float", (1, 4, 5, 6), (7, 3, 3, 6), (1, 8, 10, 7), 0, (2, 2), per(7), dtype=np.float32)
Path(__file__).with_name("vectors.json").write_text(json.dumps(cases, indent=1) + "\n")
print(len(cases), "cases")
