"""Writes pytorch.safetensors, a file that PyTorch has made: one tensor of each type that can be read.

    pip install torch safetensors
    python make_pytorch.py

Every value is exact in every type, and different from all others of its tensor.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file


class Net(torch.nn.Module):
    """A dense layer and a convolution with a kernel that is not square."""

    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(3, 2)
        self.conv = torch.nn.Conv2d(2, 3, (1, 2))


def main():
    net = Net()
    types = {
        "hidden.weight": torch.float32,
        "hidden.bias": torch.float64,
        "conv.weight": torch.float16,
        "conv.bias": torch.bfloat16,
    }
    state = {}
    for name, tensor in net.state_dict().items():
        values = torch.arange(tensor.numel(), dtype=torch.float64) * 0.5 - 1.25
        state[name] = values.reshape(tensor.shape).to(types[name])
    save_file(state, Path(__file__).with_name("pytorch.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    main()
