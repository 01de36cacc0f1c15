"""Writes the reference numbers of the classic networks that are no chains: what PyTorch computes on the CPU, in f64.

Run, in any directory:

    python3 tests/references/make_graphs.py

Needs `numpy`, `torch` and `safetensors`, 4 GB of memory and two minutes; versions and the order of bits are as `make.py`
says. Parameters, running statistics, inputs and targets are not stored: both sides make them by the rule of `seeded`.
README.md lists the names of the tensors.
"""

from dataclasses import dataclass, field

import graphs
import seeded
import torch
from make import save
from torch.nn import functional


@dataclass
class Case:
    function: object
    arguments: list
    shape: list
    samples: int = 2
    # What the weights of the rule are multiplied by.
    gain: float = 1
    # The losses of five steps of gradient descent with this learning rate are stored too.
    learning_rate: float | None = None
    # Of the loss of each output.
    weights: list = field(default_factory=lambda: [1])

    def build(self):
        return graphs.build(self.function, *self.arguments, dtype=torch.float64, gain=self.gain)

    def inputs(self):
        return seeded.inputs(0, self.samples, *self.shape)


IMAGE = [3, 224, 224]
CASES = {
    "resnet18": Case(graphs.resnet, [18], IMAGE),
    "resnet34": Case(graphs.resnet, [34], IMAGE),
    "resnet50": Case(graphs.resnet, [50], IMAGE),
    "resnet20": Case(graphs.cifar_resnet, [20], [3, 32, 32], samples=4, learning_rate=0.02),
    "resnet110": Case(graphs.cifar_resnet, [110], [3, 32, 32]),
    # With whole weights each of its 600 blocks would double what it takes, in inference.
    "resnet1202": Case(graphs.cifar_resnet, [1202], [3, 32, 32], gain=0.25),
    "googlenet": Case(graphs.googlenet, [], IMAGE, weights=[1, 0.3, 0.3]),
    "unet": Case(graphs.unet, [], [1, 572, 572], samples=1),
    "small_unet": Case(graphs.small_unet, [], [1, 128, 128], learning_rate=0.1),
    "squeezenet": Case(graphs.squeezenet, [], IMAGE),
    "densenet121": Case(graphs.densenet121, [], IMAGE),
    "mobilenet_v2": Case(graphs.mobilenet_v2, [], IMAGE),
}

CLASSES = [3, 1, 4, 1, 5, 9, 2, 6]
STEPS = 5

# More values than these are stored as a fingerprint.
MOST = 4096
# How many entries the fingerprint of one of many tensors has.
FEW = 8


def outputs(model, x):
    """Of a training or of inference, as a tuple."""
    result = model(x)
    return result if isinstance(result, tuple) else (result,)


def loss_of(case, results):
    """Cross-entropy with classes; of images the mean squared error with seeded values."""

    def loss(number, output):
        if output.dim() == 2:
            return functional.cross_entropy(output, torch.tensor(CLASSES[: len(output)]))
        return functional.mse_loss(output, seeded.targets(number, output.shape))

    return sum(weight * loss(number, output) for number, (weight, output) in enumerate(zip(case.weights, results)))


def stored(name, number, tensor):
    """The tensor, or its fingerprint."""
    if tensor.numel() <= MOST:
        return {name: tensor}
    sums, samples = seeded.fingerprint(number, tensor)
    return {f"{name}.sums": sums, f"{name}.samples": samples}


def fingerprints(name, tensors):
    """Of many tensors, by number: a row for each."""
    if not tensors:
        return {}
    rows = [seeded.fingerprint(number, tensor, FEW) for number, tensor in tensors.items()]
    sums, samples = zip(*rows)
    return {f"{name}.sums": torch.stack(sums), f"{name}.samples": torch.stack(samples)}


def text(lines):
    return torch.tensor(list("\n".join(lines).encode()), dtype=torch.uint8)


def inference(case, name="inference"):
    def of(model):
        with torch.no_grad():
            (output,) = outputs(model.eval(), case.inputs())
        return stored(name, seeded.OUTPUTS, output)

    return of


def backprop(case, model):
    """Outputs, loss and gradients of a training step, and the running statistics after it."""
    x = case.inputs().requires_grad_()
    results = outputs(model.train(), x)
    loss = loss_of(case, results)
    loss.backward()
    parameters, buffers = graphs.names(model)
    gradients = {k: parameter.grad for k, parameter in enumerate(parameters.values())} | {seeded.INPUTS: x.grad}
    statistics = {seeded.BUFFERS + k: buffer for k, buffer in enumerate(buffers.values())}
    result = {"names": text([*parameters, *buffers]), "loss": loss.reshape(1)}
    for number, output in enumerate(results):
        result |= stored(f"output{number}", seeded.OUTPUTS + number, output)
    return result | fingerprints("gradients", gradients) | fingerprints("statistics", statistics)


def descend(case, model):
    """The loss before each of `STEPS` steps of gradient descent on the one batch, and what inference gives after them."""
    optimizer = torch.optim.SGD(model.parameters(), lr=case.learning_rate, foreach=False)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(case, outputs(model.train(), case.inputs()))
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"trained.losses": torch.stack(losses)} | inference(case, "trained.inference")(model)


def of_case(case):
    result = inference(case)(case.build()) | backprop(case, case.build())
    return result if case.learning_rate is None else result | descend(case, case.build())


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = {}
    for network, case in CASES.items():
        tensors |= {f"{network}.{key}": value for key, value in of_case(case).items()}
    save("graphs", tensors)
