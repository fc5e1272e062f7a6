"""Answers of LiteRT's reference kernels to the MLPerf Tiny models: python3 make.py SHARED

Writes MODEL.x.npy and MODEL.y.npy, inputs that are hostile (constants, both ends, noise, steps) or smooth, and the answers to
the labelled samples of SHARED/data (kws01.y.npy, cifar10.y.npy; the samples themselves stay there)."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "vectors"))
from builder import Interpreter, OpResolverType  # noqa: E402

COUNT = {"ad": 24, "sww": 24, "kws": 24, "ic": 12, "vww": 8}
shared, here = Path(sys.argv[1]), Path(__file__).parent


def answers(model, inputs):
    i = Interpreter(
        model_path=str(shared / f"models/mlperf-tiny/{model}.tflite"),
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        num_threads=1,
    )
    i.allocate_tensors()
    x, y = i.get_input_details()[0]["index"], i.get_output_details()[0]["index"]
    out = []
    for sample in inputs:
        i.set_tensor(x, sample)
        i.invoke()
        out.append(i.get_tensor(y).copy())
    return np.stack(out)


def shape_of(model):
    i = Interpreter(model_path=str(shared / f"models/mlperf-tiny/{model}.tflite"))
    return i.get_input_details()[0]["shape"]


def hostile(shape, count, seed):
    r = np.random.default_rng(seed)
    size = int(np.prod(shape))
    made = [np.full(size, 127), np.full(size, -128), np.where(np.arange(size) % 2, 127, -128)]
    while len(made) < count:
        kind = len(made) % 3
        if kind == 0:
            made.append(r.integers(-128, 128, size))
        elif kind == 1:
            made.append(np.clip(r.normal(0, 20, size).cumsum() / 4, -128, 127).round())
        else:
            made.append(np.clip(np.sin(np.arange(size) * r.uniform(0.001, 0.3) + r.uniform(0, 6)) * r.uniform(20, 140), -128, 127).round())
    return np.stack(made).astype(np.int8).reshape(count, *shape)


for seed, (model, count) in enumerate(COUNT.items()):
    x = hostile(shape_of(model), count, seed)
    np.save(here / f"{model}.x.npy", x)
    np.save(here / f"{model}.y.npy", answers(model, x))
keywords = np.fromfile(shared / "data/kws01/kws01_x_1000x490_i8.bin", np.int8).reshape(1000, 1, 49, 10, 1)
np.save(here / "kws01.y.npy", answers("kws", keywords))
pictures = np.fromfile(shared / "data/cifar10_jpg/cifar10_test2000_32x32x3_u8.bin", np.uint8).reshape(2000, 1, 32, 32, 3)
np.save(here / "cifar10.y.npy", answers("ic", (pictures.astype(np.int16) - 128).astype(np.int8)))
