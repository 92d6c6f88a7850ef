"""Time and peak memory of 100,000 structures and of 10,000 trials, verb by verb.

    python3 benches/scripts/scale.py target/release/tycho FOLDER

Structures are made up: cells of 2 to 40 atoms of five elements, an extended XYZ file each, with a
target that their composition decides. Standard library only.
"""

import os
import pathlib
import random
import subprocess
import sys
import time

STRUCTURES = 100_000
SHARDS = 4

DATASET = """title = "Made up"
licence = "CC0-1.0"
citation = "nobody"
structures = "*.xyz"
table = "targets.csv"
id = "name"

[[target]]
key = "energy"
column = "energy"
unit = "eV"
report_unit = "meV"
label = "energy"
"""

STUDY = """title = "{title}"
dataset = "many"
subsets = ["all"]
targets = ["energy"]

[split]
seed = 1
test = {test}
train_sizes = [25, 50, 100, 200, 299]
seeds = {seeds}

[[model]]
kind = "mean"

[[model]]
kind = "kind-median"
"""


def crystals(folder):
    """Files of structures and the table of their targets."""
    folder.mkdir(parents=True)
    (folder / "dataset.toml").write_text(DATASET)
    draw = random.Random(1)
    energies = {"Mo": -1.0, "W": -1.3, "S": 0.2, "Se": 0.4, "Te": 0.7}
    rows = ["name,energy"]
    for index in range(STRUCTURES):
        steps = draw.choice([(1, 1, 2), (2, 2, 1), (2, 3, 2), (3, 3, 2), (4, 5, 2)])
        count = steps[0] * steps[1] * steps[2]
        elements = [draw.choice(list(energies)) for _ in range(count)]
        edges = [3.0 * step for step in steps]
        lattice = f"{edges[0]} 0 0 0 {edges[1]} 0 0 0 {edges[2]}"
        lines = [str(count), f'Lattice="{lattice}" Properties=species:S:1:pos:R:3']
        for place, element in enumerate(elements):
            i, rest = place % steps[0], place // steps[0]
            j, k = rest % steps[1], rest // steps[1]
            x, y, z = (3.0 * step + draw.uniform(-0.2, 0.2) for step in (i, j, k))
            lines.append(f"{element} {x:.4f} {y:.4f} {z:.4f}")
        (folder / f"s{index:06}.xyz").write_text("\n".join(lines) + "\n")
        energy = sum(energies[e] for e in elements) / count + draw.gauss(0.0, 0.01)
        rows.append(f"s{index:06},{energy:.6f}")
    (folder / "targets.csv").write_text("\n".join(rows) + "\n")


def measured(what, arguments, folder):
    """Runs a verb, and prints its seconds and the most memory that it held."""
    begun = time.monotonic()
    process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    if status != 0:
        sys.exit(f"{what}: {said.decode()}")
    print(f"| {what} | {seconds:.1f} | {usage.ru_maxrss / 1024:.0f} |", flush=True)


def main():
    program, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "many").is_dir():
        crystals(folder / "many")
    tycho = [str(program), "--data", "data"]
    trials = {"few.toml": (1000, 1000), "large.toml": (50_000, 5)}
    for name, (test, seeds) in trials.items():
        (folder / name).write_text(STUDY.format(title=name, test=test, seeds=seeds))
    print("| what | s | MiB |\n|---|--:|--:|")
    steps = [
        ("import 100,000 structures", ["data", "import", "many"]),
        ("verify them", ["data", "verify", "many"]),
        ("50 trials scored on 50,000 of them each", ["run", "large.toml", "--out", "large"]),
        ("report of them again", ["report", "large"]),
        (
            "submit 10,000 trials, dry",
            ["submit", "--engine", "slurm", "few.toml", "--out", "whole", "--dry-run"],
        ),
    ]
    for what, arguments in steps:
        measured(what, tycho + arguments, folder)
    for shard in range(1, SHARDS + 1):
        part = ["run", "few.toml", "--out", f"part{shard}", "--shard", f"{shard}/{SHARDS}"]
        measured(f"shard {shard} of {SHARDS} of the 10,000 trials", tycho + part, folder)
    parts = [f"part{shard}" for shard in range(1, SHARDS + 1)]
    measured("merge of the shards, with report", tycho + ["merge", "whole", *parts], folder)
    measured("status", tycho + ["status", "whole"], folder)
    measured("report", tycho + ["report", "whole"], folder)
    measured("report --verify", tycho + ["report", "whole", "--verify"], folder)


if __name__ == "__main__":
    main()
