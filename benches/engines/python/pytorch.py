"""PyTorch: the model and the training step that its documentation shows, eager."""

import contextlib

import torch
from torch import nn

from workload import tensor_count

VERSION = torch.__version__.split("+")[0]


class Branches(nn.Module):
    """What the branches give for the same values, joined."""

    def __init__(self, branches, join):
        super().__init__()
        self.branches, self.join = nn.ModuleList(branches), join

    def forward(self, x):
        return self.join([branch(x) for branch in self.branches])


class Subsample(nn.Module):
    """Every second pixel, between channels of zeros."""

    def __init__(self, zeros):
        super().__init__()
        self.zeros = zeros

    def forward(self, x):
        return nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.zeros, self.zeros))


def sum_of_two(parts):
    first, second = parts
    return first + second


def concatenation(parts):
    return torch.cat(parts, 1)


def weighted(layer, arrays):
    """A layer with parameters; which they are follows from their number."""
    weight = arrays[0]
    match layer:
        case ["Dense", outputs]:
            module = nn.Linear(weight.shape[1], outputs)
        case ["Conv2d", outputs, size, stride, padding, bias]:
            module = nn.Conv2d(weight.shape[1], outputs, size, stride, padding, bias=bias)
        case ["ConvTranspose2d", outputs, size]:
            module = nn.ConvTranspose2d(weight.shape[0], outputs, size, size)
        case ["BatchNorm", eps]:
            module = nn.BatchNorm2d(len(weight), eps)
    for name, array in zip(("weight", "bias", "running_mean", "running_var"), arrays):
        getattr(module, name).data = torch.from_numpy(array)
    return module


def module(layer, filled):
    match layer:
        case [*_] if count := tensor_count(layer):
            return weighted(layer, [next(filled) for _ in range(count)])
        case ["MaxPool", size, stride, padding]:
            return nn.MaxPool2d(size, stride, padding)
        case ["AvgPool", size, stride]:
            return nn.AvgPool2d(size, stride)
        case ["GlobalAvgPool"]:
            return nn.AdaptiveAvgPool2d(1)
        case ["Subsample", zeros]:
            return Subsample(zeros)
        case ["Flatten"]:
            return nn.Flatten()
        case ["Relu"]:
            return nn.ReLU()
        case ["Tanh"]:
            return nn.Tanh()
        case ["Add", branches]:
            return Branches([chain(layers, filled) for layers in branches], sum_of_two)
        case ["Concat", branches]:
            return Branches([chain(layers, filled) for layers in branches], concatenation)


def chain(layers, filled):
    return nn.Sequential(*[module(layer, filled) for layer in layers])


def fused(model):
    """For inference: each convolution with the batch normalisation behind it in one."""
    modules = []
    for layer in model:
        if isinstance(layer, Branches):
            layer.branches = nn.ModuleList(fused(branch) for branch in layer.branches)
        if isinstance(layer, nn.BatchNorm2d) and isinstance(modules[-1], nn.Conv2d):
            layer = nn.utils.fuse_conv_bn_eval(modules.pop(), layer)
        modules.append(layer)
    return nn.Sequential(*modules)


def model_and_inputs(workload):
    """Images, and the windows that slide over them, lie channels last, which PyTorch recommends."""
    model = chain(workload.layers, iter(workload.tensors()))
    if not workload.is_training:
        model = fused(model.eval())
    x = torch.from_numpy(workload.inputs())
    if x.dim() == 2:
        return model, x
    return model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)


def prepare(workload, threads, compiled=lambda function: function):
    """What to measure, its result as a list, and in which context."""
    torch.set_num_threads(threads)
    if not workload.is_training:
        with torch.inference_mode():
            model, x = model_and_inputs(workload)
        model = compiled(model)
        return lambda: model(x), lambda y: y.flatten().tolist(), torch.inference_mode
    model, x = model_and_inputs(workload)
    targets, loss_function = torch.from_numpy(workload.targets()), getattr(nn.functional, workload.loss)
    kind = getattr(torch.optim, workload.optimizer)
    optimizer = kind(model.parameters(), lr=workload.learning_rate, fused=True)
    loss_of = compiled(lambda x, targets: loss_function(model(x), targets))

    def step():
        optimizer.zero_grad()
        loss = loss_of(x, targets)
        loss.backward()
        optimizer.step()
        return loss

    return step, lambda loss: [loss.item()], contextlib.nullcontext
