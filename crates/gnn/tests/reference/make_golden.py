"""Writes golden.json: outputs and gradients of SchNet, MEGNet and GemNet in PyTorch.

Run once, with PyTorch 2.15 in double precision: python make_golden.py > golden.json

It shares nothing with the Rust code: neighbours come from loops over images,
every edge has features of its own, the inputs of a layer are concatenated, and
gradients are PyTorch's. Weight number i, counted over all parameters in the
order of the lists below, is 0.3 sin(1.3 i + 0.5), for GemNet 0.6; matrices are
(in, out).
"""

import itertools
import json
import math

import torch

torch.set_default_dtype(torch.float64)


def softplus(x):
    return torch.nn.functional.softplus(x) - math.log(2.0)


class Weights:
    def __init__(self, amplitude):
        self.count, self.named, self.amplitude = 0, {}, amplitude

    def __call__(self, name, *shape):
        if name not in self.named:
            size = math.prod(shape)
            values = [self.amplitude * math.sin(1.3 * i + 0.5) for i in range(self.count, self.count + size)]
            self.count += size
            self.named[name] = torch.tensor(values).reshape(shape).requires_grad_()
        return self.named[name]


def shell(host, source, target, vector):
    """How many circles around the source are smaller than the projected vector.

    host: rows of the unit cell, and (number, fractional) of its sites.
    """
    rows, sites = host
    a, b = rows[0][:2], rows[1][:2]
    flat = lambda f: [f[0] * a[k] + f[1] * b[k] for k in range(2)]
    center = flat([4 * x for x in source[2][:2]])  # from vectors of the supercell to those of the unit cell
    radii = set()
    for number, f in sites:
        if number == target[1]:
            for i, j in itertools.product(range(-9, 14), repeat=2):
                place = flat([f[0] + i, f[1] + j])
                radii.add(round(math.dist(place, center), 3))
    distance = math.hypot(vector[0], vector[1])
    return sum(1 for radius in radii if 0 < radius < distance - 0.01)


class Graph:
    """lattice: rows; atoms: (now, was, fractional); every image within the cutoff.

    nearest: how many edges a target keeps at least, all that are as near as the last of these;
    and whether the source must keep it, too.
    """

    def __init__(self, lattice, atoms, cutoff, periodic, self_images, host=None, nearest=None):
        self.now = [a[0] for a in atoms]
        self.was = [a[1] for a in atoms]
        self.edges = []  # source, target, length, |dz|
        self.bonds = []  # image, vector from source to target
        self.shells = []  # number of the target's shell, seen from the source
        reach = [range(-4, 5) if p else range(1) for p in periodic]
        for i, j in itertools.product(range(len(atoms)), repeat=2):
            if i == j and not self_images:
                continue
            for image in itertools.product(*reach):
                if i == j and image == (0, 0, 0):
                    continue
                f = [atoms[j][2][k] + image[k] - atoms[i][2][k] for k in range(3)]
                r = [sum(f[k] * lattice[k][axis] for k in range(3)) for axis in range(3)]
                length = math.sqrt(sum(x * x for x in r))
                if length <= cutoff:  # both lengths are known to 1e-6, as in batch.rs
                    self.edges.append((i, j, round(length * 1e6) / 1e6, round(abs(r[2]) * 1e6) / 1e6))
                    self.bonds.append((image, r))
                    if host:
                        self.shells.append(shell(host, atoms[i], atoms[j], r))
        if nearest:
            count, both = nearest
            lengths = [sorted(e[2] for e in self.edges if e[1] == i) for i in range(len(atoms))]
            reach = [x[count - 1] if len(x) >= count else math.inf for x in lengths]
            kept = [e[2] <= reach[e[1]] and (not both or e[2] <= reach[e[0]]) for e in self.edges]
            self.edges = [e for e, k in zip(self.edges, kept) if k]
            self.bonds = [b for b, k in zip(self.bonds, kept) if k]


