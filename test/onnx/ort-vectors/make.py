"""Makes the vectors beside this file: small models and what ONNX Runtime's exact mode answers. Run by hand, with the
onnx, onnxruntime and numpy of requirements: onnxruntime 1.32, onnx 1.23, numpy 2. The tests read only the .json files.

    python3 make.py [FAMILY]...

A case is {"name", "model", "inputs", "outputs"}: base64 of the .onnx file and of the raw little-endian tensors.
"""
import base64, json, pathlib, sys
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as H, numpy_helper as N

f = np.float32
KIND = {'u8': (T.UINT8, np.uint8), 's8': (T.INT8, np.int8), 's16': (T.INT16, np.int16), 'u16': (T.UINT16, np.uint16),
        's32': (T.INT32, np.int32), 'f32': (T.FLOAT, np.float32), 'bool': (T.BOOL, np.bool_)}
MS = 'com.microsoft'
rng = np.random.default_rng(20240607)


def b64(a):
    return base64.b64encode(np.ascontiguousarray(a).tobytes()).decode()


def limits(t):
    i = np.iinfo(KIND[t][1])
    return int(i.min), int(i.max)


def node(op, ins, outs=('y',), ms=False, **attrs):
    return H.make_node(op, list(ins), list(outs), domain=MS if ms else '', **attrs)


def make(nodes, inputs, outputs, inits, opset=17):
    """inputs: name -> (kind, array); outputs: name -> (kind, shape)."""
    graph = H.make_graph(
        nodes, 'g',
        [H.make_tensor_value_info(n, KIND[k][0], a.shape) for n, (k, a) in inputs.items()],
        [H.make_tensor_value_info(n, KIND[k][0], s) for n, (k, s) in outputs.items()],
        [v if isinstance(v, onnx.TensorProto) else N.from_array(np.asarray(v), n) for n, v in inits.items()])
    return H.make_model(graph, opset_imports=[H.make_opsetid('', opset), H.make_opsetid(MS, 1)],
                        ir_version=10 if opset >= 21 else 8)


def run(model, feeds, exact=True):
    so = ort.SessionOptions()
    if exact:
        so.add_session_config_entry('session.x64quantprecision', '1')
    so.log_severity_level = 3
    so.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), so, providers=['CPUExecutionProvider'])
    return session.run(None, feeds)


def twin(model):
    """The u8 model ONNX Runtime makes of an s8 one between QuantizeLinear and DequantizeLinear: all integers 128 higher."""
    out = onnx.ModelProto.FromString(model.SerializeToString())
    for t in out.graph.initializer:
        if t.data_type == T.INT8:
            t.CopyFrom(N.from_array((N.to_array(t).astype(np.int16) + 128).astype(np.uint8), t.name))
    for v in [*out.graph.input, *out.graph.output]:
        if v.type.tensor_type.elem_type == T.INT8:
            v.type.tensor_type.elem_type = T.UINT8
    return out


class Family:
    def __init__(self):
        self.cases = []

    def add(self, name, nodes, inputs, outputs, inits, opset=17, exact=True, as_u8=False):
        model = make(nodes, inputs, outputs, inits, opset)
        feeds = {n: a for n, (_, a) in inputs.items()}
        if as_u8:
            up = {n: (a.astype(np.int16) + 128).astype(np.uint8) if a.dtype == np.int8 else a for n, a in feeds.items()}
            answers = [(a.astype(np.int16) - 128).astype(np.int8) for a in run(twin(model), up, exact)]
        else:
            answers = run(model, feeds, exact)
        for (n, (_, shape)), a in zip(outputs.items(), answers):
            assert list(a.shape) == list(shape), (name, n, a.shape, shape)
        self.cases.append({'name': name, 'model': b64(np.frombuffer(model.SerializeToString(), np.uint8)),
                           'inputs': [b64(a) for _, a in inputs.values()], 'outputs': [b64(a) for a in answers]})
        return answers


def full(t):
    lo, hi = limits(t)
    return np.arange(lo, hi + 1).astype(KIND[t][1])


def some(t, shape, lo=None, hi=None):
    a, b = limits(t)
    return rng.integers(a if lo is None else lo, (b if hi is None else hi) + 1, shape).astype(KIND[t][1])


