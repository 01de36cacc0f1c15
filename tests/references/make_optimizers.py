"""Writes the reference trajectories of the stochastic optimisers, of averaging and of gradient clipping.

Run, in any directory:

    python3 tests/references/make_optimizers.py

Needs `torch`, `numpy` and `safetensors`; versions and the order of bits are as `make.py` says. Lion, and Rprop with
backtracking, are not in `torch`: they are written out here from the papers, with numpy. README.md lists the names of the
tensors.
"""

import numpy
import torch
from make import fixed, save
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

STEPS = 12
PARAMETERS = 37

OPTIMIZERS = {
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "adagrad_decays": (torch.optim.Adagrad, {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.02}),
    "adagrad_accumulator": (torch.optim.Adagrad, {"lr": 0.5, "initial_accumulator_value": 0.25, "eps": 1e-3}),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0}),
    "adadelta_settings": (torch.optim.Adadelta, {"lr": 5.0, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.02}),
    "amsgrad": (torch.optim.Adam, {"lr": 0.01, "amsgrad": True}),
    "amsgrad_settings": (
        torch.optim.Adam,
        {"lr": 0.05, "betas": (0.5, 0.6), "eps": 1e-4, "weight_decay": 0.02, "amsgrad": True},
    ),
    "amsgrad_decoupled": (torch.optim.AdamW, {"lr": 0.05, "weight_decay": 0.3, "amsgrad": True}),
    "nadam": (torch.optim.NAdam, {"lr": 0.01}),
    "nadam_settings": (
        torch.optim.NAdam,
        {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.02, "momentum_decay": 0.3},
    ),
    "nadam_decoupled": (torch.optim.NAdam, {"lr": 0.05, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01}),
    "rmsprop_settings": (torch.optim.RMSprop, {"lr": 0.02, "alpha": 0.9, "eps": 1e-4, "weight_decay": 0.02}),
    "rmsprop_momentum": (torch.optim.RMSprop, {"lr": 0.01, "momentum": 0.9}),
    "rmsprop_centered": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "centered": True}),
    "rmsprop_centered_momentum": (
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.95, "momentum": 0.8, "centered": True, "weight_decay": 0.02},
    ),
    "rprop": (torch.optim.Rprop, {"lr": 0.01}),
    "rprop_settings": (torch.optim.Rprop, {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.02, 0.2)}),
}


def given(dtype):
    """The first parameters, the gradient of each step, and its loss."""
    start = fixed(60, PARAMETERS, scale=2.0)
    gradients = fixed(61, STEPS, PARAMETERS)
    # As in `make.py`: a parameter whose gradient stays zero, one that is zero too, a large, a small, a constant gradient.
    gradients[:, 0:2] = 0.0
    start[1] = 0.0
    gradients[:, 2] *= 2.0**10
    gradients[:, 3] *= 2.0**-20
    gradients[:, 4] = 0.25
    return start.to(dtype), gradients.to(dtype), fixed(62, STEPS).to(dtype)


def trajectory(start, gradients, make_optimizer, after_step=lambda parameter: parameter):
    """What `after_step` gives for the parameters after each step."""
    parameter = torch.nn.Parameter(start.clone())
    optimizer = make_optimizer([parameter])
    after = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(after_step(parameter).detach().clone())
    return torch.stack(after)


