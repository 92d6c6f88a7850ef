#!/usr/bin/env python3
"""Recovery of known laws by Operon, on the rows of the recovery example of symreg.

    recovery data N 0.1 5 101 > rows.jsonl
    pip install pyoperon numpy && python3 operon_recovery.py rows.jsonl > operon.jsonl

One JSON line a run on the standard output, a table on the standard error, with the scores of the
example: `picked` is what Operon chooses by BIC, `front` the best on its front.
Population 1000, 3 steps of Levenberg and Marquardt's method, linear scaling, one thread.
"""

import json
import statistics
import sys
import time

import numpy as np
from pyoperon.sklearn import SymbolicRegressor

LENGTH = {"N": 30, "F": 40}
SYMBOLS = "add,sub,mul,div,exp,log,sin,cos,constant,variable"


def part(data):
    return np.array(data["columns"]).T, np.array(data["y"])


def unexplained(values, y):
    values = np.asarray(values, dtype=float)
    if not np.all(np.isfinite(values)):
        return float("inf")
    return float(np.sum((y - values) ** 2) / np.sum((y - y.mean()) ** 2))


def run(data):
    x, y = part(data["train"])
    model = SymbolicRegressor(
        allowed_symbols=SYMBOLS + (",sqrt" if data["suite"] == "F" else ""),
        objectives=["r2", "length"],
        optimizer_iterations=3,
        max_length=LENGTH[data["suite"]],
        population_size=1000,
        generations=10**6,
        max_evaluations=data["evaluations"],
        model_selection_criterion="bayesian_information_criterion",
        n_threads=1,
        random_state=data["seed"],
    )
    start = time.process_time()
    model.fit(x, y)
    seconds = time.process_time() - start
    inside, wide = part(data["inside"]), part(data["wide"])
    trees = [solution["tree"] for solution in model.pareto_front_]
    front = {
        name: min(unexplained(model.evaluate_model(tree, rows[0]), rows[1]) for tree in trees)
        for name, rows in (("inside", inside), ("wide", wide))
    }
    return {
        **{key: data[key] for key in ("suite", "law", "noise", "seed")},
        "one_minus_r2": unexplained(model.predict(inside[0]), inside[1]),
        "one_minus_r2_wide": unexplained(model.predict(wide[0]), wide[1]),
        "front_one_minus_r2": front["inside"],
        "front_one_minus_r2_wide": front["wide"],
        "cpu_seconds": seconds,
        "formula": model.get_model_string(model.model_, 6),
    }


def main():
    rows = [run_and_print(json.loads(line)) for line in open(sys.argv[1])]
    share = lambda key, limit: 100 * sum(row[key] < limit for row in rows) / len(rows)
    print(
        f"R2 {share('one_minus_r2', 1e-3):.0f} / {share('front_one_minus_r2', 1e-3):.0f}  "
        f"exact {share('one_minus_r2_wide', 1e-6):.0f} / {share('front_one_minus_r2_wide', 1e-6):.0f}  "
        f"CPU s {statistics.median(row['cpu_seconds'] for row in rows):.2f}",
        file=sys.stderr,
    )


def run_and_print(data):
    row = run(data)
    print(json.dumps(row), flush=True)
    return row


main()
