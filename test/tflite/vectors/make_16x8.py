"""Small int16x8 models of every operator, and LiteRT's reference answers: python3 make_16x8.py, writes vectors-16x8.json.

The fields are those of vectors.json. Inputs are hostile: both ends of int16, their neighbours, zeros, one constant, noise."""

import base64
import json
from pathlib import Path

from builder import Model, np, options, run

r = np.random.default_rng(1608)
cases = []
ENDS = np.array([-32768, -32767, 32767, 32766, -1, 0, 1, 2, -2, 127, 128, -128, -129, 255, 256, -16384, 16384], np.int16)


def data(shape, dtype=np.int16, hostile=True):
    """Noise over the whole range, small noise, and the ends of it, side by side."""
    if np.dtype(dtype).kind == "f":
        return r.normal(0, 300, shape).astype(dtype)
    info = np.iinfo(dtype)
    flat = r.integers(info.min, info.max + 1, int(np.prod(shape)))
    half = len(flat) // 2
    flat[:half] = r.integers(-90, 91, half) if np.dtype(dtype) != np.int8 else flat[:half]
    if hostile and np.dtype(dtype) == np.int16:
        flat[: min(len(ENDS), len(flat))] = ENDS[: len(flat)]
    return flat.astype(dtype).reshape(shape)


def case(name, model, inputs):
    made = model.bytes()
    text = lambda a: base64.b64encode(a.tobytes()).decode()
    cases.append({"name": name, "model": base64.b64encode(made).decode(), "inputs": [text(i) for i in inputs],
                  "outputs": [text(o) for o in run(made, inputs)], "tolerance": 0})


def unary(name, x, y, opts=None, version=1, shape=(2, 150), out=None, dtype=np.int16, odtype=np.int16, consts=(), v=None):
    m = Model()
    a = m.input(shape, dtype, *(x or ()))
    extra = [m.tensor(np.shape(c), np.asarray(c).dtype, *q, data=c) for c, q in consts]
    b = m.output(out or shape, odtype, *(y or ()))
    m.op(name.split(" ")[0], [a, *extra], [b], opts, version=version)
    case(name, m, [data(shape, dtype) if v is None else v])


def binary(name, a, b, y, opts, version=2, sa=(3, 40), sb=(3, 40), values=None):
    m = Model()
    i, j = m.input(sa, np.int16, *a), m.input(sb, np.int16, *b)
    o = m.output(np.broadcast_shapes(sa, sb), np.int16, *y)
    m.op(name.split(" ")[0], [i, j], [o], opts, version=version)
    p, q = data(sa), data(sb)
    case(name, m, values or [p, q[..., ::-1].copy() if sb == sa else q])


UNIT = (2**-15, 0)
for scale in (0.0003, 2**-12, 2**-11, 0.00017, 0.0091, 3.7):
    unary(f"LOGISTIC {scale}", (scale, 0), UNIT, None, 3)
    unary(f"TANH {scale}", (scale, 0), UNIT, None, 3)
for scale in (0.0003, 0.71, 2**-9):
    unary(f"LEAKY_RELU {scale}", (scale, 0), (scale * 0.8, 0), options("LeakyReluOptions", alpha=0.3), 2)
    unary(f"RELU {scale}", (scale, 0), (scale * 1.3, 0), version=2)
    unary(f"RELU6 {scale}", (scale, 0), (scale * 0.7, 0), version=2)
    unary(f"QUANTIZE {scale}", (scale, 0), (scale * 0.61, 0), options("QuantizeOptions"), 2)
    unary(f"QUANTIZE to int8 {scale}", (scale, 0), (scale * 251, 5), options("QuantizeOptions"), 2, odtype=np.int8)
    unary(f"QUANTIZE from int8 {scale}", (scale, 11), (scale / 257, 0), options("QuantizeOptions"), 2, (2, 128), dtype=np.int8,
          v=np.arange(-128, 128).astype(np.int8).reshape(2, 128))
    unary(f"DEQUANTIZE {scale}", (scale, 0), None, options("DequantizeOptions"), 3, odtype=np.float32)