def schnet(w, graphs, c):
    h, f, k = c["width"], c["filters"], c["gaussians"]
    table = w("embedding.weight", c["species"], h)
    for b in range(c["blocks"]):  # fixes the order of the weights
        n = f"interactions.{b}"
        w(f"{n}.inward.weight", h, f)
        w(f"{n}.filter.0.weight", k, f), w(f"{n}.filter.0.bias", f)
        w(f"{n}.filter.1.weight", f, f), w(f"{n}.filter.1.bias", f)
        w(f"{n}.outward.0.weight", f, h), w(f"{n}.outward.0.bias", h)
        w(f"{n}.outward.1.weight", h, h), w(f"{n}.outward.1.bias", h)
    w("head.0.weight", h, h // 2), w("head.0.bias", h // 2)
    w("head.1.weight", h // 2, 1), w("head.1.bias", 1)
    p = w.named
    step = c["cutoff"] / (k - 1)
    outputs = []
    for g in graphs:
        x = table[g.now]
        d = torch.tensor([e[2] for e in g.edges]).reshape(-1, 1)
        rbf = torch.exp(-0.5 * ((d - step * torch.arange(k)) / step) ** 2)
        fc = 0.5 * (torch.cos(math.pi * d / c["cutoff"]) + 1) * (d < c["cutoff"])
        for b in range(c["blocks"]):
            n = f"interactions.{b}"
            lin = lambda part, y: y @ p[f"{n}.{part}.weight"] + p[f"{n}.{part}.bias"]
            filters = lin("filter.1", softplus(lin("filter.0", rbf))) * fc
            inward = x @ p[f"{n}.inward.weight"]
            rows = []
            for i in range(len(g.now)):
                parts = [inward[e[0]] * filters[m] for m, e in enumerate(g.edges) if e[1] == i]
                rows.append(torch.stack(parts).sum(0) if parts else torch.zeros(f))
            x = x + lin("outward.1", softplus(lin("outward.0", torch.stack(rows))))
        y = softplus(x @ p["head.0.weight"] + p["head.0.bias"]) @ p["head.1.weight"] + p["head.1.bias"]
        outputs.append({"mean": y.mean(), "max": y.max(), "sum": y.sum()}[c["readout"]])
    return torch.stack(outputs)


def pool(rows, how, width):
    if len(rows) == 0:
        return torch.zeros(width)
    return {"sum": rows.sum(0), "mean": rows.mean(0), "max": rows.amax(0)}[how]


def set2set(p, name, x, h, steps):
    lstm = torch.nn.LSTMCell(2 * h, h)
    state = (torch.zeros(1, h), torch.zeros(1, h))
    star = torch.zeros(1, 2 * h)
    for _ in range(steps):
        gates = star @ p[f"{name}.from_input"] + p[f"{name}.bias_input"]
        gates = gates + state[0] @ p[f"{name}.from_hidden"] + p[f"{name}.bias_hidden"]
        with torch.no_grad():  # PyTorch's own cell, as a check of the gates
            lstm.weight_ih.copy_(p[f"{name}.from_input"].T), lstm.bias_ih.copy_(p[f"{name}.bias_input"])
            lstm.weight_hh.copy_(p[f"{name}.from_hidden"].T), lstm.bias_hh.copy_(p[f"{name}.bias_hidden"])
            expected = lstm(star, state)
        i, f, g, o = gates.chunk(4, 1)
        cell = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        state = (torch.sigmoid(o) * torch.tanh(cell), cell)
        assert torch.allclose(state[0], expected[0])
        q = state[0]
        r = torch.softmax(x @ q[0], 0) @ x if len(x) else torch.zeros(h)
        star = torch.cat([q, r.reshape(1, h)], 1)
    return star[0]


def megnet(w, graphs, c):
    h, k = c["width"], c["gaussians"]
    embedded = c["embedding"]
    if embedded:
        w("embedding.weight", 119, embedded)
    first = [(2 if c["heights"] else 1) * k + (2 if c.get("shells") else 0), 2 * embedded if embedded else 2, 2]
    parts = {"edge": ["target", "source", "edge", "state"], "node": ["edges", "node", "state"],
             "state": ["edges", "nodes", "state"]}
    for b in range(c["blocks"]):  # fixes the order of the weights
        for part, size in zip(["edge", "node", "state"], first if b == 0 else [h] * 3):
            n = f"blocks.{b}.dense.{part}"
            w(f"{n}.0.weight", size, 2 * h), w(f"{n}.0.bias", 2 * h)
            w(f"{n}.1.weight", 2 * h, h), w(f"{n}.1.bias", h)
        for part, names in parts.items():
            if part == "state" and b == c["blocks"] - 1 and c.get("readout"):
                continue  # nothing reads it
            n = f"blocks.{b}.{part}"
            for name in names:
                w(f"{n}.0.{name}", h, 2 * h)
            w(f"{n}.0.bias", 2 * h)
            w(f"{n}.rest.0.weight", 2 * h, 2 * h), w(f"{n}.rest.0.bias", 2 * h)
            w(f"{n}.rest.1.weight", 2 * h, h), w(f"{n}.rest.1.bias", h)
    attention = not c.get("readout")
    for n in ["readout.nodes", "readout.edges"] if attention else []:
        w(f"{n}.from_input", 2 * h, 4 * h), w(f"{n}.from_hidden", h, 4 * h)
        w(f"{n}.bias_input", 4 * h), w(f"{n}.bias_hidden", 4 * h)
    head = [(5 * h, h), (h, h // 2), (h // 2, 1)] if attention else [(h, h // 2), (h // 2, 1)]
    for layer, (a, b) in enumerate(head):
        w(f"head.{layer}.weight", a, b), w(f"head.{layer}.bias", b)
    p = w.named

    def dense(n, x):
        for layer in range(2):
            x = softplus(x @ p[f"{n}.{layer}.weight"] + p[f"{n}.{layer}.bias"])
        return x

    def phi(n, names, x):
        weight = torch.cat([p[f"{n}.0.{name}"] for name in names], 0)
        return dense(f"{n}.rest", softplus(x @ weight + p[f"{n}.0.bias"]))

    centers = torch.linspace(0, c["cutoff"], k)
    gauss = lambda d: torch.exp(-(((d.reshape(-1, 1) - centers) / 0.5) ** 2))
    outputs = []
    for g in graphs:
        s = torch.tensor([e[0] for e in g.edges], dtype=torch.long)
        t = torch.tensor([e[1] for e in g.edges], dtype=torch.long)
        e = gauss(torch.tensor([x[2] for x in g.edges]))
        if c["heights"]:
            e = torch.cat([e, gauss(torch.tensor([x[3] for x in g.edges]))], 1)
        if c.get("shells"):
            numbers = torch.tensor(g.shells, dtype=torch.get_default_dtype()).reshape(-1, 1)
            e = torch.cat([e, numbers, numbers % 2], 1)
        if embedded:
            x = torch.cat([p["embedding.weight"][g.now], p["embedding.weight"][g.was]], 1)
        else:
            x = torch.tensor([g.now, g.was], dtype=torch.get_default_dtype()).T
        # of the host, or of the atoms
        u = torch.tensor([c["state"] or [min(g.was), max(g.was)]], dtype=torch.get_default_dtype())
        for b in range(c["blocks"]):
            n = f"blocks.{b}"
            before = (e, x, u)
            e, x, u = (dense(f"{n}.dense.{part}", y) for part, y in zip(parts, (e, x, u)))
            if b == 0:
                before = (e, x, u)
            every = lambda rows: u.expand(len(rows), -1)
            e = phi(f"{n}.edge", parts["edge"], torch.cat([x[t], x[s], e, every(e)], 1))
            around = torch.stack([pool(e[t == i], c["node_pooling"], h) for i in range(len(x))])
            x = phi(f"{n}.node", parts["node"], torch.cat([around, x, every(x)], 1))
            if f"{n}.state.0.state" not in p:
                e, x = e + before[0], x + before[1]
                break
            pooled = [pool(y, c["state_pooling"], h).reshape(1, h) for y in (e, x)]
            u = phi(f"{n}.state", parts["state"], torch.cat([*pooled, u], 1))
            e, x, u = e + before[0], x + before[1], u + before[2]
        if attention:
            read = [set2set(p, "readout.nodes", x, h, c["steps"]), set2set(p, "readout.edges", e, h, c["steps"])]
            x = torch.cat([*read, u[0]]).reshape(1, -1)
        for layer in range(len(head)):
            x = x @ p[f"head.{layer}.weight"] + p[f"head.{layer}.bias"]
            x = softplus(x) if layer < len(head) - 1 else x
        outputs.append(x.sum())
    return torch.stack(outputs)


def silu(x):
    return x * torch.sigmoid(x) / 0.6


def gemnet(w, graphs, c):
    a, e, t, o, k = c["atom"], c["edge"], c["triplet"], c["bilinear"], c["radial"]
    r, i, s, blocks = c["radial_embedding"], c["circular_embedding"], c["spherical"], c["blocks"]

    def residual(n, width, count):
        for layer, half in itertools.product(range(count), range(2)):
            w(f"{n}.{layer}.{half}.weight", width, width)

    def atom_update(n):
        w(f"{n}.radial.weight", r, e), w(f"{n}.sum_scale", 1), w(f"{n}.dense.weight", e, a)
        residual(f"{n}.layers", a, c["atom_layers"])

    w("atoms.weight", c["species"], a), w("edges.weight", 2 * a + k, e)
    for n in ["triplet", "atom", "output"]:  # fixes the order of the weights
        w(f"radial.{n}.weight", k, r)
    w("circular", s, k, i)
    for b in range(blocks):
        n = f"interactions.{b}"
        w(f"{n}.dense.weight", e, e), w(f"{n}.triplet.dense.weight", e, e)
        w(f"{n}.triplet.radial.weight", r, e), w(f"{n}.triplet.radial_scale", 1)
        w(f"{n}.triplet.down.weight", e, t), w(f"{n}.triplet.bilinear", t, i, o), w(f"{n}.triplet.sum_scale", 1)
        w(f"{n}.triplet.up.weight", o, e), w(f"{n}.triplet.up_opposite.weight", o, e)
        residual(f"{n}.before_skip", e, c["before_skip"]), residual(f"{n}.after_skip", e, c["after_skip"])
        atom_update(f"{n}.atom"), w(f"{n}.concat.weight", 2 * a + e, e)
        residual(f"{n}.concat_layers", e, c["concat"])
    for b in range(blocks + 1):
        atom_update(f"outputs.{b}"), w(f"outputs.{b}.head.weight", a, 1)
    p = w.named

    def through(n, x, count):
        for layer in range(count):
            y = silu(silu(x @ p[f"{n}.{layer}.0.weight"]) @ p[f"{n}.{layer}.1.weight"])
            x = (x + y) / math.sqrt(2)
        return x

    def legendre(x):
        rows = [1.0, x]
        for l in range(1, s - 1):
            rows.append(((2 * l + 1) * x * rows[l] - l * rows[l - 1]) / (l + 1))
        return torch.tensor([math.sqrt((2 * l + 1) / (4 * math.pi)) * rows[l] for l in range(s)])

    outputs = []
    for g in graphs:
        if not g.edges:
            outputs.append(torch.zeros(()))
            continue
        source, target = [x[0] for x in g.edges], [x[1] for x in g.edges]
        index = {(x[0], x[1], y[0]): m for m, (x, y) in enumerate(zip(g.edges, g.bonds))}
        reverse = [index[x[1], x[0], tuple(-q for q in y[0])] for x, y in zip(g.edges, g.bonds)]
        x = torch.tensor([q[2] for q in g.edges]).reshape(-1, 1) / c["cutoff"]
        q = c["envelope"]
        envelope = 1 - (q + 1) * (q + 2) / 2 * x**q + q * (q + 2) * x ** (q + 1) - q * (q + 1) / 2 * x ** (q + 2)
        if c["bessel"]:
            basis = math.sqrt(2 / c["cutoff"] ** 3) * torch.sin(math.pi * x * torch.arange(1, k + 1)) / x
        else:
            basis = torch.exp(-0.5 * ((x - torch.linspace(0, 1, k)) * (k - 1)) ** 2)
        basis = basis * envelope * (x < 1)
        h = p["atoms.weight"][g.now]
        m = silu(torch.cat([h[source], h[target], basis], 1) @ p["edges.weight"])

        def atoms(n, m, which):
            x = m * (basis @ p[f"radial.{which}.weight"] @ p[f"{n}.radial.weight"])
            rows = [torch.zeros(e) for _ in g.now]
            for edge, place in enumerate(target):
                rows[place] = rows[place] + x[edge]
            x = silu(torch.stack(rows) * p[f"{n}.sum_scale"] @ p[f"{n}.dense.weight"])
            return through(f"{n}.layers", x, c["atom_layers"])

        pairs = []  # edge, other, angular functions
        for x, y in itertools.permutations(range(len(g.edges)), 2):
            if target[x] == target[y]:
                u, v = g.bonds[x][1], g.bonds[y][1]
                dot = sum(f * h for f, h in zip(u, v))
                cosine = dot / math.sqrt(sum(f * f for f in u) * sum(f * f for f in v))
                pairs.append((x, y, legendre(round(cosine * 1e6) / 1e6)))
        total = atoms("outputs.0", m, "output") @ p["outputs.0.head.weight"]
        for b in range(blocks):
            n = f"interactions.{b}"
            x = silu(m @ p[f"{n}.triplet.dense.weight"])
            x = x * (basis @ p["radial.triplet.weight"] @ p[f"{n}.triplet.radial.weight"])
            x = silu(x * p[f"{n}.triplet.radial_scale"] @ p[f"{n}.triplet.down.weight"])
            circular = torch.einsum("ek,ski->esi", basis, p["circular"])
            ones, others = [y[0] for y in pairs], [y[1] for y in pairs]
            functions = torch.stack([y[2] for y in pairs])
            # one row for every triplet, then the plain bilinear form
            both = torch.einsum("ps,psi->pi", functions, circular[ones])
            messages = torch.einsum("pt,pi,tio->po", x[others], both, p[f"{n}.triplet.bilinear"])
            heard = torch.zeros(len(g.edges), o).index_add(0, torch.tensor(ones), messages)
            heard = heard * p[f"{n}.triplet.sum_scale"]
            up = silu(heard @ p[f"{n}.triplet.up.weight"])
            opposite = silu(heard @ p[f"{n}.triplet.up_opposite.weight"])[reverse]
            x = silu(m @ p[f"{n}.dense.weight"]) + (up + opposite) / math.sqrt(2)
            x = through(f"{n}.before_skip", x / math.sqrt(2), c["before_skip"])
            m = through(f"{n}.after_skip", (m + x) / math.sqrt(2), c["after_skip"])
            h = (h + atoms(f"{n}.atom", m, "atom")) / math.sqrt(2)
            x = silu(torch.cat([h[source], h[target], m], 1) @ p[f"{n}.concat.weight"])
            m = (m + through(f"{n}.concat_layers", x, c["concat"])) / math.sqrt(2)
            n = f"outputs.{b + 1}"
            total = total + atoms(n, m, "output") @ p[f"{n}.head.weight"]
        outputs.append(total.sum() if c["readout"] == "sum" else total.mean())
    return torch.stack(outputs)


def hexagonal(a, c):
    return [[a, 0, 0], [-a / 2, a * math.sqrt(0.75), 0], [0, 0, c]]


# a skewed cell in which atoms see several images of one another, and one atom alone
SMALL = ([[2.9, 0, 0], [0.4, 3.1, 0], [0.2, -0.3, 4.0]],
         [(42, 42, (0.1, 0.2, 0.3)), (16, 16, (0.6, 0.75, 0.4)), (16, 16, (0.55, 0.1, 0.85))])
CUBIC = ([[3.0, 0, 0], [0, 3.0, 0], [0, 0, 3.0]], [(34, 34, (0, 0, 0))])
LONELY = ([[9.0, 0, 0], [0, 9.0, 0], [0, 0, 9.0]], [(16, 16, (0, 0, 0))])
FULL = [SMALL, CUBIC, LONELY]

# the first without an atom, and with another in its place
CHANGED = [(SMALL[0], SMALL[1][:2]), (SMALL[0], [*SMALL[1][:2], (34, 34, SMALL[1][2][2])])]
HOSTS = [(SMALL, 1.0), (SMALL, 3.0)]

# defects of a 4x4 layer: one vacancy; a metal vacancy with a substitution and a vacancy
LAYER = hexagonal(4 * 3.19, 15.0)
METAL = lambda i, j: ((1 / 3 + i) / 4, (2 / 3 + j) / 4, 0.5)
TOP = lambda i, j: ((2 / 3 + i) / 4, (1 / 3 + j) / 4, 0.5 + 1.56 / 15)
LOW = lambda i, j: ((2 / 3 + i) / 4, (1 / 3 + j) / 4, 0.5 - 1.56 / 15)
# eight more defects, so that there are shells of all pairs of elements
CROWD = [(0, 42, METAL(0, 0)), (74, 42, METAL(0, 1)), (0, 42, METAL(2, 3)), (0, 16, TOP(0, 0)),
         (34, 16, TOP(1, 0)), (0, 16, TOP(3, 1)), (0, 16, LOW(0, 0)), (34, 16, LOW(2, 2))]
HOST = (hexagonal(3.19, 15.0), [(42, (1 / 3, 2 / 3)), (16, (2 / 3, 1 / 3)), (16, (2 / 3, 1 / 3))])
SPARSE = [(LAYER, [(0, 16, TOP(1, 1))]),
          (LAYER, [(0, 42, METAL(0, 1)), (34, 16, TOP(3, 2)), (0, 16, LOW(1, 1))])]


def shadow(name, weight):
    """Norm of the gradient, and its product with a fixed direction, which sees signs and places."""
    if weight.grad is None or name.endswith("_scale"):
        return [0.0, 0.0]
    gradient = weight.grad.flatten()
    return [gradient.norm().item(), (gradient * torch.cos(0.7 * torch.arange(len(gradient)) + 0.2)).sum().item()]


def case(name, network, config, structures, sparse, references=()):
    periodic = [config.get("images", True)] * 3
    host = HOST if config.get("shells") else None
    nearest = config.get("neighbors") and (config["neighbors"], network is gemnet)
    made = lambda all: [Graph(*s, config["cutoff"], periodic, not sparse, host, nearest) for s in all]
    graphs = made(structures)
    weights = Weights(0.6 if network is gemnet else 0.3)
    outputs = network(weights, graphs, config)
    if references:  # and divisors
        less = network(weights, made([structure for structure, _ in references]), config)
        outputs = (outputs - less) / torch.tensor([divisor for _, divisor in references])
    (outputs * torch.arange(1, len(graphs) + 1)).sum().backward()
    gradients = {name: shadow(name, weight) for name, weight in weights.named.items()}
    return {"name": name, "parameters": weights.count, "edges": [len(g.edges) for g in graphs],
            "outputs": outputs.tolist(), "gradients": gradients}


MEGNET = {"cutoff": 4.5, "width": 4, "blocks": 2, "gaussians": 5, "heights": True, "embedding": 0,
          "state": [16, 42], "node_pooling": "sum", "state_pooling": "max", "steps": 1}
GEMNET = {"cutoff": 4.5, "atom": 5, "edge": 6, "triplet": 4, "bilinear": 3, "radial": 8, "radial_embedding": 3,
          "circular_embedding": 2, "spherical": 4, "envelope": 5, "blocks": 2, "before_skip": 1, "after_skip": 2,
          "concat": 1, "atom_layers": 2, "species": 43, "bessel": False, "readout": "mean"}
SCHNET = {"cutoff": 4.5, "width": 6, "filters": 5, "blocks": 2, "gaussians": 7, "species": 100, "readout": "mean"}
print(json.dumps([
    case("schnet", schnet, SCHNET, FULL, False),
    case("schnet-molecule", schnet, SCHNET | {"images": False, "readout": "max"}, FULL, False),
    case("schnet-nearest", schnet, SCHNET | {"neighbors": 5, "readout": "sum"}, FULL, False),
    case("schnet-difference", schnet, SCHNET | {"readout": "sum"}, CHANGED, False, HOSTS),
    case("megnet-full", megnet, MEGNET | {"state": None}, FULL, False),
    case("megnet-embedded", megnet, MEGNET | {"heights": False, "embedding": 3, "state": [0, 0], "steps": 3,
         "node_pooling": "mean", "state_pooling": "mean"}, FULL, False),
    case("megnet-difference", megnet, MEGNET | {"readout": "sum"}, CHANGED, False, HOSTS),
    case("megnet-sparse", megnet, MEGNET | {"cutoff": 12.0, "node_pooling": "max"}, SPARSE, True),
    case("megnet-shells", megnet, MEGNET | {"cutoff": 12.0, "node_pooling": "mean", "state_pooling": "mean", "shells": True},
         [*SPARSE, (LAYER, CROWD)], True),
    case("megnet-gap", megnet, MEGNET | {"cutoff": 12.0, "state_pooling": "mean", "shells": True},
         [*SPARSE, (LAYER, CROWD)], True),
    case("gemnet", gemnet, GEMNET, FULL, False),
    case("gemnet-bessel", gemnet, GEMNET | {"bessel": True, "readout": "sum", "envelope": 3, "spherical": 7}, FULL, False),
    case("gemnet-nearest", gemnet, GEMNET | {"neighbors": 5}, FULL, False),
    case("gemnet-difference", gemnet, GEMNET | {"readout": "sum"}, CHANGED, False, HOSTS),
], indent=1))
