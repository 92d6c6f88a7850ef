"""Times one training step of SchNet, MEGNet and GemNet here and in PyTorch.

    cargo build --release -p benches --example gnn_step
    python benches/scripts/gnn_step.py target/release/examples/gnn_step [--rounds 5] [--network gemnet] [--case full] [--compile] [--memory]

One thread each. In a round every program makes one step, in the order A B C C B
A; what is printed is the median over rounds of the ratios of their times, and the
best time of each. Two PyTorch versions, both ours and eager: one computes what
depends on the distance for every edge, the other once for each different
distance ("shared") and gathers it. Graphs, triplets and the lists of different
distances and angles are made before the clock starts; the program in Rust makes
its batches inside.

The same graphs are made on both sides, independently: the numbers of edges are
compared. Initial weights differ; that the networks are the same function is
tested in crates/gnn.
"""

import argparse
import itertools
import math
import os
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
# as `tycho` sets them for itself; here for PyTorch too
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "8589934592"}
if not MEMORY.items() <= os.environ.items():
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | MEMORY)
import numpy as np
import torch

torch.set_num_threads(1)


def layer():
    a = 3.19
    lattice = np.array([[a, 0, 0], [-a / 2, a * math.sqrt(0.75), 0], [0, 0, 20.0]])
    return lattice, [(42, (1 / 3, 2 / 3, 0.5)), (16, (2 / 3, 1 / 3, 0.578)), (16, (2 / 3, 1 / 3, 0.422))]


def graph(index, case, cutoff):
    """Numbers, and edges as (source, target, vector); the lists of the Rust example."""
    lattice, sites = layer()
    is_full, scale = case != "defects", np.array([8, 8, 1])
    grown = [(z, (np.array(f) + [i, j, 0]) / scale) for z, f in sites for i in range(8) for j in range(8)]
    lattice = lattice * scale[:, None]
    count = 3 if is_full else 3 + index % 23
    missing = {(37 * k + 11 * index + k * k % 5 * 12) % len(grown) for k in range(count)}
    if is_full:
        moved = lambda n: 2e-3 * np.sin([7 * n + index, 11 * n + 2 * index, 13 * n + 3 * index]) * (case == "relaxed")
        atoms = [(z, f + moved(n)) for n, (z, f) in enumerate(grown) if n not in missing]
    else:
        atoms = [(0, grown[number][1]) for number in sorted(missing)]
    points = np.array([f for _, f in atoms]).reshape(-1, 3)
    source, target, vectors = [], [], []
    for image in itertools.product(range(-2, 3), repeat=3):
        difference = points[None, :, :] - points[:, None, :] + np.array(image)
        difference = (difference @ lattice).reshape(-1, 3)
        length = np.linalg.norm(difference, axis=1)
        i, j = np.divmod(np.arange(len(length)), len(points))
        near = (length <= cutoff + 1e-9) & ~((i == j) & ((image == (0, 0, 0)) | (not is_full)))
        source.append(i[near]), target.append(j[near]), vectors.append(difference[near])
    return [z for z, _ in atoms], np.concatenate(source), np.concatenate(target), np.concatenate(vectors)


