"""Enter a model of your own into a study: this file, and a function that fits.

    from tycho_model import serve

    def fit(training, validation, request):
        mean = sum(training.targets) / len(training.targets)
        return lambda structures: [mean] * structures.count

    serve(fit)

and in study.toml

    [[model]]
    name = "my-mean"
    kind = "external"
    command = ["python3", "my_mean.py"]

`training`, `validation` and what is to be predicted are `Structures`. `request` is a
dictionary with `target`, `unit`, `columns` (name and unit of each), `seed`, `threads`,
`seconds` (or None) and `options` (what the study gives). Everything that is printed
goes into the log of the trial. Python 3.8 or later, standard library only.
"""

import csv
import json
import math
import os
import sys

PROTOCOL = 1


class Structures:
    """Structures in files; nothing is read before it is asked for."""

    def __init__(self, written):
        self.count = written["count"]
        self._table = written.get("table")
        self._structures = written.get("structures")
        self._rows = None

    def _read(self):
        if self._rows is None:
            with open(self._table, newline="", encoding="utf-8") as file:
                lines = csv.reader(file)
                names = next(lines)
                self._rows = names, [[float(cell) for cell in line] for line in lines]
        return self._rows

    @property
    def features(self):
        """One list of numbers a structure, in the order of `request["columns"]`."""
        names, rows = self._read()
        width = len(names) - ("target" in names[-1:])
        return [row[:width] for row in rows]

    @property
    def targets(self):
        """One number a structure; not there for what is to be predicted."""
        if self._table is None:
            return [float(frame["info"]["target"]) for frame in self.frames()]
        _, rows = self._read()
        return [row[-1] for row in rows]

    @property
    def path(self):
        """The extended XYZ file, for ASE or pymatgen."""
        return self._structures

    def frames(self):
        """One dictionary a structure: `lattice`, `pbc`, `symbols`, `positions` (Å), `info`."""
        with open(self._structures, encoding="utf-8") as file:
            for line in file:
                info = _pairs(next(file))
                atoms = [next(file).split() for _ in range(int(line))]
                numbers = [float(word) for word in info["Lattice"].split()]
                yield {
                    "lattice": [numbers[0:3], numbers[3:6], numbers[6:9]],
                    "pbc": [word == "T" for word in info["pbc"].split()],
                    "symbols": [atom[0] for atom in atoms],
                    "positions": [[float(word) for word in atom[1:4]] for atom in atoms],
                    "info": info,
                }


def _pairs(comment):
    """Reads `key=value key="a value"`."""
    pairs, rest = {}, comment.strip()
    while rest:
        key, _, rest = rest.partition("=")
        if rest.startswith('"'):
            value, _, rest = rest[1:].partition('"')
        else:
            value, _, rest = rest.partition(" ")
        pairs[key.strip()] = value
        rest = rest.strip()
    return pairs


def serve(fit, needs=("table",)):
    """Answers until there is nothing more to answer.

    - `fit(training, validation, request)` returns a function from `Structures` to one
      number each. It may have the attributes `complexity` (a number) and `equation` (a text).
    - `needs`: any of "table" and "structures".
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is not an answer
    sys.stdout = sys.stderr

    def answer(**message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    predict = None
    for line in sys.stdin:
        question = json.loads(line)
        kind = question["type"]
        if kind == "hello":
            answer(type="hello", protocol=PROTOCOL, needs=list(needs))
        elif kind == "fit":
            training = Structures(question["training"])
            validation = Structures(question["validation"])
            predict = fit(training, validation, question)
            answer(
                type="fitted",
                complexity=getattr(predict, "complexity", None),
                equation=getattr(predict, "equation", None),
            )
        elif kind == "predict":
            values = [float(value) for value in predict(Structures(question["structures"]))]
            answer(type="predicted", values=[v if math.isfinite(v) else None for v in values])
        else:
            answer(type="error", message=f"no answer to `{kind}` is known")