unary("LEAKY_RELU below zero", (0.01, 0), (0.013, 0), options("LeakyReluOptions", alpha=-0.7), 2)
unary("QUANTIZE ties", (0.5, 0), (1, 0), options("QuantizeOptions"), 2)
unary("QUANTIZE to int8, ties", (0.5, 0), (128, -3), options("QuantizeOptions"), 2, odtype=np.int8)
unary("QUANTIZE from uint8", (0.05, 131), (0.0004, 0), options("QuantizeOptions"), 2, (2, 128), dtype=np.uint8)
unary("QUANTIZE of floats", None, (0.01, 0), options("QuantizeOptions"), 2, dtype=np.float32)
for beta, scale, shape in ((1.0, 0.0003, (3, 50)), (1.0, 0.00001, (2, 9)), (0.4, 0.02, (2, 3, 7)), (1.0, 0.01, (1, 1)), (1.0, 0.0002, (1, 400))):
    unary(f"SOFTMAX {beta} {scale} {shape}", (scale, 0), UNIT, options("SoftmaxOptions", beta=beta), 3, shape)
unary("SOFTMAX of equals", (0.01, 0), UNIT, options("SoftmaxOptions", beta=1.0), 3, (2, 200), v=np.full((2, 200), -32768, np.int16))
unary("SOFTMAX of near equals", (0.001, 0), UNIT, options("SoftmaxOptions", beta=1.0), 3, (4, 33), v=r.integers(-400, 400, (4, 33)).astype(np.int16))
same = ((0.1, 0), (0.1, 0))
unary("RESHAPE", *same, options("ReshapeOptions", newShape=[4, 6]), 1, (2, 3, 4), (4, 6), consts=[(np.int32([4, 6]), ())])
unary("SQUEEZE", *same, options("SqueezeOptions", squeezeDims=[1]), 1, (4, 1, 3), (4, 3))
unary("EXPAND_DIMS", *same, options("ExpandDimsOptions"), 1, (4, 3), (4, 1, 3), consts=[(np.int32(1), ())])
unary("TRANSPOSE", *same, options("TransposeOptions"), 2, (2, 3, 4), (4, 2, 3), consts=[(np.int32([2, 0, 1]), ())])
around = (np.int32([[0, 0], [1, 2], [0, 1], [0, 0]]), ())
unary("PAD", *same, options("PadOptions"), 2, (1, 3, 4, 2), (1, 6, 5, 2), consts=[around])
unary("PADV2", *same, options("PadV2Options"), 2, (1, 3, 4, 2), (1, 6, 5, 2), consts=[around, (np.int16([-900]), (0.1, 0))])
strided = lambda **kw: options("StridedSliceOptions", **kw)
for name, o, begin, end, step, out in (
    ("plain", strided(), [0, 1, 0], [2, 4, 6], [1, 2, 3], (2, 2, 2)),
    ("backwards", strided(beginMask=4, endMask=4), [0, -2, 0], [1, -5, 0], [1, -1, -2], (1, 3, 3)),
):
    unary(f"STRIDED_SLICE {name}", *same, o, 2, (2, 5, 6), out, consts=[(np.int32(v), ()) for v in (begin, end, step)])
for op, kind in (("ADD", "AddOptions"), ("SUB", "SubOptions")):
    free = options(kind, potScaleInt16=False)
    binary(op, (0.03, 0), (0.021, 0), (0.05, 0), options(kind))
    binary(f"{op} powers of two, general", (2**-10, 0), (2**-11, 0), (2**-9, 0), free)
    binary(f"{op} powers of two", (2**-10, 0), (2**-13, 0), (2**-10, 0), options(kind))
    binary(f"{op} powers of two, the other", (2**-12, 0), (2**-10, 0), (2**-10, 0), options(kind))
    binary(f"{op} powers of two, equal", (2**-10, 0), (2**-10, 0), (2**-10, 0), options(kind))
    binary(f"{op} ties", (0.5, 0), (0.5, 0), (1, 0), free)
    binary(f"{op} broadcast", (0.03, 0), (0.021, 0), (0.04, 0), free, 2, (1, 4, 5, 6), (6,))
    binary(f"{op} repeats first", (0.03, 0), (0.021, 0), (0.04, 0), free, 2, (6,), (1, 4, 5, 6))
    binary(f"{op} relu6", (0.0003, 0), (0.00021, 0), (0.0005, 0), options(kind, fusedActivationFunction=3, potScaleInt16=False))
    binary(f"{op} scales far apart", (0.00001, 0), (1.1, 0), (0.9, 0), free)