class Batch:
    def __init__(self, case, cutoff, with_angles):
        parts = [graph(index, case, cutoff) for index in range(64 if case == "defects" else 16)]
        sizes = [len(numbers) for numbers, *_ in parts]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        self.graphs, self.nodes = len(parts), int(starts[-1])
        numbers = [z for numbers, *_ in parts for z in numbers]
        source = np.concatenate([s + start for (_, s, _, _), start in zip(parts, starts)])
        target = np.concatenate([t + start for (_, _, t, _), start in zip(parts, starts)])
        vectors = np.concatenate([v for *_, v in parts])
        order = np.lexsort((source, target))
        source, target, vectors = source[order], target[order], vectors[order]
        length = np.round(np.linalg.norm(vectors, axis=1), 6)
        self.now = torch.tensor(numbers)
        self.owner = torch.tensor(np.repeat(np.arange(len(sizes)), sizes))
        self.sizes = torch.tensor(sizes).float()
        self.source, self.target = torch.tensor(source), torch.tensor(target)
        self.length = torch.tensor(length).float()
        unique, inverse = np.unique(length, return_inverse=True)
        self.unique, self.shape = torch.tensor(unique).float(), torch.tensor(inverse)
        height = np.round(np.abs(vectors[:, 2]), 6)
        self.height = torch.tensor(height).float()
        pairs, inverse = np.unique(np.stack([length, height], 1), axis=0, return_inverse=True)
        self.unique_pairs, self.pair = torch.tensor(pairs).float(), torch.tensor(inverse.reshape(-1))
        self.edge_owner = self.owner[self.target]
        if with_angles:
            self.angles(source, target, vectors)

    def angles(self, source, target, vectors):
        place = {(s, t, *np.round(v, 4) + 0.0): e for e, (s, t, v) in enumerate(zip(source, target, vectors))}
        self.reverse = torch.tensor([place[(t, s, *np.round(-v, 4) + 0.0)]
                                     for s, t, v in zip(source, target, vectors)])
        counts = np.bincount(target, minlength=self.nodes)
        first = np.concatenate([[0], np.cumsum(counts)])
        widest, edges = int(counts.max()) - 1, len(source)
        others = np.zeros((edges, widest), dtype=np.int64)
        mask = np.zeros((edges, widest), dtype=bool)
        for e in range(edges):
            row = [f for f in range(first[target[e]], first[target[e] + 1]) if f != e]
            others[e, : len(row)], mask[e, : len(row)] = row, True
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosine = np.round(np.einsum("ex,ekx->ek", unit, unit[others]), 6)
        self.others, self.mask = torch.tensor(others), torch.tensor(mask).float()
        self.cosine = torch.tensor(cosine).float()
        unique, inverse = np.unique(cosine, return_inverse=True)
        self.cosines = torch.tensor(unique).float()
        self.angle = torch.tensor(inverse.reshape(cosine.shape))


class Network:
    def __init__(self):
        torch.manual_seed(1)
        self.weights = {}

    def w(self, name, *shape):
        if name not in self.weights:
            fan_in = math.prod(shape[:-1])
            self.weights[name] = (torch.randn(shape) / math.sqrt(fan_in)).requires_grad_()
        return self.weights[name]


def gaussians(d, cutoff, count):
    step = cutoff / (count - 1)
    return torch.exp(-0.5 * ((d[:, None] - step * torch.arange(count)) / step) ** 2)


