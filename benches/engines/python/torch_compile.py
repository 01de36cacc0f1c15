"""PyTorch through `torch.compile`: what the documentation shows, with its default backend, which needs a C++ compiler."""

import pytorch
import torch

VERSION = pytorch.VERSION


def prepare(workload, threads):
    """A workload is compiled when it is first called; what was compiled for the one before it is forgotten."""
    torch.compiler.reset()
    return pytorch.prepare(workload, threads, torch.compile)
