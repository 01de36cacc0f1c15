"""Writes the reference numbers of the classic convolutional networks: what PyTorch computes on the CPU, in f64.

Run, in any directory:

    python3 tests/references/make_classics.py

Needs `numpy`, `torch` and `safetensors`, 3 GB of memory and two minutes; versions and the order of bits are as `make.py`
says. Parameters, running statistics and inputs are not stored: both sides make them by the rule of `seeded`. README.md
lists the names of the tensors.
"""

import classics
import seeded
import torch
from make import save
from torch.nn import functional

# Name: (function, its arguments, shape of a sample). One sample, inference.
CLASSICS = {
    "alexnet": (classics.alexnet, [], [3, 224, 224]),
    "vgg11": (classics.vgg, [11], [3, 224, 224]),
    "vgg13": (classics.vgg, [13], [3, 224, 224]),
    "vgg16": (classics.vgg, [16], [3, 224, 224]),
    "vgg19": (classics.vgg, [19], [3, 224, 224]),
    "vgg11_bn": (classics.vgg, [11, True], [3, 224, 224]),
    "vgg13_bn": (classics.vgg, [13, True], [3, 224, 224]),
    "vgg16_bn": (classics.vgg, [16, True], [3, 224, 224]),
    "vgg19_bn": (classics.vgg, [19, True], [3, 224, 224]),
    "c3d": (classics.c3d, [487], [3, 16, 112, 112]),
    "c3d_101": (classics.c3d, [101], [3, 16, 112, 112]),
}

# Name: (function, shape of a sample, samples, learning rate, whether gradients are stored whole).
TRAINED = {
    "lenet5": (classics.lenet5, [1, 32, 32], 4, 0.1, True),
    "mnist_cnn": (classics.mnist_cnn, [1, 28, 28], 8, 0.002, False),
    "mnist_cnn_bn": (classics.mnist_cnn_bn, [1, 28, 28], 8, 0.02, False),
}

TARGETS = [3, 1, 4, 1, 5, 9, 2, 6]
STEPS = 5


def build(function, *arguments):
    return classics.build(function, *arguments, dtype=torch.float64)


def outputs():
    tensors = {}
    with torch.inference_mode():
        for name, (function, arguments, shape) in CLASSICS.items():
            tensors[f"{name}.output"] = build(function, *arguments).eval()(seeded.inputs(0, 1, *shape)).clone()
    save("classics", tensors)


def gradient(name, k, tensor, whole):
    """The gradient called `name`, whole or as a fingerprint."""
    if whole:
        return {name: tensor}
    sums, samples = seeded.fingerprint(k, tensor)
    return {f"{name}.sums": sums, f"{name}.samples": samples}


def backprop(model, x, targets, whole):
    """Output, loss and gradients of a training step, and the running statistics after it."""
    x = x.clone().requires_grad_()
    output = model(x)
    output.retain_grad()
    loss = functional.cross_entropy(output, targets)
    loss.backward()
    result = {"output": output, "loss": loss.reshape(1), "d_output": output.grad}
    parameters, buffers = seeded.names(model)
    for k, (name, parameter) in enumerate(parameters.items()):
        line, _, kind = name.rpartition(".")
        result |= gradient(f"{line}.d_{kind}", k, parameter.grad, whole)
    result |= gradient("d_input", len(parameters), x.grad, whole)
    return result | {name: buffer.clone() for name, buffer in buffers.items()}


def descend(model, x, targets, learning_rate):
    """The loss before each of `STEPS` steps of gradient descent on the one batch, and what inference gives after them."""
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, foreach=False)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(x), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"trained.losses": torch.stack(losses), "trained.inference": model.eval()(x)}


def training():
    tensors = {}
    for name, (function, shape, samples, learning_rate, whole) in TRAINED.items():
        x, targets = seeded.inputs(0, samples, *shape), torch.tensor(TARGETS[:samples])
        result = {"targets": targets, "inference": build(function).eval()(x)}
        result |= backprop(build(function).train(), x, targets, whole)
        result |= descend(build(function).train(), x, targets, learning_rate)
        tensors |= {f"{name}.{key}": value for key, value in result.items()}
    save("trained_classics", tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    training()
    outputs()
