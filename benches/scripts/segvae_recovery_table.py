"""A table of `segvae_recovery`'s lines: percent of runs in which a law was found, with intervals.

    python3 benches/scripts/segvae_recovery_table.py reports/segvae-recovery

Every file `MODE-noiseless.jsonl`, `MODE-noise10.jsonl` … of the folder is a row; laws weigh alike. Intervals
are the 2.5 and 97.5 percentiles of 2,000 resamples of the runs of each law. A formula is the law numerically if
R² to the clean law is above 0.999 at 1,000 fresh rows (`crates/symreg/examples/recovery`).
"""

import json
import random
import sys
from collections import defaultdict
from pathlib import Path

COLUMNS = {
    "scored": "scored",
    "front_of_an_epoch": "front, any epoch",
    "front_at_the_end": "front, at the end",
    "front_skeleton": "skeleton, front",
    "skeleton": "skeleton, picked",
    "front_one_minus_r2": "R², front",
    "one_minus_r2": "R², picked",
}


def read(path):
    laws = defaultdict(list)
    for line in path.read_text().splitlines():
        run = json.loads(line)
        laws[run["law"]].append(run)
    return laws


def found(run, key):
    value = run.get(key)
    return value < 1e-3 if isinstance(value, float) else bool(value)


def share(laws, key, draw=None):
    means = []
    for runs in laws.values():
        runs = [draw.choice(runs) for _ in runs] if draw else runs
        means.append(sum(found(run, key) for run in runs) / len(runs))
    return 100 * sum(means) / len(means)


def cell(laws, key):
    if not any(key in run for runs in laws.values() for run in runs):
        return ""
    draw = random.Random(1)
    drawn = sorted(share(laws, key, draw) for _ in range(2000))
    return f"{share(laws, key):.0f} [{drawn[50]:.0f}, {drawn[1949]:.0f}]"


def rows():
    for path in sorted(Path(sys.argv[1]).glob("*-nois*.jsonl")):
        mode, noise = path.stem.split("-noise")
        laws = read(path)
        if laws:
            yield mode, "0" if noise == "less" else f"{noise} %", laws


def main():
    print("| mode | noise | laws, runs | " + " | ".join(COLUMNS.values()) + " | scored, median | CPU s, median |")
    print("|---|--:|--:|" + "--:|" * (len(COLUMNS) + 2))
    for mode, noise, laws in rows():
        runs = [run for runs in laws.values() for run in runs]
        seconds, scored = (
            sorted(run[key] for run in runs)[len(runs) // 2] for key in ("cpu_seconds", "evaluations")
        )
        cells = [cell(laws, key) for key in COLUMNS]
        print(
            f"| `{mode}` | {noise} | {len(laws)}, {len(runs)} | " + " | ".join(cells) + f" | {scored:,} | {seconds:.0f} |"
        )
    print("\nRuns with the law on the front at the end:\n")
    names = [f"N{i}" for i in range(1, 13)]
    print("| mode | noise | " + " | ".join(names) + " |")
    print("|---|--:|" + ":-:|" * len(names))
    for mode, noise, laws in rows():
        if not any("front_at_the_end" in run for runs in laws.values() for run in runs):
            continue
        cells = [
            f"{sum(bool(r['front_at_the_end']) for r in laws[n])}/{len(laws[n])}" if n in laws else ""
            for n in names
        ]
        print(f"| `{mode}` | {noise} | " + " | ".join(cells) + " |")


main()
