"""SEGVAE's loop in plain PyTorch and numpy, as a peer of the example `segvae_speed`.

    pip install torch numpy
    taskset -c 0 python3 benches/scripts/segvae_torch.py [hidden] [latent] [epochs]

Written from the paper's description (Popov et al., PeerJ CS 9, e1241): LSTM layers of torch, all
formulas of an epoch sampled as one batch, each scored by a stack machine over numpy arrays, on the
data and on 10,000 random points. The problem is that of the example: Nguyen-1, eight functions and
the number 1, at most 15 tokens, 2,000 formulas an epoch, the first training on 20,000 formulas and
watched on 5,000. One thread; seconds are those of the CPU.
"""

import random
import sys
import time

import numpy
import torch
from torch import nn

torch.set_num_threads(1)
numpy.seterr(all="ignore")
hidden, latent, epochs = (
    int(sys.argv[i]) if len(sys.argv) > i else default for i, default in [(1, 128), (2, 8), (3, 25)]
)
LONGEST = 15
BINARY = {
    "add": numpy.add,
    "sub": numpy.subtract,
    "mul": numpy.multiply,
    "div": lambda a, b: numpy.where(numpy.abs(b) > 1e-3, a / b, numpy.nan),
}
UNARY = {
    "sin": numpy.sin,
    "cos": numpy.cos,
    "exp": lambda a: numpy.exp(numpy.minimum(a, 10.0)),
    "log": lambda a: numpy.where(a > 1e-4, numpy.log(a), numpy.nan),
}
WORDS = [*BINARY, *UNARY, "1", "x"]
BEGIN, END, PAD = len(WORDS), len(WORDS) + 1, len(WORDS) + 2
ARITY = [2] * len(BINARY) + [1] * len(UNARY) + [0, 0]


def draw():
    """A random formula that closes in time."""
    while True:
        tokens, missing = [], 1
        while missing and len(tokens) + missing <= LONGEST:
            tokens.append(random.randrange(len(WORDS)))
            missing += ARITY[tokens[-1]] - 1
        if not missing:
            return tuple(tokens)


def library(size):
    found = set()
    while len(found) < size:
        found.add(draw())
    return list(found)


def batches(formulas, size=256):
    formulas = sorted(formulas, key=len)
    for start in range(0, len(formulas), size):
        part = formulas[start : start + size]
        steps = max(map(len, part)) + 1
        inputs = torch.full((len(part), steps), PAD)
        targets = inputs.clone()
        for row, tokens in enumerate(part):
            inputs[row, 0] = BEGIN
            inputs[row, 1 : len(tokens) + 1] = torch.tensor(tokens)
            targets[row, : len(tokens)] = torch.tensor(tokens)
            targets[row, len(tokens)] = END
        yield inputs, targets


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(PAD + 1, 128)
        self.drop = nn.Dropout(0.1)
        self.encoder = nn.LSTM(128, hidden, batch_first=True, bidirectional=True)
        self.mean, self.spread = nn.Linear(2 * hidden, latent), nn.Linear(2 * hidden, latent)
        self.from_code = nn.Linear(latent, 128)
        self.decoder = nn.LSTM(128, hidden, batch_first=True)
        self.output = nn.Linear(hidden, PAD + 1)

    def forward(self, inputs, targets):
        _, (last, _) = self.encoder(self.drop(self.embed(inputs)))
        last = torch.cat([last[0], last[1]], 1)
        mean, spread = self.mean(last), self.spread(last)
        code = mean + torch.exp(0.5 * spread) * torch.randn_like(mean)
        x = self.drop(self.embed(inputs)) + self.from_code(code)[:, None]
        scores = self.output(self.drop(self.decoder(x)[0]))
        loss = nn.functional.cross_entropy(
            scores.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="sum"
        )
        divergence = -0.5 * (1 + spread - mean**2 - spread.exp()).sum()
        return (loss + 0.5 * divergence) / len(inputs)

    @torch.no_grad()
    def sample(self, count):
        code = self.from_code(torch.randn(count, latent))[:, None]
        token, state, tokens = torch.full((count, 1), BEGIN), None, []
        for _ in range(LONGEST):
            out, state = self.decoder(self.embed(token) + code, state)
            token = torch.multinomial(self.output(out[:, 0]).softmax(1), 1)
            tokens.append(token)
        found = set()
        for row in torch.cat(tokens, 1).tolist():
            found.add(tuple(row[: row.index(END)] if END in row else row))
        return found


def learn(network, optimizer, formulas):
    network.train()
    parts = list(batches(formulas))
    random.shuffle(parts)
    for inputs, targets in parts:
        optimizer.zero_grad()
        network(inputs, targets).backward()
        optimizer.step()


def is_formula(tokens):
    depth = 0
    for token in reversed(tokens):
        if token >= len(WORDS) or depth < ARITY[token]:
            return False
        depth += 1 - ARITY[token]
    return depth == 1


def values(tokens, x):
    stack = []
    for token in reversed(tokens):
        word = WORDS[token]
        if word in BINARY:
            a = stack.pop()
            stack.append(BINARY[word](a, stack.pop()))
        elif word in UNARY:
            stack.append(UNARY[word](stack.pop()))
        else:
            stack.append(x if word == "x" else numpy.ones_like(x))
    return stack[0]


def score(tokens, x, y):
    points = numpy.random.uniform(-1, 1, 10_000)
    if not numpy.isfinite(values(tokens, points)).all():
        return None
    error = ((values(tokens, x) - y) ** 2).mean()
    return error if numpy.isfinite(error) else None


def main():
    random.seed(1), torch.manual_seed(1), numpy.random.seed(1)
    x = -0.98 + 0.1 * numpy.arange(20)
    y = x + x**2 + x**3
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), 5e-4, betas=(0.5, 0.999))
    train, watched = library(20_000), library(5_000)
    for _ in range(3):
        start = time.process_time()
        learn(network, optimizer, train)
        network.eval()
        with torch.no_grad():
            for inputs, targets in batches(watched):
                network(inputs, targets)
        print(f"pre-training: {time.process_time() - start:.2f} CPU s an epoch", flush=True)
    start = time.process_time()
    network.sample(10_000)
    print(f"sampling: {10_000 / (time.process_time() - start):.0f} formulas a CPU s")
    start, pool = time.process_time(), []
    for _ in range(epochs):
        network.eval()
        formulas = filter(is_formula, network.sample(2_000))
        graded = [(score(tokens, x, y), tokens) for tokens in formulas]
        graded = [(error, tokens) for error, tokens in graded if error is not None]
        kept = [error for part in pool[-4:] for error, _ in part]
        threshold = numpy.percentile([error for error, _ in graded] + kept, 5)
        pool = [*pool[-4:], [(e, tokens) for e, tokens in graded if e < threshold]]
        learn(network, optimizer, [tokens for part in pool for _, tokens in part])
    spent = time.process_time() - start
    print(f"search: {spent:.2f} CPU s for {epochs} epochs, {2_000 * epochs / spent:.0f} formulas a CPU s")


main()
