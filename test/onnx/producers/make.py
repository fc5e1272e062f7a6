"""Makes the files of this folder: small networks as the producers of quantized ONNX files write them, a seeded input and
ONNX Runtime's answer in exact mode. Run in an environment with torch, onnxscript, onnxruntime, nvidia-modelopt[onnx] and,
for the last one, tf2onnx with tensorflow-cpu (versions used: 2.15.0, 0.7.2, 1.32.0, 0.47.0, 1.17.0); each part is left out where its package is missing:

    python make.py torch | modelopt | tf2onnx FILE.tflite
"""
import sys
import numpy as np
import onnx
import onnxruntime as ort


def reference(name, batch=4, integers=False):
    options = ort.SessionOptions()
    # ONNX Runtime 1.32 cannot load the file of tf2onnx in exact mode: that one is run on a CPU with VNNI, whose default is exact.
    if not integers:
        options.add_session_config_entry('session.x64quantprecision', '1')
    session = ort.InferenceSession(name + '.onnx', options, providers=['CPUExecutionProvider'])
    (x,) = session.get_inputs()
    shape = [d if isinstance(d, int) else 1 for d in x.shape]
    rng = np.random.default_rng(7)
    samples = [rng.integers(-128, 128, shape).astype(np.int8) if integers else (rng.standard_normal(shape) * 2).astype(np.float32)
               for _ in range(batch)]
    answers = [session.run(None, {x.name: s})[0] for s in samples]
    np.save(name + '.input.npy', np.stack(samples))
    np.save(name + '.output.npy', np.stack(answers))


def from_torch():
    import torch

    torch.manual_seed(1)

    class Small(torch.nn.Module):
        def __init__(self, decomposed):
            super().__init__()
            self.conv = torch.nn.Conv2d(4, 4, 3, padding=1)
            self.register_buffer('scales', torch.rand(4) * 0.01 + 0.001)
            self.register_buffer('zeros', torch.zeros(4, dtype=torch.int32))
            self.decomposed = decomposed

        def fake(self, x, scale, zero, low, high):
            if not self.decomposed:
                return torch.fake_quantize_per_tensor_affine(x, scale, zero, low, high)
            return (torch.clamp(torch.round(x * (1 / scale)) + zero, low, high) - zero) * scale

        def forward(self, x):
            x = self.fake(x, 0.05, 10, 0, 127)
            if self.decomposed:
                scales = self.scales.view(4, 1, 1, 1)
                w = torch.clamp(torch.round(self.conv.weight / scales), -127, 127) * scales
            else:
                w = torch.fake_quantize_per_channel_affine(self.conv.weight, self.scales, self.zeros, 0, -128, 127)
            y = torch.nn.functional.conv2d(x, w, self.conv.bias, padding=1)
            return self.fake(torch.relu(y), 0.04, 0, 0, 255)

    x = (torch.randn(1, 4, 6, 5),)
    torch.onnx.export(Small(False).eval(), x, 'torch-old.onnx', dynamo=False, opset_version=17)
    torch.onnx.export(Small(False).eval(), x, 'torch-new.onnx', dynamo=True, external_data=False)
    torch.onnx.export(Small(True).eval(), x, 'torch-decomposed.onnx', dynamo=True, external_data=False)
    for name in ['torch-old', 'torch-new', 'torch-decomposed']:
        model = onnx.load(name + '.onnx')
        # Where the exporter ran is nobody's business.
        for node in model.graph.node:
            del node.metadata_props[:]
            node.doc_string = ''
        onnx.save(model, name + '.onnx')
        reference(name)


def from_modelopt():
    from modelopt.onnx.quantization import quantize
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(3)
    weights = {
        'w1': rng.standard_normal((16, 8, 3, 3)) * 0.2, 'b1': rng.standard_normal(16),
        'w2': rng.standard_normal((16, 16, 3, 3)) * 0.1, 'b2': rng.standard_normal(16),
        'w3': rng.standard_normal((10, 16)) * 0.3, 'b3': rng.standard_normal(10),
    }
    nodes = [
        helper.make_node('Conv', ['x', 'w1', 'b1'], ['c1'], pads=[1, 1, 1, 1], name='conv1'),
        helper.make_node('Relu', ['c1'], ['r1'], name='relu1'),
        helper.make_node('Conv', ['r1', 'w2', 'b2'], ['c2'], pads=[1, 1, 1, 1], name='conv2'),
        helper.make_node('Add', ['c2', 'r1'], ['a'], name='add'),
        helper.make_node('Relu', ['a'], ['r2'], name='relu2'),
        helper.make_node('GlobalAveragePool', ['r2'], ['g'], name='pool'),
        helper.make_node('Flatten', ['g'], ['f'], name='flatten'),
        helper.make_node('Gemm', ['f', 'w3', 'b3'], ['y'], transB=1, name='fc'),
    ]
    graph = helper.make_graph(
        nodes, 'small', [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 8, 12, 12])],
        [helper.make_tensor_value_info('y', TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(a.astype(np.float32), n) for n, a in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8), '/tmp/small.onnx')
    quantize('/tmp/small.onnx', quantize_mode='int8', calibration_method='max', high_precision_dtype='fp32',
             calibration_data={'x': rng.standard_normal((32, 8, 12, 12)).astype(np.float32)}, output_path='modelopt.onnx')
    reference('modelopt')


def from_tf2onnx(path):
    import subprocess

    subprocess.run([sys.executable, '-m', 'tf2onnx.convert', '--tflite', path, '--output', 'tf2onnx.onnx', '--opset', '13'], check=True)
    reference('tf2onnx', integers=True)


{'torch': from_torch, 'modelopt': from_modelopt, 'tf2onnx': from_tf2onnx}[sys.argv[1]](*sys.argv[2:])
