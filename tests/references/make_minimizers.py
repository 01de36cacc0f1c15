"""Writes minimizers.safetensors: what SciPy and PyTorch make of functions to be minimised. See README.md."""

from pathlib import Path

import numpy as np
import scipy
import torch
from safetensors.numpy import save_file
from scipy.optimize import minimize, rosen, rosen_der

PATH = 16
HERE = Path(__file__).parent


def path_of(fun, jac, start, method, **options):
    """The start and the first iterates, the minimum, and how many iterations and evaluations it took."""
    iterates = [np.array(start)]
    result = minimize(fun, start, jac=jac, method=method, callback=lambda x: iterates.append(x.copy()), options=options)
    return {"path": np.array(iterates[:PATH]), "minimum": result.x, "counts": np.array([result.nit, result.nfev])}


def torch_lbfgs(fun, start):
    """The minimum, and how many iterations and evaluations it took."""
    x = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [x], max_iter=1000, max_eval=5000, tolerance_grad=1e-9, tolerance_change=0, history_size=10,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        value = fun(x)
        value.backward()
        return value

    optimizer.step(closure)
    state = optimizer.state[x]
    return {"minimum": x.detach().numpy(), "counts": np.array([state["n_iter"], state["func_evals"]])}


def torch_rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quadratic(generator):
    """f(x) = ‖Ax − b‖²/2 with curvatures from 1 to 10⁶."""
    left, _ = np.linalg.qr(generator.standard_normal((10, 10)))
    right, _ = np.linalg.qr(generator.standard_normal((10, 10)))
    return left @ np.diag(np.logspace(0, 3, 10)) @ right, generator.standard_normal(10)


def logistic(generator):
    """Points of two classes that overlap: x, t, and the penalty on the weights."""
    t = np.arange(80) % 2
    x = generator.standard_normal((80, 3)) * [1.0, 3.0, 0.2] + t[:, None] * [1.0, -1.5, 0.1]
    return x.astype(np.float32).astype(np.float64), t.astype(np.float64), 0.01


def logistic_loss(x, t, penalty):
    def value(theta):
        z = x @ theta[:3] + theta[3]
        return np.mean(np.logaddexp(0, z) - t * z) + penalty / 2 * theta[:3] @ theta[:3]

    def gradient(theta):
        z = x @ theta[:3] + theta[3]
        d = (1 / (1 + np.exp(-z)) - t) / len(t)
        return np.append(x.T @ d + penalty * theta[:3], d.sum())

    return value, gradient


def main():
    generator = np.random.default_rng(5)
    tensors = {}

    def add(name, values):
        tensors.update({f"{name}.{key}": np.ascontiguousarray(value, dtype=np.float64) for key, value in values.items()})

    a, b = quadratic(generator)
    add("quadratic", {"a": a, "b": b, "solution": np.linalg.solve(a, b)})
    x, t, penalty = logistic(generator)
    add("logistic", {"x": x, "t": t, "penalty": [penalty]})
    problems = {
        "rosenbrock2": (rosen, rosen_der, np.array([-1.2, 1.0]), torch_rosenbrock),
        "rosenbrock2_origin": (rosen, rosen_der, np.zeros(2), torch_rosenbrock),
        "rosenbrock10": (rosen, rosen_der, np.tile([1.3, 0.7, 0.8, 1.9, 1.2], 2), torch_rosenbrock),
        "quadratic": (
            lambda x: np.sum((a @ x - b) ** 2) / 2,
            lambda x: a.T @ (a @ x - b),
            np.zeros(10),
            lambda x: ((torch.tensor(a) @ x - torch.tensor(b)) ** 2).sum() / 2,
        ),
    }
    for name, (fun, jac, start, torch_fun) in problems.items():
        add(f"{name}.bfgs", path_of(fun, jac, start, "BFGS", gtol=1e-6, maxiter=5000))
        add(f"{name}.cg", path_of(fun, jac, start, "CG", gtol=1e-6, maxiter=5000))
        add(f"{name}.lbfgs", path_of(fun, jac, start, "L-BFGS-B", gtol=1e-6, ftol=0, maxiter=5000, maxfun=50000, maxcor=10))
        add(f"{name}.torch", torch_lbfgs(torch_fun, start))
    value, gradient = logistic_loss(x, t, penalty)
    add("logistic.bfgs", path_of(value, gradient, np.zeros(4), "BFGS", gtol=1e-12))
    minimum = minimize(value, np.zeros(4), jac=gradient, method="BFGS", options={"gtol": 1e-12})
    add("logistic", {"loss": [minimum.fun]})
    for name, tensor in tensors.items():
        if name.endswith("counts"):
            print(name, tensor)
    versions = {"scipy": scipy.__version__, "torch": torch.__version__, "numpy": np.__version__}
    save_file(tensors, HERE / "minimizers.safetensors", versions)


if __name__ == "__main__":
    main()
