"""Writes metrics.safetensors: what scikit-learn computes for outputs, labels and values, ties and empty classes included.

Run, in any directory:

    python3 tests/references/make_metrics.py

Needs scikit-learn, numpy and safetensors. README.md lists the names of the tensors.
"""

import warnings
from pathlib import Path

import numpy as np
import sklearn
from safetensors.numpy import save_file
from sklearn import metrics

HERE = Path(__file__).resolve().parent
MASK = (1 << 64) - 1
ZERO_DIVISIONS = {"zero": 0.0, "one": 1.0, "skip": np.nan}


def fixed(seed, *shape):
    """Pseudo-random multiples of 2⁻¹² in ±1, by SplitMix64."""
    values = []
    state = seed & MASK
    for _ in range(int(np.prod(shape))):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        values.append(((z >> 51) - 4096) / 4096)
    return np.array(values).reshape(shape)


def classes(seed, samples, count):
    """Random classes of 0..count."""
    return np.minimum(((fixed(seed, samples) + 1) / 2 * count).astype(np.int64), count - 1)


def top_k(labels, scores, k):
    """With the smaller class first of equal ones: scikit-learn puts the larger one first, so classes are turned round."""
    count = scores.shape[1]
    return metrics.top_k_accuracy_score(count - 1 - labels, scores[:, ::-1], k=k, labels=range(count))


def classification(name, scores, labels):
    """All that a confusion matrix says."""
    count = scores.shape[1]
    predicted = scores.argmax(axis=1)
    tensors = {
        "scores": scores,
        "labels": labels,
        "accuracy": metrics.accuracy_score(labels, predicted),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=range(count)).astype(np.float64),
        "top_k": [top_k(labels, scores, k) for k in range(1, count)],
    }
    for key, zero_division in ZERO_DIVISIONS.items():
        for average in (None, "macro", "micro", "weighted"):
            measures = metrics.precision_recall_fscore_support(
                labels, predicted, labels=range(count), average=average, zero_division=zero_division
            )
            tensors[f"{average or 'each'}.{key}"] = np.array(measures[:3])
    return {f"{name}.{key}": value for key, value in tensors.items()}


def roc(name, scores, positive):
    """The curve and its area, without leaving points out."""
    rates = metrics.roc_curve(positive, scores, drop_intermediate=False)
    tensors = dict(zip(("false_positive_rate", "true_positive_rate", "thresholds"), rates))
    tensors |= {"scores": scores, "positive": positive, "auc": metrics.roc_auc_score(positive, scores)}
    return {f"{name}.{key}": value for key, value in tensors.items()}


def one_vs_rest(name, scores, labels):
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    auc = metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    return {f"{name}.outputs": probabilities, f"{name}.labels": labels, f"{name}.auc": auc}


def regression(name, outputs, targets):
    tensors = {"outputs": outputs, "targets": targets}
    for key, score in {
        "mse": metrics.mean_squared_error,
        "mae": metrics.mean_absolute_error,
        "r2": metrics.r2_score,
    }.items():
        tensors[key] = score(targets, outputs)
        tensors[f"{key}.each"] = score(targets, outputs, multioutput="raw_values")
    return {f"{name}.{key}": value for key, value in tensors.items()}


def main():
    tensors = {}
    labels = classes(1, 200, 5)
    tensors |= classification("classes", fixed(2, 200, 5) + 0.7 * np.eye(5)[labels], labels)
    tensors |= classification("ties", np.floor(3 * fixed(3, 120, 4)), classes(4, 120, 4))
    # Class 1 has no sample and class 3 no prediction; class 4 has neither.
    scores = fixed(5, 60, 5) - np.array([0, 0, 0, 9, 9])
    tensors |= classification("empty", scores, np.array([0, 2, 3])[classes(6, 60, 3)])
    tensors |= classification("perfect", np.eye(3)[classes(7, 30, 3)], classes(7, 30, 3))

    positive = classes(8, 150, 2)
    tensors |= roc("roc", fixed(9, 150) + 0.5 * positive, positive)
    tensors |= roc("roc_ties", np.floor(4 * (fixed(10, 150) + 0.5 * positive)), positive)
    tensors |= roc("roc_constant", np.zeros(150), positive)
    tensors |= roc("roc_perfect", fixed(11, 150) + 3.0 * positive, positive)
    tensors |= one_vs_rest("one_vs_rest", fixed(12, 90, 4), classes(13, 90, 4))
    tensors |= one_vs_rest("one_vs_rest_ties", np.floor(2 * fixed(14, 90, 3)), classes(15, 90, 3))

    targets = 3 * fixed(16, 80, 3) + np.array([0, 100, -5])
    tensors |= regression("values", targets + fixed(17, 80, 3) * np.array([0.5, 4, 1]), targets)
    constant = np.repeat([[0.5, -2.0, 1.0]], 20, axis=0)
    wrong = constant + np.array([0, 1, 0]) * fixed(18, 20, 3)
    tensors |= regression("constant", wrong, constant)
    tensors |= regression("perfect_values", targets, targets)

    arrays = {key: np.ascontiguousarray(np.atleast_1d(np.asarray(value))) for key, value in tensors.items()}
    save_file(arrays, HERE / "metrics.safetensors", metadata={"sklearn": sklearn.__version__})


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
