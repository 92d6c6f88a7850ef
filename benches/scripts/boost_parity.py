"""Error and time of our boosting beside CatBoost's, on tables without crystals.

    pip install catboost scikit-learn
    cargo build --release -p boost --example boost_csv
    python benches/scripts/boost_parity.py target/release/examples/boost_csv [--seeds 10]

Tables: diabetes, which scikit-learn ships, and Friedman's first function with noise.
For every table and size the same random rows are learnt from by both, 1,000 trees of
depth 6 on one thread, all else as it comes. A line is the geometric mean over seeds of
our mean absolute error divided by CatBoost's on up to 1,500 other rows, with a 95 %
interval by bootstrap over seeds; the error of both; and the ratio of the times of the
fits alone, in turns.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import catboost
import numpy as np
from sklearn.datasets import load_diabetes, make_friedman1

TREES = 1000


def tables():
    yield "diabetes", *load_diabetes(return_X_y=True), [50, 300]
    yield "friedman1", *make_friedman1(6500, noise=1.0, random_state=0), [50, 300, 5000]


def write(path, columns, targets):
    names = ",".join(f"x{i}" for i in range(columns.shape[1])) + ",y"
    np.savetxt(path, np.c_[columns, targets], delimiter=",", header=names, comments="", fmt="%.17g")


def ours(program, folder, train, test, settings, seed):
    paths = [folder / name for name in ("train.csv", "test.csv", "settings.json")]
    write(paths[0], *train)
    write(paths[1], test[0], np.zeros(len(test[0])))
    paths[2].write_text(json.dumps({"iterations": TREES, **settings}))
    done = subprocess.run([program, *paths, str(seed)], capture_output=True, text=True, check=True)
    predicted = np.array([float(word) for word in done.stdout.split()])
    return np.abs(predicted - test[1]).mean(), float(done.stderr.split()[0])


def theirs(train, test, seed):
    model = catboost.CatBoostRegressor(
        iterations=TREES, random_seed=seed, thread_count=1, verbose=0, allow_writing_files=False
    )
    pool = catboost.Pool(*train)
    start = time.perf_counter()
    model.fit(pool)
    seconds = time.perf_counter() - start
    return np.abs(model.predict(test[0]) - test[1]).mean(), seconds


def interval(logs, rounds=2000):
    draw = np.random.default_rng(1)
    means = np.sort([draw.choice(logs, len(logs)).mean() for _ in range(rounds)])
    return np.exp(means[[int(0.025 * rounds), int(0.975 * rounds) - 1]])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program")
    arguments.add_argument("--seeds", type=int, default=10)
    arguments = arguments.parse_args()
    print("| table | rows | noise drawn | error, ours / CatBoost's | ours | CatBoost's | time, ours / CatBoost's |")
    print("|---|--:|---|--:|--:|--:|--:|")
    for name, columns, targets, sizes in tables():
        for size in sizes:
            results = {}
            for seed in range(arguments.seeds):
                rows = np.random.default_rng(seed).permutation(len(targets))
                train, test = rows[:size], rows[size : size + 1500]
                train, test = (columns[train], targets[train]), (columns[test], targets[test])
                reference = theirs(train, test, seed)
                for groups in ("Columns", "Stored"):
                    settings = {} if groups == "Columns" else {"noise_groups": groups}
                    with tempfile.TemporaryDirectory() as folder:
                        found = ours(arguments.program, pathlib.Path(folder), train, test, settings, seed)
                    results.setdefault(groups, []).append((*found, *reference))
            for groups, lines in results.items():
                error, seconds, other, other_seconds = np.array(lines).T
                logs = np.log(error / other)
                low, high = interval(logs)
                print(
                    f"| {name} | {size} | {groups} | {np.exp(logs.mean()):.3f} [{low:.3f}, {high:.3f}] "
                    f"| {error.mean():.4g} | {other.mean():.4g} | {np.median(seconds / other_seconds):.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
