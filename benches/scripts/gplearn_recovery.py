#!/usr/bin/env python3
"""Recovery of known laws by gplearn, on the rows of the recovery example of symreg.

    recovery data N 0.1 5 101 > rows.jsonl
    pip install gplearn numpy && python3 gplearn_recovery.py rows.jsonl > gplearn.jsonl

One JSON line a run on the standard output, a table on the standard error. 20,000 evaluations (population 1000,
20 generations), for more would take a hundred times the CPU of the others; gplearn keeps no front, so that what it
picks is all there is. Defaults elsewhere, but mean square error and a protected exponential function, which it lacks.
"""

import json
import statistics
import sys
import time

import numpy as np
from gplearn.functions import make_function
from gplearn.genetic import SymbolicRegressor


def protected_exp(x):
    with np.errstate(over="ignore"):
        return np.where(np.abs(x) < 100, np.exp(np.clip(x, -100, 100)), 0.0)


EXP = make_function(function=protected_exp, name="exp", arity=1)


def part(data):
    return np.array(data["columns"]).T, np.array(data["y"])


def unexplained(values, y):
    if not np.all(np.isfinite(values)):
        return float("inf")
    return float(np.sum((y - values) ** 2) / np.sum((y - y.mean()) ** 2))


def run(data):
    functions = ["add", "sub", "mul", "div", "log", "sin", "cos", EXP]
    model = SymbolicRegressor(
        population_size=1000,
        generations=20,
        metric="mse",
        function_set=functions + (["sqrt"] if data["suite"] == "F" else []),
        random_state=data["seed"],
        n_jobs=1,
    )
    start = time.process_time()
    model.fit(*part(data["train"]))
    seconds = time.process_time() - start
    inside, wide = part(data["inside"]), part(data["wide"])
    return {
        **{key: data[key] for key in ("suite", "law", "noise", "seed")},
        "one_minus_r2": unexplained(model.predict(inside[0]), inside[1]),
        "one_minus_r2_wide": unexplained(model.predict(wide[0]), wide[1]),
        "cpu_seconds": seconds,
        "formula": str(model._program),
    }


def run_and_print(line):
    row = run(json.loads(line))
    print(json.dumps(row), flush=True)
    return row


def main():
    rows = [run_and_print(line) for line in open(sys.argv[1])]
    share = lambda key, limit: 100 * sum(row[key] < limit for row in rows) / len(rows)
    print(
        f"R2 {share('one_minus_r2', 1e-3):.0f}  exact {share('one_minus_r2_wide', 1e-6):.0f}  "
        f"CPU s {statistics.median(row['cpu_seconds'] for row in rows):.2f}",
        file=sys.stderr,
    )


main()
