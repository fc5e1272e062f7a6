"""Accuracy of onnxruntime's quantize_static on the labelled data in shared/, for test/bench/quantization.ts.

usage: python3 test/quantizer/peer.py SHARED test/quantizer/peer.json

MinMax, Entropy and Percentile calibration, per channel, S8 weights with U8 activations, on each of the first FOLDS runs of
CALIBRATION samples; all other samples are judged, float and int8, in onnxruntime with session.x64quantprecision=1: what top-1
drops and the answers that are the float model's, in percent, for every fold, and top-1 of the first. Models are pre-processed first, as
its documentation asks for (quant_pre_process); opsets below 13 are converted.
"""
import gzip, json, os, sys, tempfile
import numpy as np, onnx, onnxruntime as ort
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

CALIBRATION = 200
FOLDS = 5
shared = sys.argv[1]
path = lambda *p: os.path.join(shared, *p)


def pictures():
    x = np.fromfile(path('data/cifar10_jpg/cifar10_test2000_32x32x3_u8.bin'), np.uint8).reshape(-1, 1, 32, 32, 3)
    return x.transpose(0, 1, 4, 2, 3).astype(np.float32), np.fromfile(path('data/cifar10_jpg/cifar10_test2000_y_u8.bin'), np.uint8)


def normalized():
    x, y = pictures()
    mean, std = np.float32([125.3, 123.0, 113.9]), np.float32([63.0, 62.1, 66.7])
    return ((x - mean[:, None, None]) / std[:, None, None]).astype(np.float32), y


def keywords():
    x = np.fromfile(path('data/kws01/kws01_x_1000x490_i8.bin'), np.int8).reshape(-1, 1, 49, 10, 1)
    return ((x.astype(np.float32) - 83) * np.float32(0.5847029)).astype(np.float32), np.fromfile(path('data/kws01/kws01_y_1000_u8.bin'), np.uint8)


def digits():
    x = np.frombuffer(gzip.open(path('data/mnist_t10k/t10k-images-idx3-ubyte.gz')).read(), np.uint8)[16:].reshape(-1, 1, 1, 28, 28)
    y = np.frombuffer(gzip.open(path('data/mnist_t10k/t10k-labels-idx1-ubyte.gz')).read(), np.uint8)[8:]
    return x.astype(np.float32), y


def fashion():
    root = os.environ.get('FASHION', '/usr/share/datasets/fashion-mnist')
    x = np.frombuffer(gzip.open(root + '/t10k-images-idx3-ubyte.gz').read(), np.uint8)[16:].reshape(-1, 1, 1, 28, 28)
    y = np.frombuffer(gzip.open(root + '/t10k-labels-idx1-ubyte.gz').read(), np.uint8)[8:]
    return (x / np.float32(255)).astype(np.float32), y


MODELS = {
    'resnet8_mlperf/resnet8_fp32.onnx': pictures,
    'resnet8_mlperf/ic_alibaba_mbv2like_fp32.onnx': normalized,
    'kws_dscnn_mlperf/kws_alibaba_fp32.onnx': keywords,
    'mnist8_lenet/mnist-8.onnx': digits,
    'fmnist_own/fmnist_mlp_fp32.onnx': fashion,
    'fmnist_own/fmnist_dscnn_fp32.onnx': fashion,
    'fmnist_own/fmnist_vit_fp32.onnx': fashion,
}


class Reader(CalibrationDataReader):
    def __init__(self, name, samples):
        self.rows = iter([{name: s} for s in samples])

    def get_next(self):
        return next(self.rows, None)


def answers(file, samples):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry('session.x64quantprecision', '1')
    session = ort.InferenceSession(file, options)
    name = session.get_inputs()[0].name
    return np.array([session.run(None, {name: s})[0].reshape(-1).argmax() for s in samples])


def percent(hits):
    return round(100 * float(hits.mean()), 3)


def prepared(file, folder):
    model = onnx.load(file)
    for dim in model.graph.input[0].type.tensor_type.shape.dim:
        if dim.dim_param:
            dim.dim_value = 1
    for out in model.graph.output:
        for dim in out.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_value = 1
    initializers = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initializers]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 8)
    if model.opset_import[0].version < 13:
        model = version_converter.convert_version(model, 13)
    first = os.path.join(folder, 'converted.onnx')
    onnx.save(model, first)
    out = os.path.join(folder, 'float.onnx')
    quant_pre_process(first, out, skip_symbolic_shape=True)
    return out


def quantized(base, method, samples, folder):
    out = os.path.join(folder, method + '.onnx')
    name = ort.InferenceSession(base).get_inputs()[0].name
    quantize_static(base, out, Reader(name, samples), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                    calibrate_method=getattr(CalibrationMethod, method))
    return out


result = {'onnxruntime': ort.__version__, 'calibration': CALIBRATION, 'models': {}}
for model, data in MODELS.items():
    x, y = data()
    row = {'float': None}
    with tempfile.TemporaryDirectory() as folder:
        base = prepared(path('models', model), folder)
        reference = answers(base, x)
        row['float'] = percent((reference == y)[CALIBRATION:])
        for method in ('MinMax', 'Entropy', 'Percentile'):
            drops, agreements = [], []
            try:
                for fold in range(FOLDS):
                    seen = slice(fold * CALIBRATION, (fold + 1) * CALIBRATION)
                    got = answers(quantized(base, method, x[seen], folder), x)
                    judged = np.ones(len(y), bool)
                    judged[seen] = False
                    if fold == 0:
                        row[method] = percent((got == y)[judged])
                        row[method + ' agreement'] = percent((got == reference)[judged])
                    drops.append(percent((reference == y)[judged]) - percent((got == y)[judged]))
                    agreements.append(percent((got == reference)[judged]))
                row[method + ' drops'] = [round(d, 3) for d in drops]
                row[method + ' agreements'] = agreements
            except Exception as e:
                row[method] = None
                print(model, method, repr(e)[:300], file=sys.stderr)
    result['models'][model] = row
    print(model, row, file=sys.stderr)
with open(sys.argv[2], 'w') as out:
    json.dump(result, out, indent=2)
    out.write('\n')
