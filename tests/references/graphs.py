"""The classic networks that are no chains in plain PyTorch, by the names that `monograd::networks` gives to their parameters.

    with torch.no_grad():
        net = graphs.build(graphs.resnet, 50, dtype=torch.float64).eval()
        net(seeded.inputs(0, 1, 3, 224, 224))

Modules are registered in the order of a declaration: a line is a `Line`, a block a module of its lines, so that `names`
gives what `tensors()` gives. `build` fills by the rule of `seeded` and checks the number of parameters. There is no
dropout: outputs are those of inference, gradients those of the network without it. Needs `numpy` and `torch`.
"""

import torch
from torch import nn
from torch.nn import functional

import seeded

# The words of the layers that have parameters; blocks have theirs as an attribute.
WORDS = {nn.Conv2d: "conv2d", nn.ConvTranspose2d: "conv_transpose2d", nn.BatchNorm2d: "batch_norm", nn.Linear: "dense"}

# The only one in a line with parameters is the line: this part of its path goes away.
ONLY = "only"


class Line(nn.Module):
    """One line: chains of layers, of which the first is what calling it runs. A chain's layers are modules or functions;
    over all chains those with parameters have the fields of the line, and a word that comes again has a number."""

    def __init__(self, *chains):
        super().__init__()
        self.chains = [list(chain) for chain in chains]
        named = [layer for chain in chains for layer in chain if isinstance(layer, nn.Module)]
        counts = {}
        for layer in named:
            word = WORDS.get(type(layer)) or layer.word
            counts[word] = counts.get(word, 0) + 1
            number = f"_{counts[word]}" if counts[word] > 1 else ""
            self.add_module(ONLY if len(named) == 1 else f"{word}{number}", layer)

    def forward(self, x, chain=0):
        for layer in self.chains[chain]:
            x = layer(x)
        return x


class Repeat(nn.Sequential):
    """Copies of a block, by number."""

    word = "repeat"


def repeat(count, block, *arguments):
    return Repeat(*(block(*arguments) for _ in range(count)))


def names(model):
    """The parameters and the buffers of a model by Monograd's names, in the order of declaration."""
    return tuple({name.replace(f".{ONLY}", ""): value for name, value in group.items()} for group in seeded.names(model))


def concat(*branches):
    return torch.cat(branches, dim=1)


def global_avg_pool(x):
    return x.mean((2, 3))


def max_pool(size, stride, padding=0, ceil_mode=False):
    return lambda x: functional.max_pool2d(x, size, stride, padding, ceil_mode=ceil_mode)


def normalised(inputs, outputs, size, stride=1, padding=0, groups=1, eps=1e-5):
    """A convolution without bias and its batch norm."""
    convolution = nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs, eps=eps)]


# --- Residual networks ------------------------------------------------------------------------------------------------


class Basic(nn.Module):
    """Two 3×3 convolutions beside the identity."""

    word = "basic"

    def __init__(self, channels):
        super().__init__()
        first, second = (normalised(channels, channels, 3, padding=1) for _ in range(2))
        self.body = Line([*first, functional.relu, *second])

    def forward(self, x):
        return functional.relu(x + self.body(x))


class Down(nn.Module):
    """Two 3×3 convolutions to half the size, beside one of 1×1."""

    word = "down"

    def __init__(self, inputs, channels):
        super().__init__()
        first, second = normalised(inputs, channels, 3, 2, 1), normalised(channels, channels, 3, 1, 1)
        self.body = Line([*first, functional.relu, *second])
        self.out = Line(normalised(inputs, channels, 1, 2))

    def forward(self, x):
        return functional.relu(self.out(x) + self.body(x))


class Subsampled(nn.Module):
    """The same beside every second place of each axis, with zeros in the channels that are new: the shortcut A."""

    word = "down"

    def __init__(self, inputs, channels):
        super().__init__()
        self.added = (channels - inputs) // 2
        first, second = normalised(inputs, channels, 3, 2, 1), normalised(channels, channels, 3, 1, 1)
        self.body = Line([*first, functional.relu, *second])

    def forward(self, x):
        shortcut = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.added, self.added))
        return functional.relu(shortcut + self.body(x))


def narrow(inputs, width, channels, stride=1):
    """1×1, 3×3 with the stride, 1×1."""
    first, second = normalised(inputs, width, 1), normalised(width, width, 3, stride, 1)
    return [*first, functional.relu, *second, functional.relu, *normalised(width, channels, 1)]


class Bottleneck(nn.Module):
    """Three convolutions beside the identity."""

    word = "bottleneck"

    def __init__(self, width, channels):
        super().__init__()
        self.body = Line(narrow(channels, width, channels))

    def forward(self, x):
        return functional.relu(x + self.body(x))


