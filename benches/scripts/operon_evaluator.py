#!/usr/bin/env python3
"""Values of random formulas by Operon, as benches/benches/evaluator.rs does it.

Trees of 1 to 50 nodes of the same composition over five columns, in one
thread and single precision, the only one of the published package. Prints, for set
and rows, giga node-evaluations a second (all nodes, leaves included, times
rows): the median and that of the fastest round.

    pip install pyoperon numpy && python3 operon_evaluator.py
"""

import random
import statistics
import time

import numpy as np
import pyoperon

COLUMNS = 5
# Rows, and trees that are evaluated at a time.
SIZES = [(20, 1000), (300, 500), (10_000, 50)]
ROUNDS = 300
# Share of transcendental operations among those that are not leaves.
SHARES = {"arithmetic": 0.0, "transcendental": 0.52}
ARITHMETIC = [pyoperon.Node.Add, pyoperon.Node.Sub, pyoperon.Node.Mul, pyoperon.Node.Div]
TRANSCENDENTAL = [pyoperon.Node.Exp, pyoperon.Node.Log, pyoperon.Node.Sin, pyoperon.Node.Cos]


def grow(size, share, hashes, nodes):
    """Appends a random tree of so many nodes, an odd number where all operations have two operands."""
    if size == 1:
        if random.random() < 0.5:
            nodes.append(pyoperon.Node.Constant(random.uniform(-2, 2)))
        else:
            variable = pyoperon.Node.Variable(1.0)
            variable.HashValue = random.choice(hashes)
            nodes.append(variable)
    elif size == 2 or random.random() < share:
        grow(size - 1, share, hashes, nodes)
        nodes.append(random.choice(TRANSCENDENTAL)())
    else:
        left = random.randrange(1, size - 1)
        if share == 0.0 and left % 2 == 0:
            left -= 1
        grow(left, share, hashes, nodes)
        grow(size - 1 - left, share, hashes, nodes)
        nodes.append(random.choice(ARITHMETIC)())


def measure(share, rows, count):
    """Seconds for the trees in every round, and how many nodes these have."""
    random.seed(1)
    numbers = np.random.default_rng(2).uniform(0.1, 3.0, (rows, COLUMNS))
    # The data set looks into this array and does not keep it alive.
    numbers = np.asfortranarray(numbers.astype(np.float32))
    dataset = pyoperon.Dataset(numbers)
    hashes = [variable.Hash for variable in dataset.Variables]
    trees = []
    for _ in range(count):
        nodes = []
        size = random.randint(1, 50)
        if share == 0.0 and size % 2 == 0:
            size -= 1
        grow(size, share, hashes, nodes)
        trees.append(pyoperon.Tree(nodes).UpdateNodes())
    # Few trees in one call where rows are many, so that results stay in the cache.
    batch = max(1, min(count, 100_000 // rows))
    results = np.zeros(batch * rows, dtype=np.float32)
    batches = [trees[k : k + batch] for k in range(0, count, batch)]
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for some in batches:
            pyoperon.EvaluateTrees(some, dataset, pyoperon.Range(0, rows), results[: len(some) * rows], 1)
        times.append(time.perf_counter() - start)
    return times, sum(tree.Length for tree in trees)


if __name__ == "__main__":
    for name, share in SHARES.items():
        for rows, count in SIZES:
            times, nodes = measure(share, rows, count)
            median, best = (nodes * rows / t for t in (statistics.median(times), min(times)))
            print(f"{name:15} {rows:6} {median:.4e} {best:.4e}", flush=True)
