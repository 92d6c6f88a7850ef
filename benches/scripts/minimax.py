#!/usr/bin/env python3
"""Coefficients of the vector functions in crates/symreg/src/kernels.

Polynomials of least largest relative error by Remez' exchange, in 80 digits,
then rounded to double precision. Prints them as Rust arrays, lowest power first,
with the error of the rounded polynomial in units of 2^-53.

    pip install mpmath && python3 minimax.py
"""

import mpmath as mp

mp.mp.dps = 80


def remez(f, weight, low, high, degree, rounds=12):
    """Coefficients of the polynomial p that minimises max |weight * (p - f)|."""
    n = degree + 2
    center, half = (low + high) / 2, (high - low) / 2
    nodes = [center - half * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    for _ in range(rounds):
        system, right = mp.matrix(n, n), mp.matrix(n, 1)
        for row, x in enumerate(nodes):
            for power in range(degree + 1):
                system[row, power] = x**power
            system[row, degree + 1] = (-1) ** row / weight(x)
            right[row] = f(x)
        solution = mp.lu_solve(system, right)
        coefficients = [solution[k] for k in range(degree + 1)]
        error = lambda x: weight(x) * (mp.polyval(coefficients[::-1], x) - f(x))
        grid = [center - half * mp.cos(mp.pi * k / 1200) for k in range(1201)]
        values = [error(x) for x in grid]
        groups, start = [], 0
        for k in range(1, len(grid) + 1):
            if k == len(grid) or values[k] * values[start] < 0:
                groups.append(max(range(start, k), key=lambda i: abs(values[i])))
                start = k
        if len(groups) != n:
            break
        nodes = [grid[i] for i in groups]
    return coefficients


def show(name, f, weight, low, high, degree, head=()):
    low, high = mp.mpf(low), mp.mpf(high)
    exact = [mp.mpf(c) for c in head]
    shift = len(exact)
    rest = lambda x: (f(x) - mp.polyval(exact[::-1], x)) / x**shift if shift else f(x)
    scaled = lambda x: weight(x) * x**shift
    coefficients = [float(c) for c in remez(rest, scaled, low, high, degree)]
    grid = [low + (high - low) * (k + mp.mpf(1) / 3) / 3000 for k in range(3000)]
    polynomial = [mp.mpf(c) for c in coefficients[::-1]]
    worst = max(abs(scaled(x) * (mp.polyval(polynomial, x) - rest(x))) for x in grid)
    print(f"// {name}: largest relative error {mp.nstr(worst * 2**53, 3)} * 2^-53")
    print(f"[{', '.join(repr(c) for c in coefficients)}]\n")


def series(f, at_zero, x):
    """f(x), or its beginning where f divides zero by zero."""
    return f(x) if abs(x) > mp.mpf(10) ** -30 else at_zero(x)


half_log2 = mp.log(2) / 2 * mp.mpf("1.0001")
show(
    "(exp(r) - 1 - r) / r^2",
    lambda r: series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6, r),
    lambda r: r**2 / mp.exp(r) + mp.mpf(10) ** -9,
    -half_log2,
    half_log2,
    9,
)
quarter = (mp.pi / 2 * mp.mpf("1.005")) ** 2
show(
    "(sin(r) / r - 1) / r^2 in r^2",
    lambda z: series(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: -mp.mpf(1) / 6 + z / 120, z),
    lambda z: z * mp.sqrt(z) / mp.sin(mp.sqrt(z)) if z else mp.mpf(10) ** -9,
    mp.mpf(10) ** -12,
    quarter,
    7,
)
show(
    "(2 artanh(s) / s - 2) / s^2 in s^2, to s = 1/5",
    lambda w: series(lambda w: (2 * mp.atanh(mp.sqrt(w)) / mp.sqrt(w) - 2) / w, lambda w: mp.mpf(2) / 3 + 2 * w / 5, w),
    lambda w: w + mp.mpf(10) ** -9,
    mp.mpf(10) ** -12,
    mp.mpf("0.0401"),
    7,
)
show(
    "((2 artanh(s) / s - 2) / s^2 - 2/3) / s^2 in s^2, to s = 1/5",
    lambda w: series(
        lambda w: ((2 * mp.atanh(mp.sqrt(w)) / mp.sqrt(w) - 2) / w - mp.mpf(2) / 3) / w,
        lambda w: mp.mpf(2) / 5 + 2 * w / 7,
        w,
    ),
    lambda w: w * w + mp.mpf(10) ** -9,
    mp.mpf(10) ** -8,
    mp.mpf("0.0401"),
    7,
)
show("z^(-1/3) from 3/8 to 3", lambda z: z ** (-mp.mpf(1) / 3), lambda z: z ** (mp.mpf(1) / 3), "0.374", "3.01", 4)


def parts(name, value, bits):
    """The value as a sum of doubles, all but the last of so many bits."""
    out, rest = [], value
    for width in bits:
        exponent = mp.floor(mp.log(abs(rest), 2)) - (width - 1)
        part = mp.nint(rest / mp.mpf(2) ** exponent) * mp.mpf(2) ** exponent
        out.append(float(part))
        rest -= part
    print(f"// {name} in parts of {bits} bits\n[{', '.join(repr(c) for c in out)}]\n")


parts("pi", mp.pi, [53, 53, 53])
parts("pi", mp.pi, [30, 30, 30, 53])
parts("log 2", mp.log(2), [40, 53])
parts("log 2", mp.log(2), [32, 53])