class Widen(nn.Module):
    """Three convolutions beside one of 1×1."""

    word = "widen"

    def __init__(self, inputs, width, channels, stride=2):
        super().__init__()
        self.body = Line(narrow(inputs, width, channels, stride))
        self.out = Line(normalised(inputs, channels, 1, stride))

    def forward(self, x):
        return functional.relu(self.out(x) + self.body(x))


class Lines(nn.Module):
    """Lines one after the other, by name."""

    def __init__(self, **lines):
        super().__init__()
        for name, line in lines.items():
            self.add_module(name, line)

    def forward(self, x):
        for line in self.children():
            x = line(x)
        return x


def stem():
    return Line([*normalised(3, 64, 7, 2, 3), functional.relu, max_pool(3, 2, 1)])


def head(inputs, classes=1000):
    return Line([global_avg_pool, nn.Linear(inputs, classes)])


# How many blocks each of the four stages has.
RESNET = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


def some(count, block, *arguments):
    """A single block is not repeated."""
    return block(*arguments) if count == 1 else repeat(count, block, *arguments)


def resnet(depth):
    """He et al., 2015, as torchvision has it: the stride of a bottleneck is in its 3×3 convolution."""
    counts = RESNET[depth]
    if depth < 50:
        stages = [[repeat(counts[0], Basic, 64)]]
        for count, channels in zip(counts[1:], (128, 256, 512)):
            stages += [[Down(channels // 2, channels), some(count - 1, Basic, channels)]]
        return Lines(stem=stem(), **numbered(stages), head=head(512))
    stages, inputs = [], 64
    for count, width in zip(counts, (64, 128, 256, 512)):
        first = Widen(inputs, width, 4 * width, 1 if width == 64 else 2)
        stages += [[first, repeat(count - 1, Bottleneck, width, 4 * width)]]
        inputs = 4 * width
    return Lines(stem=stem(), **numbered(stages), head=head(2048))


def numbered(stages):
    return {f"stage{number}": Line(stage) for number, stage in enumerate(stages, start=1)}


def cifar_resnet(depth):
    """He et al., 2015, on 32×32: 6n + 2 layers, shortcuts without parameters."""
    count = (depth - 2) // 6
    stages = [[repeat(count, Basic, 16)]]
    for channels in (32, 64):
        stages += [[Subsampled(channels // 2, channels), repeat(count - 1, Basic, channels)]]
    stem = Line([*normalised(3, 16, 3, padding=1), functional.relu])
    return Lines(stem=stem, **numbered(stages), head=head(64, 10))


# --- GoogLeNet --------------------------------------------------------------------------------------------------------


def convolution(*arguments, **options):
    """With batch norm and relu, as GoogLeNet has it."""
    return [*normalised(*arguments, **options, eps=1e-3), functional.relu]


class Inception(nn.Module):
    """Four ways side by side; the third is of 3×3 in torchvision, where the paper has 5×5."""

    word = "inception"

    def __init__(self, inputs, one, three_in, three, five_in, five, pooled):
        super().__init__()
        self.branch1 = Line(convolution(inputs, one, 1))
        self.branch2 = Line([*convolution(inputs, three_in, 1), *convolution(three_in, three, 3, padding=1)])
        self.branch3 = Line([*convolution(inputs, five_in, 1), *convolution(five_in, five, 3, padding=1)])
        self.branch4 = Line([max_pool(3, 1, 1), *convolution(inputs, pooled, 1)])

    def forward(self, x):
        return concat(*(branch(x) for branch in self.children()))


class Auxiliary(nn.Module):
    """A classifier beside the trunk."""

    word = "auxiliary"

    def __init__(self, inputs):
        super().__init__()
        pool = nn.functional.adaptive_avg_pool2d
        self.features = Line([lambda x: pool(x, 4), *convolution(inputs, 128, 1)])
        self.hidden = Line([lambda x: x.flatten(1), nn.Linear(2048, 1024), functional.relu])
        self.out = Line([nn.Linear(1024, 1000)])

    def forward(self, x):
        return self.out(self.hidden(self.features(x)))


class GoogLeNet(nn.Module):
    """Szegedy et al., 2014, as torchvision has it. In training it gives the auxiliary outputs too."""

    def __init__(self):
        super().__init__()
        self.conv1 = Line([*convolution(3, 64, 7, 2, 3), max_pool(3, 2, ceil_mode=True)])
        self.conv2 = Line(convolution(64, 64, 1))
        self.conv3 = Line([*convolution(64, 192, 3, padding=1), max_pool(3, 2, ceil_mode=True)])
        self.inception3a = Line([Inception(192, 64, 96, 128, 16, 32, 32)])
        self.inception3b = Line([Inception(256, 128, 128, 192, 32, 96, 64), max_pool(3, 2, ceil_mode=True)])
        self.inception4a = Line([Inception(480, 192, 96, 208, 16, 48, 64)])
        self.inception4b = Line([Inception(512, 160, 112, 224, 24, 64, 64)])
        self.inception4c = Line([Inception(512, 128, 128, 256, 24, 64, 64)])
        self.inception4d = Line([Inception(512, 112, 144, 288, 32, 64, 64)])
        self.inception4e = Line([Inception(528, 256, 160, 320, 32, 128, 128), max_pool(2, 2, ceil_mode=True)])
        self.inception5a = Line([Inception(832, 256, 160, 320, 32, 128, 128)])
        self.inception5b = Line([Inception(832, 384, 192, 384, 48, 128, 128)])
        setattr(self, "class", head(1024))
        self.aux1 = Line([Auxiliary(512)])
        self.aux2 = Line([Auxiliary(528)])

    def forward(self, x):
        values = {}
        for name, line in self.named_children():
            if name not in ("aux1", "aux2"):
                x = values[name] = line(x)
        if not self.training:
            return x
        return x, self.aux1(values["inception4a"]), self.aux2(values["inception4d"])


def googlenet():
    return GoogLeNet()


# --- U-Net ------------------------------------------------------------------------------------------------------------


class DoubleConv(nn.Module):
    """Two 3×3 convolutions with a relu each: valid ones with biases, or padded ones with batch norm."""

    def __init__(self, inputs, channels, padded):
        super().__init__()
        self.word = "padded" if padded else "valid"

        def layers(inputs):
            if padded:
                return [*normalised(inputs, channels, 3, padding=1), functional.relu]
            return [nn.Conv2d(inputs, channels, 3), functional.relu]

        self.conv1 = Line(layers(inputs))
        self.conv2 = Line(layers(channels))

    def forward(self, x):
        return self.conv2(self.conv1(x))


class UNet(nn.Module):
    """Down with pools and up with transposed convolutions, which see what was there on the way down, cut to size."""

    def __init__(self, channels, padded):
        super().__init__()
        depth, inputs = len(channels), 1
        for number, outputs in enumerate(channels, start=1):
            pool = [max_pool(2, 2)] if number > 1 else []
            self.add_module(f"d{number}", Line([*pool, DoubleConv(inputs, outputs, padded)]))
            inputs = outputs
        for number, outputs in reversed(list(enumerate(channels[:-1], start=1))):
            up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
            self.add_module(f"u{number}", Line([up], [DoubleConv(2 * outputs, outputs, padded)]))
            inputs = outputs
        self.mask = Line([nn.Conv2d(inputs, 2, 1)])
        self.depth = depth

    def forward(self, x):
        seen = []
        for number in range(1, self.depth + 1):
            x = getattr(self, f"d{number}")(x)
            seen.append(x)
        for number in range(self.depth - 1, 0, -1):
            line, beside = getattr(self, f"u{number}"), seen[number - 1]
            x = line(x)
            cut = (beside.shape[-1] - x.shape[-1]) // 2
            beside = beside[:, :, cut : beside.shape[2] - cut, cut : beside.shape[3] - cut]
            x = line(concat(beside, x), 1)
        return self.mask(x)


def unet():
    """Ronneberger et al., 2015: valid convolutions, without batch norm."""
    return UNet((64, 128, 256, 512, 1024), padded=False)


def small_unet():
    return UNet((16, 32, 64), padded=True)


# --- SqueezeNet -------------------------------------------------------------------------------------------------------


class Fire(nn.Module):
    """1×1 to few channels, and from those 1×1 and 3×3 side by side."""

    word = "fire"

    def __init__(self, inputs, squeezed, expanded):
        super().__init__()
        self.squeeze = Line([nn.Conv2d(inputs, squeezed, 1), functional.relu])
        self.out = Line(
            [nn.Conv2d(squeezed, expanded, 1), functional.relu],
            [nn.Conv2d(squeezed, expanded, 3, padding=1), functional.relu],
        )

    def forward(self, x):
        x = self.squeeze(x)
        return concat(self.out(x, 0), self.out(x, 1))


def squeezenet():
    """Iandola et al., 2016: version 1.1."""
    pool = max_pool(3, 2, ceil_mode=True)
    return Lines(
        stem=Line([nn.Conv2d(3, 64, 3, 2), functional.relu, pool]),
        fire2=Line([Fire(64, 16, 64)]),
        fire3=Line([Fire(128, 16, 64), pool]),
        fire4=Line([Fire(128, 32, 128)]),
        fire5=Line([Fire(256, 32, 128), pool]),
        fire6=Line([Fire(256, 48, 192)]),
        fire7=Line([Fire(384, 48, 192)]),
        fire8=Line([Fire(384, 64, 256)]),
        fire9=Line([Fire(512, 64, 256)]),
        head=Line([nn.Conv2d(512, 1000, 1), functional.relu, global_avg_pool]),
    )


# --- DenseNet ---------------------------------------------------------------------------------------------------------


class Growing(nn.Module):
    """Batch norm, relu and 1×1, then the same with 3×3."""

    word = "growing"

    def __init__(self, inputs, width, channels):
        super().__init__()
        self.narrow = Line([nn.BatchNorm2d(inputs), functional.relu, nn.Conv2d(inputs, width, 1, bias=False)])
        self.out = Line([nn.BatchNorm2d(width), functional.relu, nn.Conv2d(width, channels, 3, padding=1, bias=False)])

    def forward(self, x):
        return self.out(self.narrow(x))


class Grown(Line):
    """A line that puts the channels of a growing layer behind those that it takes."""

    def forward(self, x):
        return concat(x, super().forward(x))


def densenet121():
    """Huang et al., 2016: growth 32, a width of 128 in between."""
    lines, channels = {"stem": stem()}, 64
    for block, count in enumerate((6, 12, 24, 16), start=1):
        for layer in range(1, count + 1):
            lines[f"block{block}_{layer}"] = Grown([Growing(channels, 128, 32)])
            channels += 32
        if block < 4:
            halved = nn.Conv2d(channels, channels // 2, 1, bias=False)
            pool = nn.functional.avg_pool2d
            lines[f"transition{block}"] = Line([nn.BatchNorm2d(channels), functional.relu, halved, lambda x: pool(x, 2)])
            channels //= 2
    last = [nn.BatchNorm2d(channels), functional.relu, global_avg_pool, nn.Linear(channels, 1000)]
    return Lines(**lines, head=Line(last))


# --- MobileNetV2 ------------------------------------------------------------------------------------------------------


class Inverted(nn.Module):
    """1×1 to many channels, 3×3 in each of them, and 1×1 back, with no activation behind it."""

    word = "inverted"

    def __init__(self, inputs, hidden, channels, stride=1):
        super().__init__()
        self.expand = Line([*normalised(inputs, hidden, 1), functional.relu6])
        self.filter = Line([*normalised(hidden, hidden, 3, stride, 1, groups=hidden), functional.relu6])
        self.project = Line(normalised(hidden, channels, 1))

    def forward(self, x):
        return self.project(self.filter(self.expand(x)))


class Residual(nn.Module):
    """The same beside the identity."""

    word = "residual"

    def __init__(self, hidden, channels):
        super().__init__()
        self.body = Line([Inverted(channels, hidden, channels)])

    def forward(self, x):
        return x + self.body(x)


def mobilenet_v2():
    """Sandler et al., 2018."""
    stages, inputs = {}, 16
    for stage, (channels, count, stride) in enumerate(
        ((24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)), start=2
    ):
        line = [Inverted(inputs, 6 * inputs, channels, stride)]
        if count > 1:
            line += [some(count - 1, Residual, 6 * channels, channels)]
        stages[f"stage{stage}"] = Line(line)
        inputs = channels
    first = [*normalised(32, 32, 3, 1, 1, groups=32), functional.relu6, *normalised(32, 16, 1)]
    return Lines(
        stem=Line([*normalised(3, 32, 3, 2, 1), functional.relu6]),
        stage1=Line(first),
        **stages,
        last=Line([*normalised(320, 1280, 1), functional.relu6]),
        head=head(1280),
    )


# How many parameters there are, by function and arguments.
PARAMETERS = {
    (resnet, 18): 11_689_512,
    (resnet, 34): 21_797_672,
    (resnet, 50): 25_557_032,
    (cifar_resnet, 20): 269_722,
    (cifar_resnet, 110): 1_727_962,
    (cifar_resnet, 1202): 19_421_274,
    (googlenet,): 13_004_888,
    (unet,): 31_030_658,
    (small_unet,): 117_090,
    (squeezenet,): 1_235_496,
    (densenet121,): 7_978_856,
    (mobilenet_v2,): 3_504_872,
}
# Of those; the two auxiliary classifiers of GoogLeNet have the rest.
GOOGLENET_WITHOUT_AUXILIARIES = 6_624_904


def check_count(model, function, *arguments):
    parameters, _ = names(model)
    count = sum(parameter.numel() for parameter in parameters.values())
    expected = PARAMETERS[function, *arguments]
    assert count == expected, f"{function.__name__}{arguments} has {count} parameters instead of {expected}"
    if function is googlenet:
        trunk = sum(value.numel() for name, value in parameters.items() if not name.startswith("aux"))
        assert trunk == GOOGLENET_WITHOUT_AUXILIARIES, f"{trunk} without auxiliaries"


def build(function, *arguments, dtype=torch.float32, gain=1):
    """A network with memory for its parameters, filled."""
    with torch.device("meta"):
        model = function(*arguments)
    check_count(model, function, *arguments)
    return seeded.fill(model.to(dtype).to_empty(device="cpu"), gain)
