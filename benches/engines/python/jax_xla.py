"""JAX on its CPU backend: functions that XLA compiles. Images lie channels last."""

import itertools
import os
from functools import partial

THREADS = os.environ["RAYON_NUM_THREADS"]
# Read when JAX starts: how many threads it has, and whether one operation may use several.
os.environ["NPROC"] = THREADS
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(THREADS != '1').lower()}"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from jax import lax
from jax.example_libraries import optimizers

from workload import tensor_count

VERSION = jax.__version__

# How an image and the windows over it lie.
LAYOUT = ("NHWC", "HWIO", "NHWC")
# By how much a batch moves the running statistics of a batch normalisation.
MOMENTUM = 0.1


def channels_last(x):
    return jnp.moveaxis(x, 1, -1)


def channels_first(x):
    return jnp.moveaxis(x, -1, 1)


def parameters(layers, filled, statistics):
    """A list for each layer, of its parameters or, for branches, of their lists. Running statistics are added to
    `statistics`."""

    def of(layer):
        if layer[0] in ("Add", "Concat"):
            return [parameters(branch, filled, statistics) for branch in layer[1]]
        tensors = [jnp.asarray(next(filled)) for _ in range(tensor_count(layer))]
        match layer:
            case ["Dense", *_]:
                tensors[0] = tensors[0].T
            case ["Conv2d", *_]:
                tensors[0] = tensors[0].transpose(2, 3, 1, 0)
            case ["ConvTranspose2d", *_]:
                # JAX does not turn the window round, as a gradient would.
                tensors[0] = tensors[0].transpose(2, 3, 0, 1)[::-1, ::-1]
            case ["BatchNorm", *_]:
                statistics.append(tensors[2:])
                return tensors[:2]
        return tensors

    return [of(layer) for layer in layers]


def convolution(x, weight, stride, padding):
    return lax.conv_general_dilated(x, weight, [stride] * 2, [[padding] * 2] * 2, dimension_numbers=LAYOUT)


def pool(x, start, operation, size, stride, padding=0):
    edges = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    return lax.reduce_window(x, start, operation, (1, size, size, 1), (1, stride, stride, 1), edges)


class BatchNorms:
    """The batch normalisations of a network, in order."""

    def __init__(self, running, is_training):
        self.running, self.is_training = iter(running), is_training
        # The running statistics after a training step.
        self.moved = []

    def __call__(self, x, gamma, beta, eps):
        mean, variance = next(self.running)
        if self.is_training:
            running, (mean, variance) = (mean, variance), (x.mean((0, 1, 2)), x.var((0, 1, 2)))
            count = x.size // x.shape[-1]
            batch = mean, variance * (count / (count - 1))
            self.moved.append([(1 - MOMENTUM) * old + MOMENTUM * new for old, new in zip(running, batch)])
        return (x - mean) * (lax.rsqrt(variance + eps) * gamma) + beta


def forward(layers, parameters, x, batch_norm):
    for layer, tensors in zip(layers, parameters):
        match layer:
            case ["Dense", _]:
                x = x @ tensors[0] + tensors[1]
            case ["Conv2d", _, _, stride, padding, bias]:
                x = convolution(x, tensors[0], stride, padding)
                x = x + tensors[1] if bias else x
            case ["ConvTranspose2d", _, size]:
                y = lax.conv_transpose(x, tensors[0], [size] * 2, "VALID", dimension_numbers=LAYOUT)
                x = y + tensors[1]
            case ["BatchNorm", eps]:
                x = batch_norm(x, *tensors, eps)
            case ["MaxPool", size, stride, padding]:
                x = pool(x, -jnp.inf, lax.max, size, stride, padding)
            case ["AvgPool", size, stride]:
                x = pool(x, 0.0, lax.add, size, stride) / (size * size)
            case ["GlobalAvgPool"]:
                x = x.mean((1, 2), keepdims=True)
            case ["Subsample", zeros]:
                x = jnp.pad(x[:, ::2, ::2, :], ((0, 0), (0, 0), (0, 0), (zeros, zeros)))
            case ["Flatten"]:
                x = channels_first(x).reshape(len(x), -1)
            case ["Relu"]:
                x = jax.nn.relu(x)
            case ["Tanh"]:
                x = jnp.tanh(x)
            case ["Add", branches]:
                first, second = (forward(*branch, x, batch_norm) for branch in zip(branches, tensors))
                x = first + second
            case ["Concat", branches]:
                x = jnp.concatenate([forward(*branch, x, batch_norm) for branch in zip(branches, tensors)], -1)
    return x


def mean_loss(name, y, targets):
    if name == "mse_loss":
        return jnp.mean((y - targets) ** 2)
    logarithms = jax.nn.log_softmax(y)
    return -jnp.take_along_axis(logarithms, targets[..., None], -1).mean()


def prepare(workload, threads):
    """What to measure, and its result as a list."""
    statistics = []
    weights = parameters(workload.layers, iter(workload.tensors()), statistics)
    x = jnp.asarray(workload.inputs())
    if x.ndim == 4:
        x = channels_last(x)
    return (training if workload.is_training else inference)(workload, weights, statistics, x)


def inference(workload, weights, statistics, x):
    """The weights are constants of the compiled function."""
    call = jax.jit(lambda x: forward(workload.layers, weights, x, BatchNorms(statistics, False)))

    def result(y):
        return (channels_first(y) if y.ndim == 4 else y).flatten().tolist()

    return lambda: call(x).block_until_ready(), result


def training(workload, weights, statistics, x):
    """A step is one compiled function, which gets the memory of the state that it replaces."""
    targets = jnp.asarray(workload.targets())
    start, update, weights_of = getattr(optimizers, workload.optimizer.lower())(workload.learning_rate)

    def loss_and_statistics(weights, statistics, x, targets):
        batch_norms = BatchNorms(statistics, True)
        y = forward(workload.layers, weights, x, batch_norms)
        return mean_loss(workload.loss, y, targets), batch_norms.moved

    @partial(jax.jit, donate_argnums=(1, 2))
    def step(count, state, statistics, x, targets):
        value_and_gradient = jax.value_and_grad(loss_and_statistics, has_aux=True)
        (loss, moved), gradient = value_and_gradient(weights_of(state), statistics, x, targets)
        return loss, update(count, gradient, state), moved

    state, count = start(weights), itertools.count()

    def run():
        nonlocal state, statistics
        loss, state, statistics = step(next(count), state, statistics, x, targets)
        return loss.block_until_ready()

    return run, lambda loss: [float(loss)]
