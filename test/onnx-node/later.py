# Cases of operators of opset 18 and later, from the generators of the onnx package (its own operator tests are made by
# them); the suite in ../shared is of ONNX 1.12. The tests read what it wrote:
#   python3 test/onnx-node/later.py > test/onnx-node/later.json
import base64, json
import numpy as np, onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

OPERATORS = set(
    'Abs Neg Sqrt Exp Log Erf Tanh Sigmoid Reciprocal Floor Ceil Round Sign LeakyRelu Elu HardSigmoid HardSwish Gelu Softplus '
    'Mish Selu Celu ThresholdedRelu Softsign Shrink Swish Add Sub Mul Div Min Max Pow PRelu Mod Mean Sum Equal Less Greater '
    'LessOrEqual GreaterOrEqual And Or Not Xor Where Cast CastLike Relu Clip BatchNormalization BitShift IsInf IsNaN '
    'BitwiseAnd BitwiseOr BitwiseXor BitwiseNot'.split()
)
LARGEST = 130  # numbers of a case, so that the file stays small

def text(message):
    return base64.b64encode(message.SerializeToString()).decode()

def tensor(array):
    return array if isinstance(array, onnx.TensorProto) else numpy_helper.from_array(np.asarray(array))

def size(t):
    return int(np.prod(t.dims))

cases = []
for case in collect_testcases(None):
    model = case.model
    opset = model.opset_import[0].version
    if len(model.graph.node) != 1 or model.graph.node[0].op_type not in OPERATORS or not 17 < opset < 26: continue
    types = [v.type.tensor_type.elem_type for v in list(model.graph.input) + list(model.graph.output)]
    if not all(1 <= t <= 13 or t in (16, 21, 22) for t in types) or onnx.TensorProto.STRING in types: continue
    inputs, outputs = [[tensor(a) for a in side] for side in case.data_sets[0]]
    if sum(size(t) for t in inputs + outputs) > LARGEST: continue
    model.ir_version = min(model.ir_version, 10)
    cases.append({'name': f'later/{case.name}', 'model': text(model), 'inputs': [text(t) for t in inputs], 'outputs': [text(t) for t in outputs]})

# In float32, what the generators have in float64 only; and ScatterElements' newer reductions. Answers are NumPy's.
rng = np.random.default_rng(3)

def add(name, operator, inputs, output, opset=18, **attributes):
    arrays = [np.asarray(a) for a in inputs]
    kind = onnx.helper.np_dtype_to_tensor_dtype
    info = lambda n, a: onnx.helper.make_tensor_value_info(n, kind(a.dtype), a.shape)
    names = [f'x{i}' for i in range(len(arrays))]
    node = onnx.helper.make_node(operator, names, ['y'], **attributes)
    graph = onnx.helper.make_graph([node], name, [info(n, a) for n, a in zip(names, arrays)], [info('y', output)])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', opset)], ir_version=8)
    cases.append({'name': f'later/test_{name}', 'model': text(model), 'inputs': [text(tensor(a)) for a in arrays], 'outputs': [text(tensor(output))]})

def floats(*shape):
    return rng.integers(-8, 9, shape).astype(np.float32) / 4

for i, (equation, *shapes) in enumerate([
    ('ij->ji', (2, 3)), ('ij->i', (3, 4)), ('ij->', (3, 4)), ('...ii->...i', (2, 3, 3)), ('ii', (4, 4)), ('i,i', (5,), (5,)),
    ('bij,bjk->bik', (2, 3, 4), (2, 4, 2)), ('bhid,bhjd->bhij', (1, 2, 3, 4), (1, 2, 2, 4)), ('bij, bjk', (2, 3, 4), (2, 4, 2)),
    ('i,j->ij', (3,), (4,)), ('...d,de->...e', (2, 2, 3), (3, 4)), ('abc,cd,bd->ad', (2, 3, 4), (4, 3), (3, 3)),
    ('bk,kbd->bdk', (2, 3), (3, 2, 2)), ('bchw,bck->bkhw', (1, 3, 2, 4), (1, 3, 2)), ('b...k,...k->b...', (2, 3, 4), (1, 4)),
    ('ijj,jk->k', (2, 3, 3), (3, 4)),
]):
    arrays = [floats(*s) for s in shapes]
    add(f'einsum_f32_{i}', 'Einsum', arrays, np.asarray(np.einsum(equation, *arrays), np.float32), equation=equation)