def fma(x, y, z):
    p = np.asarray(x, np.float64) * np.float64(y)
    c = np.asarray(z, np.float64)
    s = p + c
    bb = s - p
    e = (p - (s - bb)) + (c - bb)
    bits = s.view(np.int64).copy()
    fix = (e != 0) & ((bits & 1) == 0)
    up = (e > 0) == (s > 0)
    bits[fix & up] += 1
    bits[fix & ~up] -= 1
    return bits.view(np.float64).astype(f)


def params(sa, za, sb, zb, sc, zc, d):
    return {'sa': f(sa), 'za': d(za), 'sb': f(sb), 'zb': d(zb), 'sc': f(sc), 'zc': d(zc)}


PAIR = ['a', 'sa', 'za', 'b', 'sb', 'zb', 'sc', 'zc']


def hard_pairs(op, t):
    """256 of the 65536 pairs: those where near formulas differ from ONNX Runtime's, then random ones."""
    d = KIND[t][1]
    lo, hi = limits(t)
    a, b = np.repeat(full(t), 256), np.tile(full(t), 256)
    A, B = a.astype(f), b.astype(f)
    while True:
        sa, sb = rng.uniform(.01, .1, 2)
        sc = rng.uniform(.01, .1) * (1 if op == 'QLinearAdd' else 10 * sa)
        za, zb, zc = (int(v) for v in rng.integers(lo, hi + 1, 3))
        ini = params(sa, za, sb, zb, sc, zc, d)
        model = make([node(op, PAIR, ms=True)], {'a': (t, a), 'b': (t, b)}, {'y': (t, [65536])}, ini)
        y = run(model, {'a': a, 'b': b})[0]
        sa, sb, sc = f(sa), f(sb), f(sc)
        if op == 'QLinearAdd':
            ra, rb = sa / sc, sb / sc
            plain = f(zc) - (ra * f(za) + rb * f(zb))
            fixed = f(zc) - fma(np.array([ra]), f(za), rb * f(zb))[0]
            near = [fma(A, ra, fma(B, rb, np.full(65536, plain, f))), fma(B, rb, fma(A, ra, np.full(65536, fixed, f))),
                    A * ra + (B * rb + fixed)]
        else:
            p = ((a.astype(np.int64) - za) * (b.astype(np.int64) - zb)).astype(f)
            near = [np.rint(p * (sa * sb / sc)) + zc, ((A - za) * sa) * ((B - zb) * sb) / sc + zc]
        hard = np.zeros(65536, bool)
        for v in near:
            hard |= np.clip(np.rint(v), lo, hi).astype(d) != y
        if hard.sum() >= 3:
            break
    pick = np.concatenate([np.flatnonzero(hard)[:120], rng.integers(0, 65536, 256)])[:256]
    return {'a': (t, a[pick]), 'b': (t, b[pick])}, ini


def binary():
    fam = Family()
    for op in ('QLinearAdd', 'QLinearMul'):
        for t in ('u8', 's8'):
            as_u8 = t == 's8' and op == 'QLinearMul'
            for i in range(3):
                inputs, ini = hard_pairs(op, t)
                fam.add(f'{op} {t} near ties {i}', [node(op, PAIR, ms=True)], inputs, {'y': (t, [256])}, ini, as_u8=as_u8)
            lo, hi = limits(t)
            d = KIND[t][1]
            mid = (lo + hi) // 2 + 1
            for name, sc, zc in (('ties', .5, mid + 1), ('both ends', .003, mid), ('zero point at an end', .25, hi)):
                fam.add(f'{op} {t} {name}', [node(op, PAIR, ms=True)],
                        {'a': (t, some(t, [300])), 'b': (t, some(t, [300]))}, {'y': (t, [300])},
                        params(.5, lo, .25, mid, sc, zc, d), as_u8=as_u8)
            for sa, sb in (([8, 37], [37]), ([37], [8, 37]), ([8, 37], [8, 1]), ([8, 1], [8, 37]), ([300], [1]),
                           ([1], [300]), ([2, 5, 1], [3, 1, 1, 9]), ([1, 6, 4, 5], [1, 6, 1, 1]), ([1, 6, 1, 1], [1, 6, 4, 5])):
                z = [int(v) for v in rng.integers(lo, hi + 1, 3)]
                s = rng.uniform(.02, .1, 3)
                shape = list(np.broadcast_shapes(tuple(sa), tuple(sb)))
                fam.add(f'{op} {t} {sa} and {sb}'.replace(',', ''), [node(op, PAIR, ms=True)],
                        {'a': (t, some(t, sa)), 'b': (t, some(t, sb))}, {'y': (t, shape)},
                        params(s[0], z[0], s[1], z[1], s[2] * (1 if op == 'QLinearAdd' else .1), z[2], d), as_u8=as_u8)
    return fam


