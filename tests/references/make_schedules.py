"""Writes `schedules.safetensors`: the learning rates of PyTorch's schedulers, as factors on the base, step by step.

    python3 tests/references/make_schedules.py

Needs `torch` and `safetensors`. `<name>` [60] is the learning rate at steps 0 … 59 over the base (for `one_cycle`, over the
peak). `plateau.losses` are what the scheduler was shown, and `plateau` the factor after each of them.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.optim import lr_scheduler as schedulers

HERE = Path(__file__).resolve().parent
BASE = 0.1
STEPS = 60


def optimizer():
    return torch.optim.SGD([torch.zeros(1, dtype=torch.float64)], lr=BASE)


def factors(make):
    """The learning rates of a scheduler over the base."""
    sgd = optimizer()
    scheduler = make(sgd)
    rates = []
    for _ in range(STEPS):
        rates.append(sgd.param_groups[0]["lr"] / BASE)
        sgd.step()
        scheduler.step()
    return torch.tensor(rates, dtype=torch.float64)


def warm_up(sgd):
    rising = schedulers.LinearLR(sgd, start_factor=1 / 6, total_iters=5)
    return schedulers.SequentialLR(sgd, [rising, schedulers.ExponentialLR(sgd, 0.9)], milestones=[5])


def one_cycle(sgd, **options):
    return schedulers.OneCycleLR(sgd, max_lr=BASE, total_steps=STEPS + 1, cycle_momentum=False, **options)


SCHEDULES = {
    "step_decay": lambda sgd: schedulers.StepLR(sgd, 7, gamma=0.3),
    "exponential": lambda sgd: schedulers.ExponentialLR(sgd, 0.95),
    "polynomial": lambda sgd: schedulers.PolynomialLR(sgd, total_iters=40, power=0.9),
    "cosine": lambda sgd: schedulers.CosineAnnealingLR(sgd, T_max=STEPS, eta_min=0.05 * BASE),
    "cosine_restarts": lambda sgd: schedulers.CosineAnnealingWarmRestarts(sgd, 8, T_mult=2, eta_min=0.1 * BASE),
    "cosine_restarts_equal": lambda sgd: schedulers.CosineAnnealingWarmRestarts(sgd, 9),
    "warm_up": warm_up,
    "one_cycle": one_cycle,
    "one_cycle_options": lambda sgd: one_cycle(sgd, pct_start=0.4, div_factor=10.0, final_div_factor=100.0),
}


def plateau():
    """Losses that fall, stay, and fall again, and the factor after each."""
    losses = [3.0, 2.0, 1.5, 1.5, 1.49, 1.5, 1.6, 1.2, 1.2, 1.2, 1.2, 1.2, 1.19, 1.1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.9]
    sgd = optimizer()
    scheduler = schedulers.ReduceLROnPlateau(sgd, factor=0.5, patience=2, threshold=0.01, cooldown=1, min_lr=0.2 * BASE)
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(sgd.param_groups[0]["lr"] / BASE)
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(rates, dtype=torch.float64)


def main():
    tensors = {name: factors(make) for name, make in SCHEDULES.items()}
    tensors["plateau.losses"], tensors["plateau"] = plateau()
    save_file(tensors, HERE / "schedules.safetensors", metadata={"torch": torch.__version__.split("+")[0]})


if __name__ == "__main__":
    main()
