#!/usr/bin/env python3
"""Writes the reference values of the f64 tests: `python3 make.py`, with mpmath.

Each file holds records of 20 bytes, little-endian: the argument x (f64), the f64 nearest to f(x), and what f(x) has
beyond it in units of its last place (f32, between -1/2 and 1/2).
"""

import math
import pathlib
import random
import struct

import mpmath

mpmath.mp.prec = 256
POINTS = 2400
NEIGHBOURS = 2
LN2 = math.log(2)
SQRT2 = math.sqrt(2)


def logistic(x):
    return 1 / (1 + mpmath.exp(-x))


def turns(lowest, highest, step):
    """Where the nearest multiple of `step` changes."""
    first, last = math.ceil(lowest / step), math.floor(highest / step)
    every = max(1, (last - first) // 60)
    return [(k + 0.5) * step for k in range(first, last, every)]


EXP = [-745.2, -745.13, -709.0, -708.4, 0.0, 709.78, 709.782712893384, 710.0] + turns(-745, 709, LN2)
EXP_M1 = [-38.0, -37.4, 0.0, 709.782712893384] + turns(-40, 20, LN2)
LN = [1.0, SQRT2, 1 / SQRT2, 2.0, 0.5, 2.2250738585072014e-308, 1.7976931348623157e308]
LN_1P = [0.0, SQRT2 - 1, 1 / SQRT2 - 1, -0.5, 1.0, 2 * SQRT2 - 1, 2.0**52, 2.0**53, -1 + 2.0**-51]
TANH = [0.0, 1.0, -1.0, 18.7, 19.06, 22.0] + turns(1, 20, LN2 / 2)
LOGISTIC = [-745.2, -745.13, -709.0, -708.4, 0.0, 36.04, 36.7, 37.43, 37.5] + turns(-745, 40, LN2)
ERF = [0.0, 1.0, -1.0, 1.5] + [5 + k / 16 for k in range(24)]

# name: function, thresholds, range of the uniform arguments, range of the exponents of two, whether negative ones too.
FUNCTIONS = {
    "exp": (mpmath.exp, EXP, (-746, 711), (-60, 9), True),
    "exp_m1": (mpmath.expm1, EXP_M1, (-40, 60), (-1074, 9), True),
    "ln": (mpmath.log, LN, (0.4, 2.2), (-1074, 1024), False),
    "ln_1p": (mpmath.log1p, LN_1P, (-0.9999, 2.5), (-1074, 1024), False),
    "tanh": (mpmath.tanh, TANH, (-3, 3), (-1074, 5), True),
    "logistic": (logistic, LOGISTIC, (-5, 5), (-60, 9), True),
    "erf": (mpmath.erf, ERF, (-3, 3), (-1074, 3), True),
}


def neighbours(x):
    above, below, points = x, x, [x]
    for _ in range(NEIGHBOURS):
        above, below = math.nextafter(above, math.inf), math.nextafter(below, -math.inf)
        points += [above, below]
    return points


def arguments(thresholds, uniform, exponents, negative):
    points = [x for t in thresholds for x in neighbours(t) if math.isfinite(x)]
    while len(points) < POINTS:
        points.append(random.uniform(*uniform))
        x = math.ldexp(random.uniform(1, 2), random.randrange(*exponents))
        points.append(-x if negative and random.random() < 0.5 else x)
    return points


def record(f, x):
    value = f(mpmath.mpf(x)) if x != 0 or f in (mpmath.exp, logistic) else mpmath.mpf(x)
    unit = max(mpmath.floor(mpmath.log(abs(value), 2)) - 52, -1074) if value else -1074
    scaled = mpmath.ldexp(value, -int(unit))
    whole = mpmath.nint(scaled)
    overflows = abs(mpmath.ldexp(whole, int(unit))) >= mpmath.mpf(2) ** 1024
    nearest = math.inf if overflows else math.copysign(math.ldexp(int(whole), int(unit)), value or x)
    return struct.pack("<ddf", x, nearest, 0.0 if overflows else float(scaled - whole))


def main():
    folder = pathlib.Path(__file__).parent
    random.seed(20)
    for name, (f, *where) in FUNCTIONS.items():
        (folder / f"{name}.bin").write_bytes(b"".join(record(f, x) for x in arguments(*where)))


main()
