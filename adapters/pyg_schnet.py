"""SchNet of PyTorch Geometric, without periodic images: as the published 2DMD rows had it.

`options`: those of its SchNet, and `epochs`, `batch_size`, `learning_rate`. Of more neighbours than
`max_num_neighbors` the nearest are kept.

Needs: pip install torch torch_geometric
"""

import numpy
import torch
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import SchNet

from tycho_model import serve

SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy "
    "Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn"
).split()


class Neighbours(torch.nn.Module):
    """Pairs of atoms, in the place of PyG's compiled search, which needs a library of its own."""

    def __init__(self, cutoff, most):
        super().__init__()
        self.cutoff, self.most = cutoff, most

    def forward(self, positions, batch):
        distances = torch.cdist(positions, positions)
        together = batch[:, None] == batch[None, :]
        together.fill_diagonal_(False)
        distances = distances.masked_fill(~together | (distances > self.cutoff), torch.inf)
        near = distances.topk(min(self.most, len(positions)), largest=False)
        atoms, ranks = torch.nonzero(near.values < torch.inf, as_tuple=True)
        others = near.indices[atoms, ranks]
        return torch.stack([others, atoms]), (positions[atoms] - positions[others]).norm(dim=1)


def graphs(structures, targets=None):
    made = []
    for index, frame in enumerate(structures.frames()):
        z = torch.tensor([SYMBOLS.index(symbol) + 1 for symbol in frame["symbols"]])
        graph = Data(z=z, pos=torch.tensor(frame["positions"], dtype=torch.float))
        if targets is not None:
            graph.y = torch.tensor([targets[index]], dtype=torch.float)
        made.append(graph)
    return made


def fit(training, validation, request):
    options = {
        "hidden_channels": 64,
        "num_filters": 64,
        "num_interactions": 3,
        "num_gaussians": 32,
        "cutoff": 6.0,
        "epochs": 50,
        "batch_size": 32,
        "learning_rate": 1e-3,
        **request["options"],
    }
    epochs, size, rate = (options.pop(key) for key in ("epochs", "batch_size", "learning_rate"))
    torch.manual_seed(request["seed"])
    torch.set_num_threads(request["threads"])
    targets = numpy.array(training.targets + validation.targets)
    mean, scale = targets.mean(), targets.std() or 1.0
    standard = (targets - mean) / scale
    data = graphs(training, standard) + graphs(validation, standard[training.count :])
    graph = Neighbours(options["cutoff"], options.get("max_num_neighbors", 32))
    model = SchNet(readout="mean", interaction_graph=graph, **options)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, amsgrad=True)
    for _ in range(epochs):
        for batch in DataLoader(data, batch_size=size, shuffle=True):
            optimizer.zero_grad()
            predicted = model(batch.z, batch.pos, batch.batch).view(-1)
            torch.nn.functional.l1_loss(predicted, batch.y).backward()
            optimizer.step()

    def predict(new):
        with torch.no_grad():
            batches = DataLoader(graphs(new), batch_size=size)
            parts = [model(b.z, b.pos, b.batch).view(-1) for b in batches]
        return (torch.cat(parts).double().numpy() * scale + mean).tolist()

    predict.complexity = sum(parameter.numel() for parameter in model.parameters())
    return predict


serve(fit, needs=("structures",))
