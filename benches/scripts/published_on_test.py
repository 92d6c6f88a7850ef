"""Mean absolute errors of published predictions on the held-out structures of a report, low-density MoS2.

    python3 benches/scripts/published_on_test.py reports/defect-interactions ../shared/datasets

Energies are compared with those of the data set; gaps with its levels of 2023, on which the published models were
trained and which differ from today's where a vacancy of a metal is.
"""

import csv
import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def main():
    report, shared = map(Path, sys.argv[1:])
    test = {id for split in json.loads((report / "splits.json").read_text()) for id in split["test"]}
    targets = shared / "2dmd/low_density_defects/MoS2/targets.csv.gz"
    levels = shared / "published/low_MoS2_legacy_levels_and_splits.csv.gz"
    known = {
        "formation_energy_per_site": {row["_id"]: row["formation_energy_per_site"] for row in rows(targets)},
        "legacy_band_gap": {row["_id"]: row["legacy_band_gap_eV"] for row in rows(levels)},
    }
    errors = defaultdict(list)
    for row in rows(shared / "published/predictions.csv.gz"):
        if row["_id"] in test and row["target"] in known:
            truth = known[row["target"]][row["_id"]]
            errors[row["target"], row["model"]].append(abs(float(row["value_eV"]) - float(truth)))
    for (target, model), found in sorted(errors.items(), key=lambda item: (item[0][0], sum(item[1]) / len(item[1]))):
        print(f"{target:26} {model:20} {len(found):5} structures {1e3 * sum(found) / len(found):7.1f} meV")


main()