binary("MUL", (0.003, 0), (0.0021, 0), (0.25, 0), options("MulOptions"))
binary("MUL ties", (0.5, 0), (0.5, 0), (2**14, 0), options("MulOptions"))
binary("MUL broadcast", (0.003, 0), (0.0021, 0), (0.25, 0), options("MulOptions"), 2, (1, 4, 5, 6), (6,))
binary("MUL relu", (0.003, 0), (0.0021, 0), (0.25, 0), options("MulOptions", fusedActivationFunction=1))
binary("MUL saturates", (0.03, 0), (0.021, 0), (0.05, 0), options("MulOptions"))
for name, shape, axes, keep, x, y in (
    ("height and width", (2, 7, 5, 16), [1, 2], True, (0.03, 0), (0.02, 0)),
    ("one scale", (1, 6, 6, 8), [1, 2], False, (0.03, 0), (0.03, 0)),
    ("channels", (1, 6, 6, 24), [3], True, (0.03, 0), (0.04, 0)),
):
    out = [1 if i in axes else d for i, d in enumerate(shape) if keep or i not in axes]
    unary(f"MEAN {name}", x, y, options("ReducerOptions", keepDims=keep), 2, shape, tuple(out), consts=[(np.int32(axes), ())])
unary("MEAN of the ends", (0.03, 0), (0.03, 0), options("ReducerOptions", keepDims=True), 2, (1, 9, 9, 2), (1, 1, 1, 2), consts=[(np.int32([1, 2]), ())],
      v=np.stack([np.full((1, 9, 9), -32768), np.full((1, 9, 9), 32767)], -1).astype(np.int16))
for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
    for pad, act, out in ((0, 1, (1, 4, 3, 8)), (1, 0, (1, 3, 2, 8)), (0, 0, (1, 4, 3, 8))):
        o = options("Pool2DOptions", padding=pad, strideH=2, strideW=2, filterHeight=3, filterWidth=3, fusedActivationFunction=act)
        unary(f"{op} {pad} {act}", *same, o, 3, (1, 7, 6, 8), out)
m = Model()
i = [m.input([1, 3, n], np.int16, 0.1, 0) for n in (2, 4, 3)]
o = m.output([1, 3, 9], np.int16, 0.1, 0)
m.op("CONCATENATION", i, [o], options("ConcatenationOptions", axis=-1), 3)
case("CONCATENATION", m, [data((1, 3, n)) for n in (2, 4, 3)])
m = Model()
a, x = m.tensor([], np.int32, data=np.int32(2)), m.input([1, 3, 6], np.int16, 0.1, 0)
o = [m.output([1, 3, 2], np.int16, 0.1, 0) for _ in range(3)]
m.op("SPLIT", [a, x], o, options("SplitOptions", numSplits=3), 4)
case("SPLIT", m, [data((1, 3, 6))])

SX = 0.00235


def conv(name, shape, w, out, opts, axis, scales, bias=np.int64, most=300000, sy=0.061, values=None, weights=None, version=4):
    m = Model()
    n = w[axis]
    x = m.input(shape, np.int16, SX, 0)
    f = m.tensor(w, np.int8, scales, 0, axis, r.integers(-127, 128, w) if weights is None else weights)
    ins = [x, f]
    if bias is not None:
        ins.append(m.tensor([n], bias, np.float32(np.float32(SX) * np.float32(scales)), 0, 0, r.integers(-most, most, n)))
    y = m.output(out, np.int16, sy, 0)
    m.op(name.split(" ")[0], ins, [y], opts, version=version)
    case(name, m, [data(shape) if values is None else values])


per = lambda n: [0.00713 * (1 + i % 7) for i in range(n)]
D1 = {"dilationHFactor": 1, "dilationWFactor": 1, "strideH": 1, "strideW": 1}
C = lambda **kw: options("Conv2DOptions", **{**D1, **kw})
D = lambda **kw: options("DepthwiseConv2DOptions", **{**D1, **kw})
F = lambda **kw: options("FullyConnectedOptions", **kw)
conv("CONV_2D same, stride 2", (1, 9, 8, 5), (7, 3, 3, 5), (1, 5, 4, 7), C(strideH=2, strideW=2), 0, per(7))
conv("CONV_2D relu6", (1, 6, 6, 4), (18, 1, 1, 4), (1, 6, 6, 18), C(padding=1, fusedActivationFunction=3), 0, per(18), sy=0.0002)
conv("CONV_2D dilated", (1, 9, 8, 5), (7, 3, 3, 5), (1, 5, 4, 7), C(padding=1, dilationHFactor=2, dilationWFactor=2), 0, per(7))
conv("CONV_2D one scale", (1, 6, 6, 8), (6, 3, 3, 8), (1, 6, 6, 6), C(), 0, per(1), sy=0.02)
conv("CONV_2D beyond int32", (1, 4, 5, 70), (4, 3, 3, 70), (1, 2, 3, 4), C(padding=1), 0, per(4), most=2**40, sy=1.9,
     values=np.full((1, 4, 5, 70), -32768, np.int16), weights=np.stack([np.full((3, 3, 70), v) for v in (-128, 127, -127, 1)]))
