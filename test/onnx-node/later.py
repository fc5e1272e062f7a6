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
print(json.dumps(cases, indent=1))
