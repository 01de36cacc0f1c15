"""The classic convolutional networks in plain PyTorch, by the names that `monograd::networks` gives to their parameters.

    with torch.no_grad():
        net = classics.build(classics.vgg, 16, dtype=torch.float64).eval()
        net(seeded.inputs(0, 1, 3, 224, 224))

`build` fills by the rule of `seeded` and checks the number of parameters. There is no dropout: outputs are those of
inference, gradients those of the network without it. Needs `numpy` and `torch`.
"""

from collections import OrderedDict

import torch
from torch import nn

import seeded


def net(*layers):
    """A sequence of layers, of which those with parameters are pairs of a name and the layer: the line's name, or
    `line/layer` if the line has several of them."""
    named = (layer if isinstance(layer, tuple) else (str(place), layer) for place, layer in enumerate(layers))
    return nn.Sequential(OrderedDict(named))


def lenet5():
    return net(
        ("c1", nn.Conv2d(1, 6, 5)), nn.Tanh(),
        nn.AvgPool2d(2),
        ("c3", nn.Conv2d(6, 16, 5)), nn.Tanh(),
        nn.AvgPool2d(2), nn.Flatten(),
        ("c5", nn.Linear(400, 120)), nn.Tanh(),
        ("f6", nn.Linear(120, 84)), nn.Tanh(),
        ("out", nn.Linear(84, 10)),
    )  # fmt: skip


def mnist_cnn():
    return net(
        ("conv1", nn.Conv2d(1, 32, 3)), nn.ReLU(),
        ("conv2", nn.Conv2d(32, 64, 3)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        ("hidden", nn.Linear(9216, 128)), nn.ReLU(),
        ("out", nn.Linear(128, 10)),
    )  # fmt: skip


def mnist_cnn_bn():
    return net(
        ("conv1/conv2d", nn.Conv2d(1, 32, 3, bias=False)), ("conv1/batch_norm", nn.BatchNorm2d(32)), nn.ReLU(),
        ("conv2/conv2d", nn.Conv2d(32, 64, 3, bias=False)), ("conv2/batch_norm", nn.BatchNorm2d(64)), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(),
        ("hidden/dense", nn.Linear(9216, 128, bias=False)), ("hidden/batch_norm", nn.BatchNorm1d(128)), nn.ReLU(),
        ("out", nn.Linear(128, 10)),
    )  # fmt: skip


def alexnet(classes=1000):
    """As torchvision has it: one tower, no local response normalisation (Krizhevsky, 2014)."""
    return net(
        ("conv1", nn.Conv2d(3, 64, 11, stride=4, padding=2)), nn.ReLU(), nn.MaxPool2d(3, 2),
        ("conv2", nn.Conv2d(64, 192, 5, padding=2)), nn.ReLU(), nn.MaxPool2d(3, 2),
        ("conv3", nn.Conv2d(192, 384, 3, padding=1)), nn.ReLU(),
        ("conv4", nn.Conv2d(384, 256, 3, padding=1)), nn.ReLU(),
        ("conv5", nn.Conv2d(256, 256, 3, padding=1)), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d(6), nn.Flatten(),
        ("fc6", nn.Linear(9216, 4096)), nn.ReLU(),
        ("fc7", nn.Linear(4096, 4096)), nn.ReLU(),
        ("fc8", nn.Linear(4096, classes)),
    )  # fmt: skip


# How many convolutions each of the five stages has.
VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def convolutions(line, inputs, channels, convolution, normalisation=None):
    """One line: so many convolutions, each with a relu. A word that comes again has a number, and a line with one layer
    that has parameters is that layer."""
    for place, outputs in enumerate(channels, start=1):
        number = f"_{place}" if place > 1 else ""
        alone = len(channels) == 1 and normalisation is None
        word = "conv3d" if convolution is nn.Conv3d else "conv2d"
        yield line if alone else f"{line}/{word}{number}", convolution(inputs, outputs, 3, padding=1)
        if normalisation is not None:
            yield f"{line}/batch_norm{number}", normalisation(outputs)
        yield nn.ReLU()
        inputs = outputs


def vgg(depth, batch_norm=False, classes=1000):
    """Simonyan and Zisserman, 2015; with batch norm as torchvision has it, each convolution with its bias."""
    layers, inputs = [], 3
    for block, (count, outputs) in enumerate(zip(VGG[depth], (64, 128, 256, 512, 512)), start=1):
        normalisation = nn.BatchNorm2d if batch_norm else None
        layers += convolutions(f"block{block}", inputs, [outputs] * count, nn.Conv2d, normalisation)
        layers += [nn.MaxPool2d(2)]
        inputs = outputs
    layers += [nn.AdaptiveAvgPool2d(7), nn.Flatten()]
    layers += [("fc6", nn.Linear(25088, 4096)), nn.ReLU(), ("fc7", nn.Linear(4096, 4096)), nn.ReLU()]
    return net(*layers, ("fc8", nn.Linear(4096, classes)))


def c3d(classes=487):
    """Tran et al., 2015, on 16 frames of 112×112; the last pool is padded by one in height and width."""
    layers, inputs = [], 3
    pools = {1: nn.MaxPool3d((1, 2, 2)), 5: nn.MaxPool3d(2, padding=(0, 1, 1))}
    for stage, channels in enumerate(([64], [128], [256, 256], [512, 512], [512, 512]), start=1):
        layers += convolutions(f"conv{stage}", inputs, channels, nn.Conv3d)
        layers += [pools.get(stage, nn.MaxPool3d(2))]
        inputs = channels[-1]
    layers += [nn.Flatten(), ("fc6", nn.Linear(8192, 4096)), nn.ReLU(), ("fc7", nn.Linear(4096, 4096)), nn.ReLU()]
    return net(*layers, ("fc8", nn.Linear(4096, classes)))


# How many parameters there are, by function and arguments.
PARAMETERS = {
    (lenet5,): 61_706,
    (mnist_cnn,): 1_199_882,
    (mnist_cnn_bn,): 1_200_106,
    (alexnet,): 61_100_840,
    (vgg, 11): 132_863_336,
    (vgg, 13): 133_047_848,
    (vgg, 16): 138_357_544,
    (vgg, 19): 143_667_240,
    (vgg, 11, True): 132_868_840,
    (vgg, 13, True): 133_053_736,
    (vgg, 16, True): 138_365_992,
    (vgg, 19, True): 143_678_248,
    (c3d, 487): 79_991_015,
    (c3d, 101): 78_409_573,
}


def build(function, *arguments, dtype=torch.float32):
    """A network with memory for its parameters, filled."""
    with torch.device("meta"):
        model = function(*arguments)
    model = model.to(dtype).to_empty(device="cpu")
    count = sum(parameter.numel() for parameter in model.parameters())
    expected = PARAMETERS[function, *arguments]
    assert count == expected, f"{function.__name__}{arguments} has {count} parameters instead of {expected}"
    return seeded.fill(model)