conv("CONV_2D large shifts", (1, 3, 3, 4), (5, 1, 1, 4), (1, 3, 3, 5), C(), 0, [2**-20, 0.004, 2.0, 0.25, 1e-7], sy=0.00009)
conv("CONV_2D int32 bias", (1, 9, 8, 5), (7, 3, 3, 5), (1, 9, 8, 7), C(quantizedBiasType=2), 0, per(7), np.int32)
conv("DEPTHWISE_CONV_2D", (1, 7, 8, 20), (1, 3, 3, 20), (1, 7, 8, 20), D(depthMultiplier=1), 3, per(20), sy=0.02)
conv("DEPTHWISE_CONV_2D multiplier 2", (1, 7, 8, 3), (1, 3, 2, 6), (1, 4, 4, 6), D(depthMultiplier=2, strideH=2, strideW=2), 3, per(6), sy=0.02)
conv("DEPTHWISE_CONV_2D no bias", (1, 5, 5, 4), (1, 5, 5, 4), (1, 5, 5, 4), D(depthMultiplier=1, fusedActivationFunction=1), 3, per(4), None)
conv("DEPTHWISE_CONV_2D beyond int32", (1, 3, 3, 2), (1, 3, 3, 2), (1, 1, 1, 2), D(depthMultiplier=1, padding=1), 3, per(2), most=2**40, sy=40.0)
conv("FULLY_CONNECTED", (5, 33), (19, 33), (5, 19), F(fusedActivationFunction=1), 0, [0.00713], version=7)
conv("FULLY_CONNECTED per channel", (4, 20), (9, 20), (4, 9), F(), 0, per(9), version=12)
conv("FULLY_CONNECTED no bias", (4, 20), (9, 20), (4, 9), F(), 0, [0.003], None, version=7)
conv("FULLY_CONNECTED int32 bias", (4, 20), (9, 20), (4, 9), F(quantizedBiasType=2), 0, per(9), np.int32, version=13)
conv("FULLY_CONNECTED beyond int32", (2, 700), (3, 700), (2, 3), F(), 0, [0.00713], most=2**40, sy=1.1, version=7,
     values=np.stack([np.full(700, 32767), np.full(700, -32768)]).astype(np.int16), weights=np.stack([np.full(700, v) for v in (-127, 127, 3)]))


def deconv(name, shape, w, out, pad, stride, scales, bias=np.int64, version=3, act=0, sy=0.061):
    m = Model()
    s = m.tensor([4], np.int32, data=np.int32(out))
    f = m.tensor(w, np.int8, scales, 0, 0, r.integers(-127, 128, w))
    x = m.input(shape, np.int16, SX, 0)
    ins = [s, f, x]
    if bias is not None:
        ins.append(m.tensor([w[0]], bias, np.float32(np.float32(SX) * np.float32(scales)), 0, 0, r.integers(-300000, 300000, w[0])))
    y = m.output(out, np.int16, sy, 0)
    o = options("TransposeConvOptions", padding=pad, strideH=stride[0], strideW=stride[1], fusedActivationFunction=act,
                **({"quantizedBiasType": 2} if bias == np.int32 else {}))
    m.op("TRANSPOSE_CONV", ins, [y], o, version)
    case(name, m, [data(shape)])


