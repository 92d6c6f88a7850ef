"""Ratio of the errors of two models of a report, paired over subsamples.

    python3 benches/scripts/paired_ratio.py REPORT MODEL OTHER

One line a subset, target and size: the mean over seeds of MODEL's error divided by
OTHER's on the same subsample, with a 95 % interval by bootstrap over seeds, and the
ratio of the median seconds of a fit; then the geometric mean over all.
"""

import csv
import math
import random
import sys


def interval(values, statistic, rounds=2000):
    draw = random.Random(1)
    resampled = sorted(statistic(draw.choices(values, k=len(values))) for _ in range(rounds))
    return resampled[int(0.025 * rounds)], resampled[int(0.975 * rounds) - 1]


def geometric(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))


def median(values):
    return sorted(values)[len(values) // 2]


def main(report, model, other):
    cells = {}
    with open(f"{report}/learning_curve.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["status"] == "ok" and row["model"] in (model, other):
                key = row["subset"], row["target"], int(row["n_train"])
                trial = cells.setdefault(key, {}).setdefault(row["seed"], {})
                trial[row["model"]] = float(row["mae"]), float(row["fit_seconds"])
    every = []
    for key, trials in cells.items():
        both = [trial for trial in trials.values() if len(trial) == 2]
        ratios = [trial[model][0] / trial[other][0] for trial in both]
        low, high = interval(ratios, geometric)
        seconds = [median([trial[name][1] for trial in both]) for name in (model, other)]
        every.append(ratios)
        print(
            f"{key[0]:12} {key[1]:27} {key[2]:5} {geometric(ratios):.3f} [{low:.3f}, {high:.3f}]"
            f"  {len(ratios)} subsamples, time {seconds[0] / seconds[1]:.2f}"
        )
    # seeds of one cell overlap: cells, not trials, are what is drawn
    low, high = interval(every, lambda cells: geometric([geometric(c) for c in cells]))
    total = geometric([geometric(cell) for cell in every])
    print(f"{'all':46} {total:.3f} [{low:.3f}, {high:.3f}]  over {len(every)} cells")


main(*sys.argv[1:])