for element in (np.float32, np.int64, np.int32):
    x = floats(2, 5, 3).astype(element)
    for axis, exclusive, reverse in ((1, 0, 0), (-1, 1, 0), (0, 0, 1), (1, 1, 1)):
        y = np.flip(x, axis) if reverse else x
        y = np.cumsum(y, axis, dtype=element) - (y if exclusive else 0)
        y = np.flip(y, axis) if reverse else y
        add(f'cumsum_{element.__name__}_{axis}_{exclusive}_{reverse}', 'CumSum', [x, np.int32(axis)], np.ascontiguousarray(y),
            exclusive=exclusive, reverse=reverse)

for reduction, join in (('add', np.add), ('mul', np.multiply), ('max', np.maximum), ('min', np.minimum)):
    x, updates, index = floats(4, 3), floats(3, 3), np.array([[0, 1, 2], [-1, 1, 0], [0, 3, 2]])
    y = x.copy()
    for r, c in np.ndindex(3, 3):
        y[index[r, c], c] = join(y[index[r, c], c], updates[r, c])
    add(f'scatter_elements_{reduction}', 'ScatterElements', [x, index, updates], y, reduction=reduction)

# Control flow that is known when compiling, as exporters leave it; answers are ONNX Runtime's.
from onnx import TensorProto as T, helper as oh
from onnxruntime import InferenceSession

def graph_of(nodes, inputs, outputs, constants=(), name='g'):
    info = lambda v: oh.make_tensor_value_info(v[0], v[1], v[2])
    return oh.make_graph(nodes, name, [info(v) for v in inputs], [info(v) for v in outputs], [numpy_helper.from_array(np.asarray(a), n) for n, a in constants])

def add_graph(name, graph, arrays, opset=18):
    model = oh.make_model(graph, opset_imports=[oh.make_opsetid('', opset)], ir_version=8)
    outputs = InferenceSession(model.SerializeToString()).run(None, dict(zip([v.name for v in graph.input], arrays)))
    cases.append({'name': f'later/test_{name}', 'model': text(model), 'inputs': [text(tensor(a)) for a in arrays], 'outputs': [text(tensor(a)) for a in outputs]})

def turns(body, count, carried, constants=(), condition='', results=1):
    loop = oh.make_node('Loop', ['count', condition, 'x'], ['y', 'all'][:results], body=body)
    outputs = [('y', T.FLOAT, None), ('all', T.FLOAT, None)][:results]
    return graph_of([loop], [('x', T.FLOAT, carried)], outputs, [('count', np.int64(count)), *constants])