def lion(start, gradients, learning_rate, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Chen et al. (2023), algorithm 2."""
    w, m, after = start.copy(), numpy.zeros_like(start), []
    for g in gradients:
        c = beta1 * m + (1 - beta1) * g
        w = w - learning_rate * (numpy.sign(c) + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g
        after.append(w)
    return numpy.stack(after)


def rprop_with_backtracking(start, gradients, losses, learning_rate, shrink=0.5, grow=1.2, smallest=1e-6, largest=50.0):
    """iRprop+ of Igel and Hüsken (2003), table 4, and without losses Rprop+ (table 1), one parameter at a time."""
    dtype = start.dtype.type
    w, after = start.copy(), []
    size = numpy.full_like(w, learning_rate)
    previous, step = numpy.zeros_like(w), numpy.zeros_like(w)
    for t, g in enumerate(gradients):
        g = g.copy()
        grew = losses is None or t == 0 or losses[t] > losses[t - 1]
        for i in range(len(w)):
            if g[i] * previous[i] > 0:
                size[i] = min(size[i] * dtype(grow), dtype(largest))
            elif g[i] * previous[i] < 0:
                size[i] = max(size[i] * dtype(shrink), dtype(smallest))
                if grew:
                    w[i] -= step[i]
                g[i] = 0
                previous[i] = 0
                continue
            step[i] = -numpy.sign(g[i]) * size[i]
            w[i] += step[i]
            previous[i] = g[i]
        after.append(w.copy())
    return numpy.stack(after)


class Parameter(torch.nn.Module):
    def __init__(self, start):
        super().__init__()
        self.parameter = torch.nn.Parameter(start.clone())


def averages(start, gradients, first, **options):
    """The average after each step from number `first` on, of gradient descent with momentum."""
    model = Parameter(start)
    average = AveragedModel(model, **options)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, foreach=False)
    after = []
    for number, gradient in enumerate(gradients, start=1):
        model.parameter.grad = gradient.clone()
        optimizer.step()
        if number >= first:
            average.update_parameters(model)
            after.append(average.module.parameter.detach().clone())
    return torch.stack(after)


def clipped(gradients):
    tensors = {}
    norms, by_norm, by_value = [], [], []
    for gradient in gradients:
        parameter = torch.nn.Parameter(torch.zeros_like(gradient))
        parameter.grad = gradient.clone()
        norms.append(clip_grad_norm_([parameter], 400.0, foreach=False))
        by_norm.append(parameter.grad)
        parameter.grad = gradient.clone()
        clip_grad_value_([parameter], 0.375, foreach=False)
        by_value.append(parameter.grad)
    tensors["clip_by_norm.norms"] = torch.stack(norms)
    tensors["clip_by_norm.gradients"] = torch.stack(by_norm)
    tensors["clip_by_value.gradients"] = torch.stack(by_value)
    return tensors


def stochastic_optimizers(dtype, suffix):
    start, gradients, losses = given(dtype)
    tensors = {"start": start, "gradients": gradients, "losses": losses}
    for name, (kind, options) in OPTIMIZERS.items():
        after = trajectory(start, gradients, lambda parameters: kind(parameters, foreach=False, **options))
        tensors[f"{name}.params"] = after
    arrays = start.numpy(), gradients.numpy()
    own = {
        "lion": lion(*arrays, 0.01),
        "lion_settings": lion(*arrays, 0.05, beta1=0.7, beta2=0.8, weight_decay=0.3),
        "rprop_plus": rprop_with_backtracking(*arrays, None, 0.01),
        "irprop_plus": rprop_with_backtracking(*arrays, losses.numpy(), 0.1, shrink=0.3, grow=1.5),
    }
    tensors |= {f"{name}.params": torch.from_numpy(after) for name, after in own.items()}
    assert all(value.dtype == dtype for name, value in tensors.items() if name.endswith(".params"))
    tensors["averaged.averages"] = averages(start, gradients, 1)
    tensors["averaged_tail.averages"] = averages(start, gradients, 5)
    tensors["averaged_decay.averages"] = averages(start, gradients, 3, avg_fn=get_ema_avg_fn(0.75))
    save(f"stochastic_optimizers.{suffix}", tensors | clipped(gradients))


if __name__ == "__main__":
    torch.set_num_threads(1)
    for dtype, suffix in [(torch.float64, "f64"), (torch.float32, "f32")]:
        # NAdam keeps the product of its momenta in the default type, whatever that of the parameters.
        torch.set_default_dtype(dtype)
        stochastic_optimizers(dtype, suffix)
