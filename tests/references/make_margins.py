"""Writes `margins.safetensors`: separable samples and the margins of support-vector machines on them.

Run, in any directory:

    python3 tests/references/make_margins.py

Needs `numpy`, `scipy`, `scikit-learn` and `safetensors`. Inputs are multiples of 2⁻¹⁰ in ±4, exact in f32, by the generator of
`make.py`'s `fixed`. README.md lists the names of the tensors.

The perceptron of optimal stability counts the bias in the norm of the weights: it is the machine without intercept on the
samples with a constant 1 behind them. scikit-learn always fits an intercept; where with each sample also its mirror image,
-x of the other class, is given, the best intercept is 0 by symmetry, and the machine is the one that is wanted. SciPy's SLSQP
solves the same problem, min ‖w‖² with σ·(w·x) ≥ 1, and has to agree.
"""

from pathlib import Path

import numpy as np
import scipy
import sklearn
from safetensors.numpy import save_file
from scipy.optimize import minimize
from sklearn.svm import SVC

HERE = Path(__file__).resolve().parent
MASK = (1 << 64) - 1


def fixed(seed, count):
    """Pseudo-random multiples of 2⁻¹⁰ in ±4, by SplitMix64."""
    values = []
    state = seed & MASK
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        values.append(((z >> 51) - 4096) / 1024)
    return np.array(values)


def separable(seed, features, samples, gap, bias):
    """Samples at least `gap` from a plane, which goes through the origin without a bias, and on which side they lie."""
    plane = fixed(seed, features + 1)
    plane[-1] *= bias
    plane /= np.linalg.norm(plane)
    rows = fixed(seed + 1, 40 * samples * features).reshape(-1, features)
    side = rows @ plane[:-1] + plane[-1]
    kept = np.flatnonzero(np.abs(side) >= gap)[:samples]
    assert len(kept) == samples
    return rows[kept], np.where(side[kept] >= 0, 1.0, -1.0)


def hard_margin(x, sigma):
    """The weights of the machine without intercept: σ·(w·x) ≥ 1, with equality for its support vectors."""
    both = np.concatenate([x, -x])
    machine = SVC(kernel="linear", C=1e9, tol=1e-10).fit(both, np.concatenate([sigma, -sigma]))
    assert abs(machine.intercept_[0]) < 1e-6, machine.intercept_
    weight = machine.coef_[0]

    constraint = {"type": "ineq", "fun": lambda w: sigma * (x @ w) - 1, "jac": lambda w: sigma[:, None] * x}
    options = {"maxiter": 1000, "ftol": 1e-14}
    solved = minimize(lambda w: w @ w / 2, 2 * weight, jac=lambda w: w, constraints=[constraint], options=options)
    assert solved.success, solved.message
    assert np.allclose(solved.x, weight, rtol=1e-6, atol=1e-9), (solved.x, weight)
    return solved.x


def main():
    tensors = {}
    for name, bias, arguments in [
        ("plane", True, (1, 2, 40, 0.3)),
        ("space", True, (3, 6, 60, 0.2)),
        ("through", False, (5, 4, 30, 0.3)),
    ]:
        x, sigma = separable(*arguments, bias)
        weight = hard_margin(np.column_stack([x, np.ones(len(x))]) if bias else x, sigma)
        tensors[f"{name}.x"] = x
        tensors[f"{name}.targets"] = (sigma > 0).astype(np.int64)
        tensors[f"{name}.stability"] = np.array([1 / np.linalg.norm(weight)])
        tensors[f"{name}.weight"] = weight / np.linalg.norm(weight)
        print(name, tensors[f"{name}.stability"], tensors[f"{name}.weight"])
    metadata = {"sklearn": sklearn.__version__, "scipy": scipy.__version__}
    save_file(tensors, HERE / "margins.safetensors", metadata=metadata)


main()
