#!/usr/bin/env python3
"""Finds the coefficients of the elementary functions: `python3 minimax.py`, with mpmath.

Remez' exchange algorithm on a Chebyshev grid, with a weight that turns the polynomial's error into the function's. The
coefficients are rounded to the type one after the other, lowest power first, and those that remain are fitted again to
what the rounding left, so that all of them together make up for it.
"""

import mpmath as mp
from mpmath import mpf
import struct

mp.mp.prec = 200
GRID = 600
LN2 = mp.log(2)
# Stands in for a weight that vanishes.
LEAST = mpf(2) ** -70


def grid(lowest, highest):
    angles = [mp.pi * k / (GRID - 1) for k in reversed(range(GRID))]
    return [(lowest + highest) / 2 + (highest - lowest) / 2 * mp.cos(angle) for angle in angles]


def levelled(powers, reference, xs, values, weights):
    """The coefficients whose weighted errors at the reference are equal but for alternating signs."""
    size = len(reference)
    matrix = mp.matrix(size, size)
    for row, i in enumerate(reference):
        for column, power in enumerate(powers):
            matrix[row, column] = xs[i] ** power
        matrix[row, size - 1] = (-1) ** row / weights[i]
    solution = mp.lu_solve(matrix, mp.matrix([values[i] for i in reference]))
    return list(solution)[:-1], abs(solution[size - 1])


def alternation(errors, size):
    """Where the error is largest between its sign changes, thinned out to `size` places that alternate."""
    peaks = []
    for i, error in enumerate(errors):
        if not peaks or (error > 0) != (errors[peaks[-1]] > 0):
            peaks.append(i)
        elif abs(error) > abs(errors[peaks[-1]]):
            peaks[-1] = i
    while len(peaks) > size:
        if len(peaks) == size + 1:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        else:
            pairs = range(len(peaks) - 1)
            k = min(pairs, key=lambda k: max(abs(errors[peaks[k]]), abs(errors[peaks[k + 1]])))
            del peaks[k : k + 2]
    return peaks


def exchange(powers, xs, values, weights, reference):
    best, size = None, len(powers) + 1
    for _ in range(40):
        coefficients, level = levelled(powers, reference, xs, values, weights)
        errors = [
            w * (mp.fsum(c * x**p for c, p in zip(coefficients, powers)) - v) for x, v, w in zip(xs, values, weights)
        ]
        largest = max(map(abs, errors))
        if best is None or largest < best[0]:
            best = largest, coefficients
        reference = alternation(errors, size)
        if largest < 1.01 * level or len(reference) < size:
            break
    return best


def remez(powers, xs, values, weights):
    """The better of what the exchange makes of two first references."""
    size = len(powers) + 1
    with_ends = [round(k * (GRID - 1) / (size - 1)) for k in range(size)]
    inside = [int((k + 0.5) * GRID / size) for k in range(size)]
    return min((exchange(powers, xs, values, weights, r) for r in (with_ends, inside)), key=lambda best: best[0])[1]


def nearest(x, scalar_type):
    return mpf(float(x)) if scalar_type == "f64" else mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def fit(function, weight, lowest, highest, degree, scalar_type):
    xs = grid(mpf(lowest), mpf(highest))
    values, weights = [function(x) for x in xs], [max(weight(x), LEAST) for x in xs]
    rest, coefficients = values, []
    for power in range(degree + 1):
        c = nearest(remez(range(power, degree + 1), xs, rest, weights)[0], scalar_type)
        rest = [r - c * x**power for r, x in zip(rest, xs)]
        coefficients.append(c)
    return coefficients, max(abs(w * r) for w, r in zip(weights, rest))


def series_or(direct, *series):
    """`direct`, and near zero, where it cancels, the first terms of its power series."""
    return lambda x: mp.polyval(series[::-1], x) if abs(x) < mpf(2) ** -40 else direct(x)


def small_tanh(y):
    x = mp.sqrt(y)
    return x**3 / (x - mp.tanh(x))


exp_tail = series_or(lambda r: (mp.expm1(r) - r) / r**2, mpf(1) / 2, mpf(1) / 6, mpf(1) / 24)
log_series = series_or(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, mpf(2) / 3, mpf(2) / 5, mpf(2) / 7)
tanh_small = series_or(small_tanh, mpf(3), mpf(6) / 5, -mpf(1) / 175)
erf_small = series_or(lambda y: mp.erf(mp.sqrt(y)) / mp.sqrt(y) - 1, 2 / mp.sqrt(mp.pi) - 1, -2 / mp.sqrt(mp.pi) / 3)


def erf_large(t):
    return mp.erfc(1 + t) ** 0.25


def erf_weight(end):
    """The slope of the fourth power, a little above the root: towards the end the error is not small against that."""
    margin = erf_large(end) / 4
    return lambda t: 4 * (erf_large(t) + margin) ** 3


HALF = LN2 / 2 * mpf("1.0005")
LOG_END = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.001")
EXP = exp_tail, lambda r: r**2 / mp.exp(r), -HALF, HALF
LN = log_series, lambda z: z / 2, 0, LOG_END
TANH = tanh_small, lambda y: y / tanh_small(y) / (tanh_small(y) - y), 0, 1
ERF = erf_small, lambda y: 1 / (1 + erf_small(y)), 0, 1
# (name, function, weight, ends, degree, type)
FITS = [
    ("exp tail", *EXP, 4, "f32"),
    ("exp tail", *EXP, 9, "f64"),
    ("ln series", *LN, 2, "f32"),
    ("ln series", *LN, 6, "f64"),
    ("tanh small", *TANH, 3, "f32"),
    ("tanh small", *TANH, 8, "f64"),
    ("erf small", *ERF, 6, "f32"),
    ("erf small", *ERF, 11, "f64"),
    ("erf large", erf_large, erf_weight(3), 0, 3, 8, "f32"),
    ("erf large", erf_large, erf_weight(5), 0, 5, 20, "f64"),
]


def shortest(x, scalar_type):
    """The shortest decimal that reads back as `x`."""
    for digits in range(1, 18):
        text = f"{float(x):.{digits}g}"
        if nearest(mpf(text), scalar_type) == x:
            return text


def main():
    for name, *arguments, scalar_type in FITS:
        coefficients, error = fit(*arguments, scalar_type)
        print(f"{name}, {scalar_type}: error 2^{float(mp.log(error, 2)):.1f}")
        for c in coefficients:
            print("   ", shortest(c, scalar_type))


main()
