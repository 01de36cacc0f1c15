"""What the Rust program asks for."""

import numpy as np


class Workload:
    """A network, its parameters, and the samples that it gets."""

    def __init__(self, question):
        self.layers = question["layers"]
        self.samples = question["samples"]
        self.input, self.output = question["input"], question["output"]
        self.loss, self.optimizer = question["loss"], question["optimizer"]
        self.learning_rate = question["learning_rate"]
        self.is_training = self.loss is not None
        self.steps = question["steps"] if self.is_training else 1
        # The same network for the engines that read ONNX.
        self.onnx = question["onnx"]
        self._shapes = question["tensors"]
        # Private: what training writes stays in this process.
        self._data = np.memmap(question["data"], np.float32, "c")

    def _arrays(self):
        """All that the file has: parameters and statistics, layer after layer; inputs; targets."""
        offset = 0
        for shape in [*self._shapes, [self.samples, *self.input]]:
            count = int(np.prod(shape))
            yield np.asarray(self._data[offset : offset + count]).reshape(shape)
            offset += count
        yield np.asarray(self._data[offset:])

    def tensors(self):
        """Parameters and statistics, layer after layer."""
        return list(self._arrays())[:-2]

    def inputs(self):
        return list(self._arrays())[-2]

    def targets(self):
        """The values of each sample, or the class of each sample or pixel."""
        targets = list(self._arrays())[-1]
        if self.loss == "mse_loss":
            return targets.reshape(self.samples, *self.output)
        return targets.astype(np.int64).reshape(self.samples, *self.output[1:])


def tensor_count(layer):
    """How many tensors a layer takes."""
    match layer:
        case ["Dense" | "ConvTranspose2d", *_]:
            return 2
        case ["Conv2d", *_, bias]:
            return 1 + bias
        case ["BatchNorm", _]:
            return 4
    return 0
