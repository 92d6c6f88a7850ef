#!/usr/bin/env python3
"""Largest errors of the vector functions of symreg, in units in the last place.

Compares values of every level of this machine with mpmath, at random numbers of all
magnitudes, near multiples of pi/2, near one and near overflow. An error is
counted in units of the last place of the exact value, as a fraction.

    cargo build --release -p benches --example values
    pip install mpmath numpy && python3 accuracy.py ../../target/release/examples/values [POINTS]
"""

import subprocess
import sys

import mpmath as mp
import numpy as np

mp.mp.prec = 200
PROGRAM = sys.argv[1]
POINTS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
random = np.random.default_rng(1)


def magnitudes(low, high, signed=True):
    """Numbers from 2^low to 2^high, their logarithms uniform."""
    x = 2.0 ** random.uniform(low, high, POINTS)
    return x * random.choice([-1.0, 1.0], POINTS) if signed else x


def near_multiples():
    """The doubles nearest to multiples of pi/2, the hardest arguments of waves."""
    counts = np.unique(np.round(2.0 ** random.uniform(0, 39, POINTS // 4)))
    return np.array([float(mp.pi / 2 * int(k)) for k in counts])


def two(first, second):
    return np.concatenate([first, second])


def bases(x):
    """Powers whose exponent spreads the result over all doubles."""
    reach = np.clip(1074 / np.maximum(np.abs(np.log2(x)), 1e-300), 0, 1e300)
    return two(x, reach * random.uniform(-1, 1, len(x)))


SAMPLES = {
    "exp": [random.uniform(-745, 709.7, POINTS), magnitudes(-60, 9), random.uniform(-1, 1, POINTS)],
    "log": [magnitudes(-1074, 1024, False), random.uniform(0.5, 2, POINTS), 1 + magnitudes(-52, -2)],
    "sin": [random.uniform(-10, 10, POINTS), magnitudes(-300, 40), near_multiples(), magnitudes(40, 1024)],
    "cos": [random.uniform(-10, 10, POINTS), magnitudes(-300, 40), near_multiples(), magnitudes(40, 1024)],
    "tanh": [random.uniform(-3, 3, POINTS), magnitudes(-1000, 6)],
    "cbrt": [magnitudes(-1074, 1024), random.uniform(-8, 8, POINTS)],
    "pow": [bases(magnitudes(-1022, 1024, False)), bases(1 + magnitudes(-40, -2)), bases(random.uniform(0.1, 9, POINTS))],
    "sqrt": [magnitudes(-1074, 1024, False)],
    "inv": [magnitudes(-1020, 1020)],
    "div": [two(magnitudes(-500, 500), magnitudes(-500, 500)), two(magnitudes(-1074, 1024), magnitudes(-1074, 1024))],
}
EXACT = {
    "exp": mp.exp,
    "log": mp.log,
    "sin": mp.sin,
    "cos": mp.cos,
    "tanh": mp.tanh,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "pow": lambda a, b: mp.power(a, b),
    "sqrt": mp.sqrt,
    "inv": lambda x: 1 / x,
    "div": lambda a, b: a / b,
}


def error(value, exact):
    """Distance in units in the last place of the exact value."""
    if abs(exact) >= mp.mpf(2) ** 1024 * (1 - mp.mpf(2) ** -54):
        return 0.0 if value == float("inf") * int(mp.sign(exact)) else float("inf")
    exponent = max(mp.frexp(exact)[1] - 53, -1074) if exact else -1074
    return float(abs(mp.mpf(float(value)) - exact) / mp.mpf(2) ** exponent)


for name, samples in SAMPLES.items():
    worst = {}
    for sample in samples:
        count = len(sample) // 2 if name in ("pow", "div") else len(sample)
        operands = sample.reshape(-1, count)
        exact = [EXACT[name](*map(mp.mpf, map(float, column))) for column in operands.T]
        for level in ("avx512", "avx2", "portable"):
            run = subprocess.run([PROGRAM, name, level], input=sample.tobytes(), capture_output=True)
            if run.returncode:
                continue
            errors = [error(v, e) for v, e in zip(np.frombuffer(run.stdout), exact)]
            at = int(np.argmax(errors))
            worst.setdefault(level, []).append((errors[at], operands[:, at].tolist()))
    for level, found in worst.items():
        numbers = "  ".join(f"{e:.3f}" for e, _ in found)
        print(f"{name:5} {level:9} {numbers}   worst at {max(found)[1]}", flush=True)
