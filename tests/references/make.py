"""Writes the reference numbers of this folder: what PyTorch computes on the CPU.

Run, in any directory:

    python3 tests/references/make.py

Needs `torch` and `safetensors`. The stored files were made with Python 3.11, torch 2.15.0 and safetensors 0.8.0; run
again with them, it writes the same bytes on the same processor. Other versions and processors may differ in the last
bits, more in the f32 files, whose sums PyTorch orders as the processor suits.

Every input and every initial parameter is a number that f32 holds exactly, so that the f32 and the f64 file of a pair
answer the same question. They come from `fixed`, which needs no library. README.md lists the names of the tensors.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional

HERE = Path(__file__).resolve().parent
MASK = (1 << 64) - 1


def fixed(seed, *shape, scale=1.0):
    """Pseudo-random multiples of `scale`·2⁻¹² in ±`scale`, by SplitMix64."""
    count = torch.Size(shape).numel()
    values = []
    state = seed & MASK
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        values.append(((z >> 51) - 4096) / 4096 * scale)
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def save(name, tensors):
    """One file; its metadata names the library that computed it."""
    tensors = {key: value.detach().clone().contiguous() for key, value in tensors.items()}
    for key, value in tensors.items():
        assert torch.isfinite(value.double()).all(), f"{name}: {key} is not finite"
    save_file(tensors, HERE / f"{name}.safetensors", metadata={"torch": torch.__version__.split("+")[0]})


# --- Activations ------------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "relu": functional.relu,
    "relu6": functional.relu6,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "celu": lambda x: functional.celu(x, alpha=1.5),
    "gelu": functional.gelu,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hard_sigmoid": functional.hardsigmoid,
    "hard_swish": functional.hardswish,
    "hard_tanh": functional.hardtanh,
    # PyTorch's default returns x itself from 20 on, which is wrong by 2e-9; from 700 on nothing is lost.
    "softplus": lambda x: functional.softplus(x, threshold=700),
    "softsign": functional.softsign,
    "log_sigmoid": functional.logsigmoid,
    "tanh_shrink": functional.tanhshrink,
    "soft_shrink": functional.softshrink,
    "hard_shrink": functional.hardshrink,
}

EXTREMES = [0.0, 2.0**-149, 2.0**-126, 1e-30, 1e-20, 1e-12, 1e-8, 1e-5, 1e-4, 1e-3, 0.01, 0.02]
EXTREMES += [6.5, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 17.0, 20.0, 20.5, 30.0, 40.0, 60.0, 80.0, 87.0, 88.0, 89.0, 95.0]
EXTREMES += [100.0, 105.0, 300.0, 700.0, 709.0, 710.0, 745.0, 750.0, 1000.0, 1e4, 1e8, 1e20, 1e30, 1e38]


def grid():
    """±6 in steps of 1/8, which hold every kink, and values to ±1e38; -0.0 too."""
    steps = [i / 8 for i in range(1, 49)]
    magnitudes = steps + EXTREMES
    x = [-m for m in magnitudes] + magnitudes
    return torch.tensor(x, dtype=torch.float32).double()


def activations():
    x = grid()
    tensors = {"x": x}
    for name, function in ACTIVATIONS.items():
        leaf = x.clone().requires_grad_()
        y = function(leaf)
        y.sum().backward()
        tensors |= {f"{name}.y": y, f"{name}.derivative": leaf.grad}
    logits = torch.cat([
        fixed(1, 5, 7, scale=4.0),
        torch.tensor([[1000.0, -1000, 0, 999, 998, 0, 1], [-1e38, 1e38, 0, 0, 0, 0, 0], [88.0] * 7]).double(),
    ])
    for name, function in {"softmax": functional.softmax, "log_softmax": functional.log_softmax}.items():
        leaf = logits.clone().requires_grad_()
        d_y = fixed(2, *logits.shape)
        y = function(leaf, dim=1)
        y.backward(d_y)
        tensors |= {f"{name}.x": logits, f"{name}.y": y, f"{name}.d_y": d_y, f"{name}.d_x": leaf.grad}
    save("activations", tensors)


# --- Losses -----------------------------------------------------------------------------------------------------------


def hinge(output, targets):
    return torch.clamp(1 - targets * output, min=0).mean()


def half_squared_error(output, targets):
    return 0.5 * ((output - targets) ** 2).sum(dim=1).mean()


def smoothed(output, classes):
    return functional.cross_entropy(output, classes, label_smoothing=0.1)


def losses(dtype, suffix):
    output = fixed(10, 5, 4, scale=3.0)
    values = fixed(11, 5, 4, scale=3.0)
    classes = torch.tensor([2, 0, 3, 3, 1])
    soft = (fixed(12, 5, 4) + 1).float().double()
    soft = (soft / soft.sum(dim=1, keepdim=True)).float().double()
    signs = torch.where(fixed(13, 5, 4) < 0, -1.0, 1.0).double()
    pixels = fixed(15, 2, 3, 5, 7, scale=3.0)
    mask = ((fixed(16, 2, 5, 7) + 1) * 1.5).long()
    binary = (signs + 1) / 2
    extreme = torch.tensor([[1000.0, -1000, 0, 5], [-300, 300, 299, 0], [0, 0, 0, 0], [90, -90, 89, -89], [1, 2, 3, 4]])
    cases = {
        "mse": (output, values, functional.mse_loss),
        "half_squared_error": (output, values, half_squared_error),
        "l1": (output, values, functional.l1_loss),
        "huber": (output, values, lambda y, t: functional.huber_loss(y, t, delta=0.7)),
        "cross_entropy": (output, classes, functional.cross_entropy),
        "cross_entropy_extreme": (extreme, classes, functional.cross_entropy),
        "cross_entropy_soft": (output, soft, functional.cross_entropy),
        "cross_entropy_smoothed": (output, classes, smoothed),
        "cross_entropy_smoothed_extreme": (extreme, classes, smoothed),
        "cross_entropy_pixels": (pixels, mask, functional.cross_entropy),
        "bce_with_logits": (output, binary, functional.binary_cross_entropy_with_logits),
        "bce_with_logits_soft": (output, (fixed(14, 5, 4) + 1) / 2, functional.binary_cross_entropy_with_logits),
        "bce_with_logits_extreme": (extreme, binary, functional.binary_cross_entropy_with_logits),
        "hinge": (output, signs, hinge),
    }
    tensors = {}
    for name, (output, targets, loss) in cases.items():
        leaf = output.to(dtype).clone().requires_grad_()
        targets = targets if targets.dtype == torch.int64 else targets.to(dtype)
        value = loss(leaf, targets)
        value.backward()
        tensors |= {
            f"{name}.output": leaf,
            f"{name}.targets": targets,
            f"{name}.loss": value.reshape(1),
            f"{name}.d_output": leaf.grad,
        }
    save(f"losses.{suffix}", tensors)


# --- Networks ---------------------------------------------------------------------------------------------------------

BATCH = 5
STEPS = 10


def identity(x):
    return x


NETWORKS = {
    # name: (sizes, the line of each layer and its activation, loss, targets)
    "net1": ([7, 5, 3], [("hidden", torch.relu), ("out", identity)], functional.cross_entropy, "classes"),
    "net2": (
        [6, 11, 8, 4],
        [("hidden1", torch.tanh), ("hidden2", functional.gelu), ("out", identity)],
        functional.mse_loss,
        "values",
    ),
    "net3": (
        [9, 17, 2],
        [("hidden", torch.sigmoid), ("out", identity)],
        functional.binary_cross_entropy_with_logits,
        "binary",
    ),
    "net4": (
        [13, 33, 16, 3],
        [("hidden1", functional.leaky_relu), ("hidden2", functional.silu), ("out", torch.tanh)],
        half_squared_error,
        "values",
    ),
}


def targets_of(kind, seed, classes, dtype):
    if kind == "classes":
        return torch.tensor([2, 0, 1, 1, 2])
    values = fixed(seed, BATCH, classes)
    return (values > 0).to(dtype) if kind == "binary" else values.to(dtype)


def forward(parameters, layers, x):
    for line, activation in layers:
        x = activation(functional.linear(x, parameters[f"{line}.weight"], parameters[f"{line}.bias"]))
    return x


def networks(dtype, suffix):
    tensors = {}
    for number, (name, (sizes, layers, loss, kind)) in enumerate(NETWORKS.items()):
        seed = 100 * (number + 1)
        parameters = {}
        for i, (line, _) in enumerate(layers):
            scale = 2.0 / 2 ** (sizes[i].bit_length() // 2)
            parameters[f"{line}.weight"] = fixed(seed + 2 * i, sizes[i + 1], sizes[i], scale=scale)
            parameters[f"{line}.bias"] = fixed(seed + 2 * i + 1, sizes[i + 1], scale=0.5)
        parameters = {key: value.to(dtype).requires_grad_() for key, value in parameters.items()}
        x = fixed(seed + 90, BATCH, sizes[0], scale=2.0).to(dtype).requires_grad_()
        targets = targets_of(kind, seed + 91, sizes[-1], dtype)
        output = forward(parameters, layers, x)
        output.retain_grad()
        value = loss(output, targets)
        value.backward()
        result = {
            "input": x,
            "targets": targets,
            "output": output,
            "loss": value.reshape(1),
            "d_output": output.grad,
            "d_input": x.grad,
        }
        for key, parameter in parameters.items():
            line, kind_of = key.split(".")
            result |= {key: parameter, f"{line}.d_{kind_of}": parameter.grad}
        result |= trained(parameters, layers, x.detach(), targets, loss)
        tensors |= {f"{name}.{key}": value.detach().clone() for key, value in result.items()}
    save(f"networks.{suffix}", tensors)


def trained(start, layers, x, targets, loss):
    """`STEPS` steps of gradient descent on the one batch, with a rate of 0.1."""
    parameters = {key: value.detach().clone().requires_grad_() for key, value in start.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=0.1, foreach=False)
    values = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(forward(parameters, layers, x), targets)
        value.backward()
        optimizer.step()
        values.append(value.detach())
    return {"trained.losses": torch.stack(values)} | {f"trained.{key}": value for key, value in parameters.items()}


# --- Optimisers -------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "sgd_momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "sgd_dampening": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    "sgd_nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "sgd_weight_decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.02}),
    "sgd_momentum_weight_decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.02}),
    "sgd_nesterov_weight_decay": (
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02},
    ),
    "adam": (torch.optim.Adam, {"lr": 0.01}),
    "adam_betas": (torch.optim.Adam, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-4}),
    "adam_weight_decay": (torch.optim.Adam, {"lr": 0.01, "weight_decay": 0.02}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.02}),
}


def optimizers(dtype, suffix):
    start = fixed(50, 37, scale=2.0)
    gradients = fixed(51, 20, 37, scale=1.0)
    # A parameter whose gradient stays zero, one that is zero too, a large, a small and a constant gradient.
    gradients[:, 0:2] = 0.0
    start[1] = 0.0
    gradients[:, 2] *= 2.0**10
    gradients[:, 3] *= 2.0**-20
    gradients[:, 4] = 0.25
    tensors = {"start": start.to(dtype), "gradients": gradients.to(dtype)}
    for name, (kind, options) in OPTIMIZERS.items():
        parameter = tensors["start"].clone().requires_grad_()
        optimizer = kind([parameter], foreach=False, **options)
        after = []
        for gradient in tensors["gradients"]:
            parameter.grad = gradient.clone()
            optimizer.step()
            after.append(parameter.detach().clone())
        tensors[f"{name}.params"] = torch.stack(after)
    save(f"optimizers.{suffix}", tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    activations()
    for dtype, suffix in [(torch.float64, "f64"), (torch.float32, "f32")]:
        losses(dtype, suffix)
        networks(dtype, suffix)
        optimizers(dtype, suffix)
