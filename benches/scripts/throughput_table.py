#!/usr/bin/env python3
"""The table of reports/symreg-throughput from what `cargo bench` has left behind.

    cargo bench -p benches --bench evaluator
    python3 benches/scripts/operon_evaluator.py > operon.txt
    python3 benches/scripts/throughput_table.py target/criterion operon.txt

Giga node-evaluations a second: the median over the samples, and in
brackets that of the fastest sample, which other work on the machine slows least.
"""

import json
import pathlib
import sys

throughput = {}
for path in pathlib.Path(sys.argv[1]).glob("*/*/*/new/sample.json"):
    bench = json.loads((path.parent / "benchmark.json").read_text())
    sample = json.loads(path.read_text())
    times = sorted(t / n for t, n in zip(sample["times"], sample["iters"]))
    nodes = bench["throughput"]["Elements"]
    row = (bench["group_id"], int(bench["value_str"]))
    middle = times[len(times) // 2]
    throughput.setdefault(row, {})[bench["function_id"]] = (nodes / middle, nodes / times[0])
if len(sys.argv) > 2:
    for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
        name, rows, median, best = line.split()[:4]
        row = (name, int(rows))
        throughput.setdefault(row, {})["Operon f32"] = (float(median) / 1e9, float(best) / 1e9)

columns = sorted({name for row in throughput.values() for name in row}, reverse=True)
print("| set | rows |", " | ".join(columns), "|")
print("|---|---|" + "---|" * len(columns))
for (name, rows), cells in sorted(throughput.items(), key=lambda item: (len(item[0][0]), item[0])):
    texts = ["{:.2f} ({:.2f})".format(*cells[c]) if c in cells else "" for c in columns]
    print(f"| {name} | {rows} |", " | ".join(texts), "|")
