"""Trains a small CNN on MNIST with PyTorch's quantization-aware training and exports it in the dialects of its exporters.

usage: python3 test/quantizer/qat/train.py SHARED      (writes beside itself; torch 2.15, onnx 1.23, onnxruntime)

8000 digits of the MNIST test set train, the other 2000 judge. Activations are u8 in 0..127 (fbgemm's reduced range), weights
s8 per channel: what torch.ao's default QAT configuration for x86 asks for.
  mnist_qat.onnx             TorchScript exporter: Q -> integer Clip -> DQ, float weights behind Q -> DQ
  mnist_qat_dynamo.onnx      dynamo exporter: the same of torch.export, other names, nothing left for onnxruntime to fold
accuracy.json holds top-1 of the fake-quantized model in PyTorch and of both files in onnxruntime (as written, nothing fused).
"""
import gzip, json, os, sys
import numpy as np, torch, onnx, onnxruntime as ort
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAverageMinMaxObserver, QConfig, default_per_channel_weight_fake_quant
from torch.ao.quantization import disable_observer, fuse_modules, fuse_modules_qat, prepare_qat, QuantStub

torch.manual_seed(1)
torch.set_num_threads(1)
here, shared = os.path.dirname(os.path.abspath(__file__)), sys.argv[1]
read = lambda name, skip: np.frombuffer(gzip.open(os.path.join(shared, 'data/mnist_t10k', name)).read(), np.uint8)[skip:]
x = torch.from_numpy(read('t10k-images-idx3-ubyte.gz', 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255)
y = torch.from_numpy(read('t10k-labels-idx1-ubyte.gz', 8).astype(np.int64))
train_x, train_y, test_x, test_y = x[:8000], y[:8000], x[8000:], y[8000:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.quant = QuantStub()
        self.c1, self.b1, self.r1 = nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        self.c2, self.b2, self.r2 = nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()
        self.c3, self.b3, self.r3 = nn.Conv2d(16, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU()
        self.flat = nn.Flatten()
        self.out = nn.Linear(256, 10)

    def forward(self, x):
        x = self.quant(x)
        x = self.r1(self.b1(self.c1(x)))
        x = self.r2(self.b2(self.c2(x)))
        x = self.r3(self.b3(self.c3(x)))
        return self.out(self.flat(x))


def fit(net, epochs, rate):
    optimizer = torch.optim.Adam(net.parameters(), rate)
    for _ in range(epochs):
        order = torch.randperm(len(train_x))
        for i in range(0, len(order), 64):
            at = order[i:i + 64]
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(train_x[at]), train_y[at]).backward()
            optimizer.step()


def top1(net):
    with torch.no_grad():
        return round(100 * (net(test_x).argmax(1) == test_y).float().mean().item(), 2)


net = Net()
fit(net, 6, 2e-3)
net.eval()
float_top1 = top1(net)
fuse_modules(net, [['c1', 'b1'], ['c2', 'b2'], ['c3', 'b3']], inplace=True)
net.train()
fuse_modules_qat(net, [['c1', 'r1'], ['c2', 'r2'], ['c3', 'r3']], inplace=True)
activation = FakeQuantize.with_args(observer=MovingAverageMinMaxObserver, quant_min=0, quant_max=127, reduce_range=False)
net.qconfig = QConfig(activation=activation, weight=default_per_channel_weight_fake_quant)
prepare_qat(net, inplace=True)
fit(net, 3, 5e-4)
net.apply(disable_observer)
net.eval()
class Fixed(nn.Module):
    """A FakeQuantize whose observer is done: the dynamo exporter cannot follow the switches of the original."""

    def __init__(self, of):
        super().__init__()
        self.axis = of.ch_axis if of.is_per_channel else None
        self.limits = (of.quant_min, of.quant_max)
        if self.axis is None:
            self.scale, self.zero_point = float(of.scale), int(of.zero_point)
        else:
            self.register_buffer('scale', of.scale.clone())
            self.register_buffer('zero_point', of.zero_point.clone())

    def forward(self, x):
        if self.axis is None:
            return torch.fake_quantize_per_tensor_affine(x, self.scale, self.zero_point, *self.limits)
        return torch.fake_quantize_per_channel_affine(x, self.scale, self.zero_point, self.axis, *self.limits)


def fixed(module):
    for name, child in module.named_children():
        if isinstance(child, FakeQuantize):
            setattr(module, name, Fixed(child))
        else:
            fixed(child)


result = {'data': 'MNIST t10k, 8000 train, 2000 test', 'torch': torch.__version__, 'float': float_top1, 'fake_quant': top1(net)}


def answers(file):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    # Every operator as the model has it: at higher levels onnxruntime 1.30 fails on the integer Clips of reduced ranges.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = ort.InferenceSession(file, options)
    name = session.get_inputs()[0].name
    got = np.array([session.run(None, {name: s[None].numpy()})[0].argmax() for s in test_x])
    return round(100 * float((got == test_y.numpy()).mean()), 2)


exports = (('mnist_qat', {'dynamo': False, 'opset_version': 13}), ('mnist_qat_dynamo', {'dynamo': True}))
for name, extra in exports:
    if name == 'mnist_qat_dynamo':
        fixed(net)
    file = os.path.join(here, name + '.onnx')
    try:
        torch.onnx.export(net, (test_x[:1],), file, input_names=['image'], output_names=['scores'], **extra)
        model = onnx.load(file)
        for extra_file in (file + '.data',):
            if os.path.exists(extra_file):
                os.remove(extra_file)
        for node in model.graph.node:
            node.doc_string = ''
            del node.metadata_props[:]
        for value in list(model.graph.value_info) + list(model.graph.input) + list(model.graph.output):
            del value.metadata_props[:]
        del model.metadata_props[:]
        onnx.save(model, file)
        result[name] = answers(file)
        print(name, sorted({n.op_type for n in model.graph.node}), os.path.getsize(file))
    except Exception as failure:
        print(name, 'not exported:', repr(failure)[:600])
with open(os.path.join(here, 'accuracy.json'), 'w') as out:
    json.dump(result, out, indent=2)
    out.write('\n')
print(result)