class SchNet(Network):
    def __init__(self, cutoff, is_shared):
        super().__init__()
        self.cutoff, self.is_shared = cutoff, is_shared

    def __call__(self, b):
        w, h = self.w, 64
        ssp = lambda x: torch.nn.functional.softplus(x) - math.log(2.0)
        lin = lambda n, x, i, o: torch.addmm(w(n + ".bias", 1, o)[0], x, w(n, i, o))
        d = b.unique if self.is_shared else b.length
        basis = gaussians(d, self.cutoff, 50)
        envelope = 0.5 * (torch.cos(math.pi * d / self.cutoff) + 1) * (d < self.cutoff)
        x = w("embedding", 100, h)[b.now]
        for k in range(3):
            filters = lin(f"{k}.1", ssp(lin(f"{k}.0", basis, 50, h)), h, h) * envelope[:, None]
            filters = filters[b.shape] if self.is_shared else filters
            messages = (x @ w(f"{k}.in", h, h))[b.source] * filters
            messages = torch.zeros(b.nodes, h).index_add(0, b.target, messages)
            x = x + lin(f"{k}.3", ssp(lin(f"{k}.2", messages, h, h)), h, h)
        atoms = lin("head.1", ssp(lin("head.0", x, h, h // 2)), h // 2, 1)[:, 0]
        return torch.zeros(b.graphs).index_add(0, b.owner, atoms) / b.sizes


def mean(rows, owner, count):
    sums = torch.zeros(count, rows.shape[1]).index_add(0, owner, rows)
    return sums / torch.zeros(count).index_add(0, owner, torch.ones(len(rows))).clamp(min=1)[:, None]


class MegNet(Network):
    def __init__(self, cutoff, is_shared):
        super().__init__()
        self.cutoff, self.is_shared = cutoff, is_shared

    def set2set(self, n, x, owner, graphs):
        w, h = self.w, 32
        i, _, c, o = (w(n + ".b1", 1, 4 * h) + w(n + ".b2", 1, 4 * h)).expand(graphs, -1).chunk(4, 1)
        # the memory is zero in the only step, but the weights are there
        w(n + ".in", 2 * h, 4 * h), w(n + ".hidden", h, 4 * h)
        q = torch.sigmoid(o) * torch.tanh(torch.sigmoid(i) * torch.tanh(c))
        scores = (x * q[owner]).sum(1)
        most = torch.full((graphs,), -torch.inf).scatter_reduce(0, owner, scores.detach(), "amax")
        weights = torch.exp(scores - most[owner])
        total = torch.zeros(graphs).index_add(0, owner, weights)
        r = torch.zeros(graphs, h).index_add(0, owner, (weights / total[owner])[:, None] * x)
        return torch.cat([q, r], 1)

    def __call__(self, b):
        w, h = self.w, 32
        ssp = lambda x: torch.nn.functional.softplus(x) - math.log(2.0)
        lin = lambda n, x, i, o: ssp(torch.addmm(w(n + ".bias", 1, o)[0], x, w(n, i, o)))
        dense = lambda n, x, i: lin(n + ".1", lin(n + ".0", x, i, 2 * h), 2 * h, h)
        phi = lambda n, x: dense(n + ".rest", lin(n, x, x.shape[1], 2 * h), 2 * h)
        centers = torch.linspace(0, self.cutoff, 20)
        gauss = lambda d: torch.exp(-(((d[:, None] - centers) / 0.5) ** 2))
        d, z = b.unique_pairs.T if self.is_shared else (b.length, b.height)
        e = dense("0.e", torch.cat([gauss(d), gauss(z)], 1), 40)
        e = e[b.pair] if self.is_shared else e
        species = w("embedding", 119, 16)[b.now]
        x = dense("0.v", torch.cat([species, species], 1), 32)
        u = dense("0.u", torch.zeros(b.graphs, 2), 2)
        for k in range(2):
            before = e, x, u
            if k > 0:
                e, x, u = dense(f"{k}.e", e, h), dense(f"{k}.v", x, h), dense(f"{k}.u", u, h)
            e = phi(f"{k}.edge", torch.cat([x[b.target], x[b.source], e, u[b.edge_owner]], 1))
            x = phi(f"{k}.node", torch.cat([mean(e, b.target, b.nodes), x, u[b.owner]], 1))
            pooled = [mean(e, b.edge_owner, b.graphs), mean(x, b.owner, b.graphs), u]
            u = phi(f"{k}.state", torch.cat(pooled, 1))
            e, x, u = e + before[0], x + before[1], u + before[2]
        read = [self.set2set("nodes", x, b.owner, b.graphs), self.set2set("edges", e, b.edge_owner, b.graphs), u]
        y = lin("head.1", lin("head.0", torch.cat(read, 1), 5 * h, h), h, h // 2)
        return torch.addmm(w("head.2.bias", 1, 1)[0], y, w("head.2", h // 2, 1))[:, 0]


class GemNet(Network):
    def __init__(self, cutoff, is_shared):
        super().__init__()
        self.cutoff, self.is_shared = cutoff, is_shared

    def legendre(self, x):
        rows = [torch.ones_like(x), x]
        for l in range(1, 6):
            rows.append(((2 * l + 1) * x * rows[l] - l * rows[l - 1]) / (l + 1))
        return torch.stack([math.sqrt((2 * l + 1) / (4 * math.pi)) * p for l, p in enumerate(rows)], -1)

    def __call__(self, b):
        w, e, t, o, r, i, s = self.w, 128, 32, 32, 16, 16, 7
        silu = lambda x: torch.nn.functional.silu(x) * (1 / 0.6)
        half = 1 / math.sqrt(2)

        def residual(n, x):
            return (x + silu(silu(x @ w(n + ".0", e, e)) @ w(n + ".1", e, e))) * half

        x = (b.unique if self.is_shared else b.length) / self.cutoff
        envelope = (1 - 21 * x**5 + 35 * x**6 - 15 * x**7) * (x < 1)
        basis = gaussians(x, 1.0, 32) * envelope[:, None]
        spread = (lambda y: y[b.shape]) if self.is_shared else (lambda y: y)
        circular = spread(torch.matmul(basis, w("circular", s, 32, i)).permute(1, 2, 0))  # E, i, s
        angular = self.legendre(b.cosines)[b.angle] if self.is_shared else self.legendre(b.cosine)
        angular = (angular * b.mask[:, :, None]).transpose(1, 2)  # E, s, K
        embedded = {n: basis @ w("radial." + n, 32, r) for n in ("triplet", "atom", "output")}
        radial = lambda n, which: spread(embedded[which] @ w(n + ".radial", r, e))

        def atoms(n, m, which):
            x = torch.zeros(b.nodes, e).index_add(0, b.target, m * radial(n, which))
            x = silu(x @ w(n + ".dense", e, e))
            for k in range(3):
                x = residual(f"{n}.{k}", x)
            return x

        h = w("atoms", 83, e)[b.now]
        rows = torch.cat([h[b.source], h[b.target], spread(basis)], 1)
        m = silu(rows @ w("edges", 2 * e + 32, e))
        total = atoms("out.0", m, "output") @ w("out.0.head", e, 1)
        for k in range(3):
            x = silu(m @ w(f"{k}.ba", e, e)) * radial(f"{k}.trip", "triplet")
            x = silu(x @ w(f"{k}.down", e, t))
            sums = torch.matmul(angular, x[b.others])  # E, s, t
            both = torch.matmul(circular, sums)  # E, i, t
            heard = both.reshape(len(m), i * t) @ w(f"{k}.bilinear", i, t, o).reshape(i * t, o)
            x3 = (silu(heard @ w(f"{k}.up", o, e)) + silu(heard @ w(f"{k}.op", o, e))[b.reverse]) * half
            x = residual(f"{k}.before", (silu(m @ w(f"{k}.ca", e, e)) + x3) * half)
            m = (m + x) * half
            for l in range(2):
                m = residual(f"{k}.after.{l}", m)
            h = (h + atoms(f"{k}.atom", m, "atom")) * half
            rows = torch.cat([h[b.source], h[b.target], m], 1)
            x = residual(f"{k}.concat.0", silu(rows @ w(f"{k}.concat", 3 * e, e)))
            m = (m + x) * half
            total = total + atoms(f"out.{k + 1}", m, "output") @ w(f"out.{k + 1}.head", e, 1)
        return torch.zeros(b.graphs).index_add(0, b.owner, total[:, 0]) / b.sizes


class Torch:
    def __init__(self, network, batch):
        self.network, self.batch = network, batch
        self.targets = torch.sin(torch.arange(batch.graphs).float())
        network(batch)  # makes the weights
        self.parameters = sum(v.numel() for v in network.weights.values())
        self.adam = torch.optim.Adam(network.weights.values(), lr=1e-4)

    def compiled(self):
        self.network = torch.compile(self.network)
        return self

    def step(self):
        start = time.perf_counter()
        self.adam.zero_grad()
        loss = (self.network(self.batch) - self.targets).square().mean()
        loss.backward()
        self.adam.step()
        loss.item()
        return time.perf_counter() - start


class Rust:
    def __init__(self, program, network, case):
        threads = {"RAYON_NUM_THREADS": "1", "CANDLE_NUM_THREADS": "1"}
        self.child = subprocess.Popen([program, network, case], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, env=os.environ | threads)
        words = self.child.stdout.readline().split()
        self.sizes = {name: int(value) for name, value in zip(words[0:8:2], words[1:8:2])}

    def step(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return float(self.child.stdout.readline().split()[0])

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def resident(pid, key):
    """Memory of a process, MiB: VmRSS now, VmHWM at most."""
    lines = open(f"/proc/{pid}/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def memory(program, network, case, batch, kind, cutoff):
    """Memory that two steps take, beyond that of the program with the graphs made."""

    def of_torch(shared):
        reader, writer = os.pipe()
        if os.fork() == 0:
            before = resident("self", "VmRSS")
            model = Torch(kind(cutoff, shared), batch)
            model.step(), model.step()
            os.write(writer, str(resident("self", "VmHWM") - before).encode())
            os._exit(0)
        os.wait()
        return float(os.read(reader, 100))

    rust = Rust(program, network, case)
    before = resident(rust.child.pid, "VmRSS")
    rust.step(), rust.step()
    taken = resident(rust.child.pid, "VmHWM") - before
    rust.close()
    print(f"{network} {case}: MiB of steps: rust {taken:.0f}, torch {of_torch(False):.0f}, torch shared {of_torch(True):.0f}", flush=True)


def compare(arguments, network, case):
    cutoff = 5.0 if case != "defects" else 10.0 if network == "gemnet" else 20.0
    kind = {"schnet": SchNet, "megnet": MegNet, "gemnet": GemNet}[network]
    batch = Batch(case, cutoff, network == "gemnet")
    if arguments.memory:
        return memory(arguments.program, network, case, batch, kind, cutoff)
    rust = Rust(arguments.program, network, case)
    assert rust.sizes["edges"] == len(batch.source), (rust.sizes, len(batch.source))
    programs = {"rust": rust, "torch": Torch(kind(cutoff, False), batch),
                "torch shared": Torch(kind(cutoff, True), batch)}
    scale_factors = 13 if network == "gemnet" else 0  # fitted before training, here left out
    assert rust.sizes["parameters"] == programs["torch"].parameters + scale_factors
    if arguments.compile:
        programs["torch compiled"] = Torch(kind(cutoff, False), batch).compiled()
    print(network, case, rust.sizes, "parameters of torch", programs["torch"].parameters, flush=True)
    for program in programs.values():
        program.step()
    times = {name: [] for name in programs}
    for _ in range(arguments.rounds):
        found = {name: [] for name in programs}
        for name in [*programs, *reversed(programs)]:
            found[name].append(programs[name].step())
        for name, pair in found.items():
            times[name].append(sum(pair) / 2)
    rust.close()
    for name, found in times.items():
        ratios = [x / y for x, y in zip(found, times["torch"])]
        print(f"  {name:14} best {min(found):8.4f} s   of torch {statistics.median(ratios):.3f}"
              f"  ({min(ratios):.3f} to {max(ratios):.3f})", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", choices=["schnet", "megnet", "gemnet"])
    parser.add_argument("--case", choices=["full", "relaxed", "defects"])
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    parser.add_argument("--compile", action="store_true", help="time torch.compile, too (needs a C++ compiler)")
    arguments = parser.parse_args()
    for network in [arguments.network] if arguments.network else ["schnet", "megnet", "gemnet"]:
        for case in [arguments.case] if arguments.case else ["full", "relaxed", "defects"]:
            compare(arguments, network, case)