deconv("TRANSPOSE_CONV same, stride 2", (1, 4, 5, 6), (7, 3, 3, 6), (1, 8, 10, 7), 0, (2, 2), per(7))
deconv("TRANSPOSE_CONV valid, relu", (1, 4, 5, 6), (5, 3, 3, 6), (1, 9, 7, 5), 1, (2, 1), per(5), version=4, act=1)
deconv("TRANSPOSE_CONV no bias", (1, 3, 3, 8), (4, 2, 2, 8), (1, 6, 6, 4), 1, (2, 2), per(4), None, 2)
deconv("TRANSPOSE_CONV int32 bias", (1, 3, 3, 8), (4, 2, 2, 8), (1, 6, 6, 4), 1, (2, 2), per(4), np.int32, 5)
for name, kw, size in (("", {}, (7, 5)), ("align", {"alignCorners": True}, (7, 5)), ("half", {"halfPixelCenters": True}, (7, 9)), ("down", {}, (2, 3))):
    for op, kind, version in (("RESIZE_BILINEAR", "ResizeBilinearOptions", 4), ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", 4)):
        unary(f"{op} {name}", *same, options(kind, **kw), version, (1, 4, 6, 3), (1, *size, 3), consts=[(np.int32(size), ())])


def network(name, ends):
    """Layers of int16 between `ends` (float32 or int16), and a branch of int8 inside."""
    m = Model()

    def made(op, ins, shape, scale, opts, version, dtype=np.int16, zero=0):
        y = m.tensor(shape, dtype, scale, zero)
        m.op(op, ins, [y], opts, version=version)
        return y

    def weighted(op, x, sx, w, shape, sy, axis, opts, version, dtype=np.int16):
        n = w[axis]
        sw = np.float32(r.uniform(0.5, 1.5, n) * 0.01)
        f = m.tensor(w, np.int8, sw, 0, axis, r.integers(-127, 128, w))
        b = m.tensor([n], np.int64 if dtype == np.int16 else np.int32, np.float32(np.float32(sx) * sw), 0, 0, r.integers(-2000, 2000, n))
        return made(op, [x, f, b], shape, sy, opts, version, dtype)

    if ends == np.float32:
        x = made("QUANTIZE", [m.input([1, 12, 12, 2], ends)], (1, 12, 12, 2), 0.02, options("QuantizeOptions"), 2)
    else:
        x = m.input([1, 12, 12, 2], np.int16, 0.02, 0)
    padded = made("PAD", [x, m.tensor([4, 2], np.int32, data=np.int32([[0, 0], [1, 1], [1, 1], [0, 0]]))], (1, 14, 14, 2), 0.02, options("PadOptions"), 2)
    y = weighted("CONV_2D", padded, 0.02, (9, 3, 3, 2), (1, 6, 6, 9), 0.02, 0, C(padding=1, strideH=2, strideW=2, fusedActivationFunction=1), 4)
    z = weighted("DEPTHWISE_CONV_2D", y, 0.02, (1, 3, 3, 9), (1, 6, 6, 9), 0.03, 3, D(depthMultiplier=1), 4)
    e = made("QUANTIZE", [y], (1, 6, 6, 9), 4.0, options("QuantizeOptions"), 2, np.int8, -3)
    e = made("QUANTIZE", [e], (1, 6, 6, 9), 0.03, options("QuantizeOptions"), 2)
    t = made("TANH", [z], (1, 6, 6, 9), 2**-15, None, 3)
    z = made("MUL", [t, e], (1, 6, 6, 9), 0.03, options("MulOptions"), 4)
    z = made("ADD", [z, y], (1, 6, 6, 9), 0.05, options("AddOptions", fusedActivationFunction=1, potScaleInt16=False), 3)
    both = made("CONCATENATION", [z, z], (1, 6, 6, 18), 0.05, options("ConcatenationOptions", axis=3), 3)
    p = made("AVERAGE_POOL_2D", [both], (1, 2, 2, 18), 0.05, options("Pool2DOptions", padding=1, strideH=3, strideW=3, filterHeight=3, filterWidth=3), 3)
    mean = made("MEAN", [p, m.tensor([2], np.int32, data=np.int32([1, 2]))], (1, 18), 0.05, options("ReducerOptions", keepDims=False), 3)
    l = weighted("FULLY_CONNECTED", mean, 0.05, (7, 18), (1, 7), 0.001, 0, F(), 12)
    s = made("SOFTMAX", [l], (1, 7), 2**-15, options("SoftmaxOptions", beta=1.0), 3)
    if ends == np.float32:
        o = m.output((1, 7), ends)
        m.op("DEQUANTIZE", [s], [o], options("DequantizeOptions"), version=3)
        m.outputs.append(l)
    else:
        m.outputs.extend([s, l])
    case(name, m, [data((1, 12, 12, 2), ends)])


network("a network", np.int16)
network("a network between floats", np.float32)
Path(__file__).with_name("vectors-16x8.json").write_text(json.dumps(cases, indent=1) + "\n")
print(len(cases), "cases")