step = [oh.make_node('Identity', ['go'], ['goes']), oh.make_node('Mul', ['a', 'w'], ['m']), oh.make_node('Relu', ['m'], ['b'])]
head = [('i', T.INT64, []), ('go', T.BOOL, [])]
weights = [('w', floats(3))]
row = [('a', T.FLOAT, [2, 3])]
add_graph('loop_fixed', turns(graph_of(step, head + row, [('goes', T.BOOL, []), ('b', T.FLOAT, [2, 3])], weights), 3, [2, 3]), [floats(2, 3)])
add_graph('loop_no_turn', turns(graph_of(step, head + row, [('goes', T.BOOL, []), ('b', T.FLOAT, [2, 3])], weights), 0, [2, 3]), [floats(2, 3)])
collect = step + [oh.make_node('Neg', ['m'], ['s'])]
add_graph('loop_collects', turns(graph_of(collect, head + row, [('goes', T.BOOL, []), ('b', T.FLOAT, [2, 3]), ('s', T.FLOAT, [2, 3])], weights), 3, [2, 3], results=2), [floats(2, 3)])
until = [oh.make_node('Less', ['i', 'last'], ['goes']), oh.make_node('Gather', ['table', 'i'], ['t']), oh.make_node('Add', ['a', 't'], ['b'])]
body = graph_of(until, head + [('a', T.FLOAT, None)], [('goes', T.BOOL, []), ('b', T.FLOAT, None)], [('last', np.int64(2))])
add_graph('loop_until', turns(body, 2**63 - 1, [3], [('table', floats(4, 3)), ('yes', np.bool_(True))], 'yes'), [floats(3)])
grow = [oh.make_node('Identity', ['go'], ['goes']), oh.make_node('Concat', ['a', 'a'], ['b'], axis=0)]
body = graph_of(grow, head + [('a', T.FLOAT, None)], [('goes', T.BOOL, []), ('b', T.FLOAT, None)])
add_graph('loop_grows', turns(body, 2, [2]), [floats(2)])
inner = graph_of([oh.make_node('Identity', ['go2'], ['goes2']), oh.make_node('Cast', ['i'], ['f'], to=T.FLOAT), oh.make_node('Sub', ['c', 'f'], ['d'])],
    [('j', T.INT64, []), ('go2', T.BOOL, []), ('c', T.FLOAT, [2])], [('goes2', T.BOOL, []), ('d', T.FLOAT, [2])])
outer = [oh.make_node('Identity', ['go'], ['goes']), oh.make_node('Loop', ['count', '', 'a'], ['b'], body=inner)]
add_graph('loop_nested', turns(graph_of(outer, head + [('a', T.FLOAT, [2])], [('goes', T.BOOL, []), ('b', T.FLOAT, [2])]), 2, [2]), [floats(2)])

def either(then, other, inputs, constants=()):
    branch = lambda op, out: graph_of([oh.make_node(op, ['x'], [out])], [], [(out, T.FLOAT, None)])
    node = oh.make_node('If', ['c'], ['y'], then_branch=branch(then, 't'), else_branch=branch(other, 'e'))
    return graph_of([node], inputs, [('y', T.FLOAT, None)], constants)

x = ('x', T.FLOAT, [2, 3])
add_graph('if_constant', either('Transpose', 'Flatten', [x], [('c', np.bool_(True))]), [floats(2, 3)])
for c in (True, False):
    add_graph(f'if_data_{c}', either('Relu', 'Neg', [x, ('c', T.BOOL, [1])]), [floats(2, 3), np.array([c])])

sum_up = graph_of([oh.make_node('Add', ['s', 'e'], ['t']), oh.make_node('Mul', ['t', 'f'], ['r'])],
    [('s', T.FLOAT, [2]), ('e', T.FLOAT, [2]), ('f', T.FLOAT, [2])], [('t', T.FLOAT, [2]), ('r', T.FLOAT, [2])])
for name, attributes in (('', {}), ('_axes', {'scan_input_axes': [1, 0], 'scan_output_axes': [1]}), ('_backwards', {'scan_input_directions': [1, 0], 'scan_output_directions': [1]})):
    shape = [2, 3] if 'axes' in name else [3, 2]
    node = oh.make_node('Scan', ['s0', 'x', 'v'], ['last', 'all'], body=sum_up, num_scan_inputs=2, **attributes)
    add_graph(f'scan{name}', graph_of([node], [('s0', T.FLOAT, [2]), ('x', T.FLOAT, shape), ('v', T.FLOAT, [3, 2])], [('last', T.FLOAT, None), ('all', T.FLOAT, None)]),
        [floats(2), floats(*shape), floats(3, 2)])

print(json.dumps(cases, indent=1))