def unary_params(t, sx, zx, sy, zy):
    d = KIND[t][1]
    return {'sx': f(sx), 'zx': d(zx), 'sy': f(sy), 'zy': d(zy)}


UNARY = ['x', 'sx', 'zx', 'sy', 'zy']


def pools():
    fam = Family()
    for t in ('u8', 's8'):
        lo, hi = limits(t)
        for i, (op, shape, attrs, out) in enumerate([
                ('QLinearGlobalAveragePool', [2, 5, 2, 2], {}, [2, 5, 1, 1]),
                ('QLinearGlobalAveragePool', [1, 9, 7, 5], {}, [1, 9, 1, 1]),
                ('QLinearGlobalAveragePool', [1, 4, 3, 6], {'channels_last': 1}, [1, 1, 1, 6]),
                ('QLinearAveragePool', [1, 6, 4, 4], {'kernel_shape': [4, 4]}, [1, 6, 1, 1]),
                ('QLinearAveragePool', [1, 6, 6, 6], {'kernel_shape': [2, 2], 'strides': [2, 2]}, [1, 6, 3, 3]),
                ('QLinearAveragePool', [2, 3, 7, 6], {'kernel_shape': [3, 2], 'strides': [2, 1], 'pads': [1, 0, 1, 1]}, [2, 3, 4, 6]),
                ('QLinearAveragePool', [1, 3, 6, 6], {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1], 'count_include_pad': 1}, [1, 3, 6, 6]),
                ('QLinearAveragePool', [1, 3, 6, 5], {'kernel_shape': [3, 3], 'strides': [2, 2], 'ceil_mode': 1}, [1, 3, 3, 2]),
                ('QLinearAveragePool', [1, 5, 6, 3], {'kernel_shape': [2, 2], 'channels_last': 1}, [1, 4, 5, 3]),
                ('QLinearAveragePool', [1, 4, 9], {'kernel_shape': [2], 'strides': [2]}, [1, 4, 4])]):
            zx = int(rng.integers(lo, hi + 1))
            x = np.clip(zx + rng.integers(-40, 40, shape), lo, hi).astype(KIND[t][1])
            for name, sx, sy in (('equal scales', .1, .1), ('other scales', .0371, .0253)):
                zy = int(rng.integers(lo // 2, hi // 2)) * 2 + 1
                fam.add(f'{op} {t} {i} {name}', [node(op, UNARY, ms=True, **attrs)], {'x': (t, x)}, {'y': (t, out)},
                        unary_params(t, sx, zx, sy, zy), as_u8=t == 's8')
    return fam


def softmax():
    fam = Family()
    for t in ('u8', 's8'):
        lo, hi = limits(t)
        for shape, axis, opset in (([4, 10], 1, 13), ([2, 100], -1, 13), ([2, 5, 7], 1, 13), ([2, 5, 7], 1, 11), ([3, 1], 1, 13)):
            for sx, sy, zy in ((.1, 1 / 256, lo), (.03, 1 / 255, lo), (.5, .003, lo + 20), (.004, .001, lo)):
                fam.add(f'QLinearSoftmax {t} {shape} axis {axis} opset {opset} scales {sx} {sy:.4f}'.replace(',', ''),
                        [node('QLinearSoftmax', UNARY, ms=True, axis=axis, opset=opset)],
                        {'x': (t, some(t, shape))}, {'y': (t, shape)}, unary_params(t, sx, int(rng.integers(lo, hi + 1)), sy, zy))
        softmax_ties(fam, t)
    return fam


def softmax_ties(fam, t):
    """Rows with a quotient within 1e-5 of a half, where the rounding of every step of the formula shows."""
    lo, hi = limits(t)
    for d, sx, sy in ((5, .031, 1 / 499.5), (16, .0256, 1 / 270.5)):
        x = some(t, [60000, d])
        i = x.max(1).astype(int)[:, None] - x
        e = np.exp(-i * float(f(sx)))
        q = e * np.floor(f(1) / f(sy)) / e.sum(1, keepdims=True)
        rows = np.flatnonzero((np.abs(q - np.floor(q) - .5) < 1e-5).any(1))[:40]
        shape = [len(rows), d]
        fam.add(f'QLinearSoftmax {t} near ties of {d}', [node('QLinearSoftmax', UNARY, ms=True, axis=1, opset=13)],
                {'x': (t, x[rows])}, {'y': (t, shape)}, unary_params(t, sx, 0, sy, lo))


def tables():
    fam = Family()
    for t in ('u8', 's8'):
        lo, hi = limits(t)
        d = KIND[t][1]
        x = {'x': (t, full(t))}
        for i in range(3):
            zx, zy = (int(v) for v in rng.integers(lo, hi + 1, 2))
            fam.add(f'QLinearSigmoid {t} {i}', [node('QLinearSigmoid', UNARY, ms=True)], x, {'y': (t, [256])},
                    unary_params(t, rng.uniform(.01, .1), zx, 1 / 256 if i else .01, lo if i else zy))
            fam.add(f'QLinearLeakyRelu {t} {i}', [node('QLinearLeakyRelu', UNARY, ms=True, alpha=(.01, .1, 1.5)[i])], x,
                    {'y': (t, [256])}, unary_params(t, rng.uniform(.01, .1), zx, rng.uniform(.01, .1), zy))
            s = rng.uniform(.02, .1, 3)
            z = [int(v) for v in rng.integers(lo, hi + 1, 3)]
            ini = {'sy': f(s[0]), 'zy': d(z[0]), 'sa': f(s[1]), 'za': d(z[1]), 'sb': f(s[i and 2]), 'zb': d(z[i and 2])}
            if i == 0:
                ini['sb'], ini['zb'] = ini['sy'], ini['zy']
            fam.add(f'QLinearConcat {t} {i}',
                    [node('QLinearConcat', ['sy', 'zy', 'a', 'sa', 'za', 'b', 'sb', 'zb'], ms=True, axis=1)],
                    {'a': (t, some(t, [2, 30, 3])), 'b': (t, some(t, [2, 11, 3]))}, {'y': (t, [2, 41, 3])}, ini)
            fam.add(f'QLinearWhere {t} {i}',
                    [node('QLinearWhere', ['c', 'a', 'sa', 'za', 'b', 'sb', 'zb', 'sy', 'zy'], ms=True)],
                    {'c': ('bool', rng.integers(0, 2, [5, 40]).astype(bool)), 'a': (t, some(t, [5, 40])), 'b': (t, some(t, [5, 40] if i else [1]))},
                    {'y': (t, [5, 40])}, ini)
    return fam


def matrices():
    fam = Family()
    MM = ['a', 'sa', 'za', 'b', 'sb', 'zb', 'sy', 'zy']
    for ta, tb in (('u8', 's8'), ('u8', 'u8'), ('s8', 's8')):
        da, db = KIND[ta][1], KIND[tb][1]
        for i, (sa, sb, columns, const) in enumerate([([5, 33], [33, 20], True, True), ([5, 33], [33, 20], False, True), ([2, 3, 4, 16], [16, 9], False, True),
                                                      ([2, 4, 17], [2, 17, 6], False, False), ([5, 33], [33, 20], True, False)]):
            n = sb[-1]
            scales = np.asarray(rng.uniform(.001, .01, n if columns else None), f)
            zeros = np.asarray(rng.integers(-9, 9, n if columns else None) + (0 if tb == 's8' else 128)).astype(db)
            lo, hi = limits(ta)
            ini = {'sa': f(rng.uniform(.01, .1)), 'za': da(rng.integers(lo, hi)), 'sb': scales, 'zb': zeros,
                   'sy': f(rng.uniform(.1, .3)), 'zy': da(rng.integers(lo, hi))}
            inputs = {'a': (ta, some(ta, sa))}
            if const:
                ini['b'] = some(tb, sb)
            else:
                inputs['b'] = (tb, some(tb, sb))
            out = list(np.matmul(np.zeros(sa), np.zeros(sb)).shape)
            name = f'{ta} {tb} {i}'
            # The exact mode turns constant s8 weights into u8, for which no kernel with s8 activations exists.
            exact = ta != 's8'
            fam.add(f'QLinearMatMul {name}', [node('QLinearMatMul', MM)], inputs, {'y': (ta, out)}, ini, exact=exact)
            del ini['sy'], ini['zy']
            unit = dict(ini)
            del unit['sa'], unit['sb']
            if ta == 'u8':
                fam.add(f'MatMulInteger {name}', [node('MatMulInteger', ['a', 'b', 'za', 'zb'])], inputs, {'y': ('s32', out)}, unit)
                bias = i % 2 == 0 and const
                both = {**ini, **({'bias': rng.normal(0, 2, n).astype(f)} if bias else {})}
                fam.add(f'MatMulIntegerToFloat {name}',
                        [node('MatMulIntegerToFloat', ['a', 'b', 'sa', 'sb', 'za', 'zb'] + (['bias'] if bias else []), ms=True)],
                        inputs, {'y': ('f32', out)}, both)
        for i, (alpha, trans, c) in enumerate([(1.0, 0, 'n'), (.37, 1, 'n'), (1.0, 1, None), (2.5, 0, '1')]):
            b = some(tb, [50, 20])
            lo, hi = limits(ta)
            ini = {'sa': f(rng.uniform(.01, .1)), 'za': da(rng.integers(lo, hi)), 'sb': rng.uniform(.001, .01, 20).astype(f),
                   'zb': (np.zeros(20) + (0 if tb == 's8' else 131)).astype(db), 'b': np.ascontiguousarray(b.T) if trans else b}
            if c:
                ini['c'] = rng.integers(-5000, 5000, 20 if c == 'n' else 1).astype(np.int32)
            ins = ['a', 'sa', 'za', 'b', 'sb', 'zb', 'c' if c else '']
            inputs = {'a': (ta, some(ta, [4, 50]))}
            exact = ta != 's8'
            fam.add(f'QGemm float {ta} {tb} {i}', [node('QGemm', ins, ms=True, alpha=alpha, transB=trans)], inputs, {'y': ('f32', [4, 20])}, ini, exact=exact)
            ini.update(sy=f(rng.uniform(.5, 2)), zy=da(rng.integers(lo, hi)))
            fam.add(f'QGemm {ta} {tb} {i}', [node('QGemm', ins + ['sy', 'zy'], ms=True, alpha=alpha, transB=trans)], inputs, {'y': (ta, [4, 20])}, ini, exact=exact)
    return fam


def scales():
    """QuantizeLinear and DequantizeLinear of every element and granularity. What no graph output can hold goes on to float."""
    fam = Family()
    x = (rng.normal(0, 3, [3, 4, 10]) * np.array([1, 10, .1])[:, None, None]).astype(f)
    x[0, 0, :8] = [.05, .15, .25, -.05, -.15, 1e9, -1e9, 0]
    for t in ('u8', 's8', 'u16', 's16'):
        lo, hi = limits(t)
        d = KIND[t][1]
        wide = hi - lo > 255
        ms = wide
        z = int(rng.integers(lo, hi))
        s = .1 if not wide else .001
        tensor = {'s': f(s), 'z': d(z)}
        fam.add(f'QuantizeLinear {t}', [node('QuantizeLinear', ['x', 's', 'z'], ms=ms)], {'x': ('f32', x)}, {'y': (t, [3, 4, 10])}, tensor)
        fam.add(f'DequantizeLinear {t}', [node('DequantizeLinear', ['x', 's', 'z'], ms=ms)], {'x': (t, some(t, [3, 40]))}, {'y': ('f32', [3, 40])}, tensor)
        for axis in (0, 1, -1):
            n = x.shape[axis]
            many = {'s': (s * rng.uniform(.5, 2, n)).astype(f), 'z': some(t, [n])}
            fam.add(f'QuantizeLinear {t} axis {axis}', [node('QuantizeLinear', ['x', 's', 'z'], axis=axis, ms=ms)], {'x': ('f32', x)}, {'y': (t, [3, 4, 10])}, many)
            fam.add(f'DequantizeLinear {t} axis {axis}', [node('DequantizeLinear', ['x', 's', 'z'], axis=axis, ms=ms)], {'x': (t, some(t, [3, 4, 10]))}, {'y': ('f32', [3, 4, 10])}, many)
        blocks = {'s': (s * rng.uniform(.5, 2, [3, 2, 10])).astype(f), 'z': some(t, [3, 2, 10])}
        fam.add(f'QuantizeLinear {t} blocks', [node('QuantizeLinear', ['x', 's', 'z'], axis=1, block_size=3)], {'x': ('f32', x)}, {'y': (t, [3, 4, 10])}, blocks, opset=21)
        fam.add(f'DequantizeLinear {t} blocks', [node('DequantizeLinear', ['x', 's', 'z'], axis=1, block_size=2)], {'x': (t, some(t, [3, 4, 10]))}, {'y': ('f32', [3, 4, 10])}, blocks, opset=21)
        fam.add(f'QuantizeLinear to DequantizeLinear {t}', [node('QuantizeLinear', ['x', 's', 'z'], ['q']), node('DequantizeLinear', ['q', 's', 'z'])], {'x': ('f32', x)}, {'y': ('f32', [3, 4, 10])}, tensor, opset=21)
        fam.add(f'{t} to another scale', [node('DequantizeLinear', ['x', 's', 'z'], ['r']), node('QuantizeLinear', ['r', 's2', 'z2'])], {'x': (t, some(t, [300]))}, {'y': ('s8', [300])},
                {**tensor, 's2': f(.0313 * (hi - lo) / 255 * s), 'z2': np.int8(3)}, opset=21)
    for t, code in (('int4', T.INT4), ('uint4', T.UINT4)):
        z = H.make_tensor('z', code, [], [-3 if t == 'int4' else 5])
        fam.add(f'{t} there and back', [node('QuantizeLinear', ['x', 's', 'z'], ['q']), node('DequantizeLinear', ['q', 's', 'z'])], {'x': ('f32', x)}, {'y': ('f32', [3, 4, 10])}, {'s': f(.5), 'z': z}, opset=21)
        w = H.make_tensor('w', code, [4, 10], [(i * 7) % 15 - (7 if t == 'int4' else 0) for i in range(40)])
        zs = H.make_tensor('z', code, [2, 10], [i % 7 for i in range(20)])
        fam.add(f'{t} weights in blocks', [node('DequantizeLinear', ['w', 's', 'z'], ['r'], axis=0, block_size=2), node('Mul', ['x', 'r'])], {'x': ('f32', rng.normal(0, 1, [4, 10]).astype(f))},
                {'y': ('f32', [4, 10])}, {'w': w, 's': rng.uniform(.1, 1, [2, 10]).astype(f), 'z': zs}, opset=21)
    fam.add('DequantizeLinear s32', [node('DequantizeLinear', ['x', 's'])], {'x': ('s32', rng.integers(-2**31, 2**31, [50]).astype(np.int32))}, {'y': ('f32', [50])}, {'s': f(3e-5)})
    fam.add('QuantizeLinear without zero point', [node('QuantizeLinear', ['x', 's'])], {'x': ('f32', x)}, {'y': ('u8', [3, 4, 10])}, {'s': f(.1)})
    fam.add('QuantizeLinear output_dtype', [node('QuantizeLinear', ['x', 's'], output_dtype=T.INT16)], {'x': ('f32', x)}, {'y': ('s16', [3, 4, 10])}, {'s': f(.001)}, opset=21)
    fam.add('integer Clip between', [node('QuantizeLinear', ['x', 's', 'z'], ['q']), node('Clip', ['q', 'lo', 'hi'], ['c']), node('DequantizeLinear', ['c', 's', 'z'])], {'x': ('f32', x)}, {'y': ('f32', [3, 4, 10])},
            {'s': f(.1), 'z': np.uint8(0), 'lo': np.uint8(0), 'hi': np.uint8(127)})
    return fam


def convs():
    """QLinearConv where it is easy to be wrong, then ConvInteger."""
    fam = Family()
    CONV = ['x', 'sx', 'zx', 'w', 'sw', 'zw', 'sy', 'zy']
    shapes = [  # name, x, w, attributes
        ('1x1 spatial', [1, 19, 1, 1], [24, 19, 1, 1], {}),
        ('pointwise', [1, 32, 5, 7], [17, 32, 1, 1], {}),
        ('batch', [3, 5, 6, 7], [9, 5, 3, 3], {}),
        ('asymmetric pads', [1, 3, 7, 8], [8, 3, 3, 3], {'pads': [0, 1, 2, 3], 'strides': [2, 2]}),
        ('dilation', [1, 4, 11, 12], [6, 4, 3, 3], {'dilations': [2, 3], 'pads': [2, 3, 2, 3]}),
        ('groups', [2, 6, 5, 6], [10, 3, 3, 3], {'group': 2, 'pads': [1, 1, 1, 1]}),
        ('depthwise', [1, 20, 8, 7], [20, 1, 3, 3], {'group': 20, 'pads': [1, 1, 1, 1]}),
        ('multiplier 2', [1, 9, 6, 6], [18, 1, 3, 3], {'group': 9, 'strides': [2, 2], 'pads': [0, 0, 1, 1]}),
        ('one dimension', [1, 8, 21], [12, 8, 5], {'pads': [2, 2], 'strides': [2]}),
        ('same upper', [1, 3, 8, 9], [7, 3, 4, 4], {'auto_pad': 'SAME_UPPER', 'strides': [2, 2]}),
    ]

    def out_shape(x, w, a):
        model = make([node('Conv', ['x', 'w'], **a)], {'x': ('f32', np.zeros(x, f))}, {'y': ('f32', [None] * len(x))}, {'w': np.zeros(w, f)})
        return list(run(model, {'x': np.zeros(x, f)})[0].shape)

    for tx, tw in (('u8', 's8'), ('u8', 'u8'), ('s8', 's8')):
        lo, hi = limits(tx)
        dx, dw = KIND[tx][1], KIND[tw][1]
        exact = tx != 's8'
        for i, (name, xs, ws, attrs) in enumerate(shapes):
            oc = ws[0]
            columns = i % 2 == 0
            x, w = some(tx, xs), some(tw, ws)
            zx = (lo, hi, (lo + hi) // 2 + 1)[i % 3]
            zy = (hi, lo, (lo + hi) // 2 + 2, lo + 7)[i % 4]
            sw = np.asarray(rng.uniform(.002, .02, oc if columns else None), f)
            zw = np.asarray(np.zeros(oc if columns else 1) if tw == 's8' else np.full(oc if columns else 1, 131), dw)
            zw = zw if columns else zw[0]
            k = int(np.prod(ws[1:]))
            ini = {'sx': f(.05), 'zx': dx(zx), 'w': w, 'sw': sw, 'zw': zw, 'sy': f(.01 * np.sqrt(k)), 'zy': dx(zy)}
            ins = list(CONV)
            if i % 3:
                ini['b'] = rng.integers(-3000, 3000, oc).astype(np.int32)
                ins.append('b')
            fam.add(f'QLinearConv {tx} {tw} {name}', [node('QLinearConv', ins, **attrs)], {'x': (tx, x)}, {'y': (tx, out_shape(xs, ws, attrs))}, ini, exact=exact)
        # Every second sum is a tie, around an odd zero point; then a result that saturates at both ends.
        for name, sy, zy in (('ties at an odd zero point', 2, (lo + hi) // 2 + 2), ('ties at an end', 2, hi), ('saturates at both ends', 1 / 64, (lo + hi) // 2)):
            ini = {'sx': f(1), 'zx': dx((lo + hi) // 2), 'w': some(tw, [9, 3, 2, 2], -3 if tw == 's8' else 125, 3 if tw == 's8' else 131),
                   'sw': f(1), 'zw': dw(0 if tw == 's8' else 128), 'sy': f(sy), 'zy': dx(zy)}
            x = some(tx, [1, 3, 6, 7], (lo + hi) // 2 - 9, (lo + hi) // 2 + 9)
            fam.add(f'QLinearConv {tx} {tw} {name}', [node('QLinearConv', CONV)], {'x': (tx, x)}, {'y': (tx, [1, 9, 5, 6])}, ini, exact=exact)
        # Sums that come within 1 % of what int32 holds.
        big = rng.choice([-2130000000, 2130000000], 4).astype(np.int32)
        ini = {'sx': f(1e-3), 'zx': dx(lo), 'w': some(tw, [4, 8, 3, 3]), 'sw': f(1e-3), 'zw': dw(0 if tw == 's8' else 128), 'sy': f(25), 'zy': dx((lo + hi) // 2), 'b': big}
        fam.add(f'QLinearConv {tx} {tw} near the int32 limit', [node('QLinearConv', CONV + ['b'])], {'x': (tx, some(tx, [1, 8, 5, 5]))}, {'y': (tx, [1, 4, 3, 3])}, ini, exact=exact)
        if tx == 'u8':
            ini = {'zx': dx(77), 'w': some(tw, [6, 4, 3, 3]), 'zw': dw(3)}
            for name, attrs in (('', {}), (' padded', {'pads': [1, 2, 0, 1]}), (' in groups', {'group': 2, 'strides': [2, 1]})):
                if attrs.get('group'):
                    ini['w'] = some(tw, [6, 2, 3, 3])
                try:
                    fam.add(f'ConvInteger {tx} {tw}{name}', [node('ConvInteger', ['x', 'w', 'zx', 'zw'], **attrs)], {'x': (tx, some(tx, [1, 4, 7, 6]))}, {'y': ('s32', out_shape([1, 4, 7, 6], ini['w'].shape, attrs))}, ini)
                except Exception as e:
                    print('not in this ONNX Runtime:', tx, tw, name, str(e)[:80])
    return fam


def dynamic():
    """Scales of run time: DynamicQuantizeLinear and the products that follow it, fused and not."""
    fam = Family()
    quantize = lambda x: node('DynamicQuantizeLinear', [x], ['q', 's', 'z'])
    for name, x in (('both signs', rng.normal(0, 2, [7, 30])), ('positive', rng.uniform(.5, 3, [40])), ('negative', rng.uniform(-3, -.5, [40])), ('zeros', np.zeros([5])),
                    ('ties', np.arange(-100, 156) * .5), ('one number', np.array([3.7]))):
        fam.add(f'DynamicQuantizeLinear {name}', [quantize('x')], {'x': ('f32', x.astype(f))}, {'q': ('u8', list(x.shape)), 's': ('f32', []), 'z': ('u8', [])}, {})
    for tb in ('s8', 'u8'):
        db = KIND[tb][1]
        for i, (xs, columns) in enumerate((([5, 33], False), ([1, 40], True), ([2, 3, 17], True))):
            n = 12
            x = {'x': ('f32', rng.normal(.3, 2, xs).astype(f))}
            out = {'y': ('f32', xs[:-1] + [n])}
            k = xs[-1]
            shape = n if columns else None
            ini = {'w': some(tb, [k, n]), 'sw': np.asarray(rng.uniform(.001, .01, shape), f), 'zw': np.asarray(rng.integers(-5, 5, shape) + (0 if tb == 's8' else 128)).astype(db)}
            bias = {'b': rng.normal(0, 1, n).astype(f)}
            rest = [node('Cast', ['i'], ['c'], to=T.FLOAT), node('Mul', ['s', 'sw'], ['sc'])]
            fam.add(f'MatMulInteger {tb} {i}', [quantize('x'), node('MatMulInteger', ['q', 'w', 'z', 'zw'], ['i']), *rest, node('Mul', ['c', 'sc'])], x, out, ini)
            fam.add(f'MatMulInteger and bias {tb} {i}', [quantize('x'), node('MatMulInteger', ['q', 'w', 'z', 'zw'], ['i']), *rest, node('Mul', ['c', 'sc'], ['m']), node('Add', ['m', 'b'])], x, out, {**ini, **bias})
            fam.add(f'MatMulIntegerToFloat {tb} {i}', [quantize('x'), node('MatMulIntegerToFloat', ['q', 'w', 's', 'sw', 'z', 'zw', 'b'], ms=True)], x, out, {**ini, **bias})
            fam.add(f'DynamicQuantizeMatMul {tb} {i}', [node('DynamicQuantizeMatMul', ['x', 'w', 'sw', 'zw', 'b'], ms=True)], x, out, {**ini, **bias})
        for name, ws, attrs in (('', [6, 4, 3, 3], {}), (' padded', [6, 4, 3, 3], {'pads': [1, 2, 0, 1], 'strides': [2, 1]}), (' in groups', [6, 2, 3, 3], {'group': 2, 'pads': [1, 1, 1, 1]})):
            model = make([node('Conv', ['x', 'w'], **attrs)], {'x': ('f32', np.zeros([1, 4, 7, 6], f))}, {'y': ('f32', [None] * 4)}, {'w': np.zeros(ws, f)})
            out = list(run(model, {'x': np.zeros([1, 4, 7, 6], f)})[0].shape)
            ini = {'w': some(tb, ws), 'sw': f(.004), 'zw': db(0 if tb == 's8' else 128)}
            fam.add(f'ConvInteger {tb}{name}', [quantize('x'), node('ConvInteger', ['q', 'w', 'z', 'zw'], ['i'], **attrs), node('Cast', ['i'], ['c'], to=T.FLOAT), node('Mul', ['s', 'sw'], ['sc']), node('Mul', ['c', 'sc'])],
                    {'x': ('f32', rng.normal(.3, 2, [1, 4, 7, 6]).astype(f))}, {'y': ('f32', out)}, ini)
    return fam


FAMILIES = {'binary': binary, 'pools': pools, 'softmax': softmax, 'tables': tables, 'matrices': matrices, 'scales': scales, 'convs': convs, 'dynamic': dynamic}

if __name__ == '__main__':
    here = pathlib.Path(__file__).parent
    for name in sys.argv[1:] or FAMILIES:
        rng = np.random.default_rng(sum(map(ord, name)))
        cases = FAMILIES[name]().cases
        text = '[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n'
        (here / f'{name}.json').write_text(text)
        print(name, len(cases), 'cases', len(text), 'bytes')
