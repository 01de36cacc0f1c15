"""The rule that fills networks too large to store: numbers from a counter, the same in Python and in Rust.

    bits(stream, i)   SplitMix64's output for the state (stream·2³² + i + 1)·0x9E3779B97F4A7C15
    unit(stream, i)   (bits >> 40)/2²³ − 1: in [−1, 1), and f32 holds it exactly

Parameter `k`, counted from 0 in the order of declaration, takes stream `k`, and its value `i` lies at place `i` of the
tensor as a file holds it, row-major in PyTorch's shape. Every value is computed in f32, so that f32 and f64 get the same:

    weight             unit·bound, bound = √(6/fan_in) rounded once to f32, fan_in = the product of all axes but the first
    gamma              1 + unit/2
    bias, beta         unit/16

Buffer `k`, with a count of its own, takes stream `BUFFERS + k`:

    running_mean       unit/4
    running_var        1 + unit/2

Input `k` takes stream `INPUTS + k`, and is `unit`, sample after sample. So are targets that are values, from `TARGETS`.

Needs `numpy` and `torch`.
"""

import numpy as np
import torch

BUFFERS = 1 << 16
INPUTS = 1 << 17
OUTPUTS = 3 << 16
TARGETS = 1 << 20
# Of the tensor with number `k`, as the gradient of parameter `k`: which entries are stored, and what all are weighted by.
SAMPLES = 1 << 18
WEIGHTS = 1 << 19

CHUNK = 1 << 22


def bits(stream, start, count):
    """Values `start..start + count` of a stream, as u64."""
    z = np.arange(start + 1, start + count + 1, dtype=np.uint64) + np.uint64(stream << 32)
    z *= np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def unit(stream, start, count):
    """Values `start..start + count` of a stream, in [−1, 1), as f32."""
    return (bits(stream, start, count) >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)


def inputs(number, *shape, dtype=torch.float64):
    """The samples of input `number`."""
    return torch.from_numpy(unit(INPUTS + number, 0, torch.Size(shape).numel())).reshape(shape).to(dtype)


def targets(number, shape, dtype=torch.float64):
    """Targets that are values, for output `number`."""
    return torch.from_numpy(unit(TARGETS + number, 0, torch.Size(shape).numel())).reshape(shape).to(dtype)


def rule(name, shape, gain=1):
    """What becomes of `unit` in a tensor whose name ends like this. A gain is a power of two."""
    if name == "weight":
        bound = np.float32(np.sqrt(6 / torch.Size(shape[1:]).numel())) * np.float32(gain)
        return lambda u: u * bound
    return {
        "bias": lambda u: u / np.float32(16),
        "beta": lambda u: u / np.float32(16),
        "gamma": lambda u: np.float32(1) + u / np.float32(2),
        "running_mean": lambda u: u / np.float32(4),
        "running_var": lambda u: np.float32(1) + u / np.float32(2),
    }[name]


def fill_tensor(tensor, name, stream, gain=1):
    """In pieces, so that a hundred million values need no second hundred million."""
    value, flat = rule(name.rsplit(".")[-1], tensor.shape, gain), tensor.detach().view(-1)
    for start in range(0, len(flat), CHUNK):
        count = min(CHUNK, len(flat) - start)
        flat[start : start + count] = torch.from_numpy(value(unit(stream, start, count)))


def names(model):
    """The parameters and the buffers of a model by Monograd's names: batch norm has a `gamma` and a `beta`, and a module
    `line/layer`, as PyTorch allows no dot, is `line.layer`."""
    parameters, buffers = {}, {}
    for path, module in model.named_modules():
        path = path.replace("/", ".")
        renamed = {"weight": "gamma", "bias": "beta"} if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) else {}
        for name, parameter in module.named_parameters(recurse=False):
            parameters[f"{path}.{renamed.get(name, name)}"] = parameter
        for name, buffer in module.named_buffers(recurse=False):
            if name != "num_batches_tracked":
                buffers[f"{path}.{name}"] = buffer
    return parameters, buffers


def fill(model, gain=1):
    """Fills the parameters and the buffers of a model, whose modules are registered in the order of declaration."""
    parameters, buffers = names(model)
    for k, (name, parameter) in enumerate(parameters.items()):
        fill_tensor(parameter, name, k, gain)
    for k, (name, buffer) in enumerate(buffers.items()):
        fill_tensor(buffer, name, BUFFERS + k)
    return model


def fingerprint(k, tensor, count=32):
    """Of the tensor with number `k`, as the gradient of parameter `k`: `[Σg, Σg², Σ g·unit(WEIGHTS + k, i)]`, and `count`
    entries, those at `bits(SAMPLES + k, j) mod len`."""
    flat = tensor.detach().double().reshape(-1)
    dot = sum(
        torch.dot(part, torch.from_numpy(unit(WEIGHTS + k, i * CHUNK, len(part))).double())
        for i, part in enumerate(flat.split(CHUNK))
    )
    places = (bits(SAMPLES + k, 0, count) % np.uint64(len(flat))).astype(np.int64)
    return torch.stack([flat.sum(), (flat**2).sum(), dot]), flat[torch.from_numpy(places)]
