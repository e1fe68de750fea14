"""Random functions of a few standardised inputs: node functions of the graph family, targets of the simpler families.

Each takes inputs [g, P, N] (datasets, inputs, rows) and returns [g, L, N], standardised: L functions of one kind. The
kinds are those of packages/prior/src/general/mechanisms.ts (after TabICLv2's node families), batched.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from foundation.prior.draw import Draw, importances, standardise
from foundation.prior.trees import oblivious_trees, splitting_trees

Mechanism = Callable[[Draw, Tensor, int], Tensor]


def signed_importances(draw: Draw, groups: int, outputs: int, inputs: int) -> Tensor:
    """Weights [g, L, P]: importances with random signs and some spread."""
    weights = importances(draw, groups * outputs, inputs).reshape(groups, outputs, inputs)
    return weights * draw.sign(groups, outputs, inputs) * draw.uniform(groups, outputs, inputs, low=0.5, high=1.5)


def linear(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """Weighted sums."""
    return standardise(signed_importances(draw, len(x), outputs, x.shape[1]) @ x)


def quadratic(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """Products of pairs of weighted sums (or their squares) with a linear part."""
    g, p, _ = x.shape
    terms = 2
    a = standardise(signed_importances(draw, g, outputs * terms, p) @ x)
    b = standardise(signed_importances(draw, g, outputs * terms, p) @ x)
    b = torch.where(draw.chance(0.4, g, 1, 1), a, b)
    products = (a * b * draw.normal(g, outputs * terms, 1)).unflatten(1, (outputs, terms)).sum(2)
    return standardise(products + linear(draw, x, outputs) * draw.uniform(g, 1, 1, high=1.5))


SHAPES: tuple[Callable[[Tensor], Tensor], ...] = (
    torch.tanh,
    torch.relu,
    lambda x: x,
    lambda x: torch.sin(1.5 * x),
    lambda x: torch.exp(-x * x),
    torch.abs,
    lambda x: (x > 0).float(),
    lambda x: x * x,
    lambda x: torch.exp((0.7 * x).clamp(max=3)),
    lambda x: torch.floor(1.5 * x),
)
MONOTONE = (0, 1, 2, 2, 6, 8, 9)


def _activate(draw: Draw, x: Tensor, kinds: int, blocks: int, monotone: bool = False) -> Tensor:
    """Apply shapes to the units [g, U, N], other ones to each of `blocks` parts of them."""
    parts = []
    for part in x.chunk(blocks, 1):
        kind = draw.host.choice(MONOTONE) if monotone else draw.host.integers(kinds)
        parts.append(SHAPES[kind](part))
    return torch.cat(parts, 1)


def network(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """A network with one or two hidden layers and mixed activations."""
    g, p, _ = x.shape
    gain = draw.log_uniform(g, 1, 1, low=0.4, high=2.5)
    hidden = x * importances(draw, g, p).unsqueeze(-1) * p**0.5
    for _ in range(draw.host.integers(1, 3)):
        width = int(draw.host_log_uniform(4, 24.99))
        weights = draw.normal(g, width, hidden.shape[1]) * gain / hidden.shape[1] ** 0.5
        bias = draw.normal(g, width, 1) * gain * 0.7
        hidden = _activate(draw, torch.baddbmm(bias, weights, hidden), 7, int(draw.host.integers(1, 4)))
    return standardise(draw.normal(g, outputs, hidden.shape[1]) @ hidden)


def smooth(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """A smooth surface: a Gaussian process by random Fourier features with heavy-tailed frequencies."""
    g, p, _ = x.shape
    waves = 24
    tail = draw.log_uniform(g, 1, low=2, high=20).expand(g, waves).contiguous()
    spread = torch.sqrt(tail / (2 * draw.gamma(tail / 2)).clamp(min=1e-3)).unsqueeze(-1)
    frequency = draw.log_uniform(g, 1, 1, low=0.2, high=1.8) * importances(draw, g, p).unsqueeze(1)
    angles = torch.baddbmm(draw.uniform(g, waves, 1, high=6.2832), draw.normal(g, waves, p) * spread * frequency, x)
    return standardise(draw.normal(g, outputs, waves) @ torch.cos(angles))


def additive(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """Sums of functions of single inputs, with a product of two now and then."""
    g, p, _ = x.shape
    blocks = min(p, int(draw.host.integers(1, 5)))
    shifted = x + draw.normal(g, p, 1) * 0.7
    parts = standardise(_activate(draw, shifted, len(SHAPES), blocks, monotone=draw.host.random() < 0.5))
    out = signed_importances(draw, g, outputs, p) @ parts
    if p > 1 and draw.host.random() < 0.35:
        out = standardise(out) + product(draw, x, outputs) * draw.uniform(g, 1, 1, high=0.8)
    return standardise(out)


def product(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """Product or ratio of two or three shifted inputs."""
    g, p, rows = x.shape
    out = x.new_ones(g, outputs, rows)
    for k in range(min(p, int(draw.host.integers(2, 4)))):
        chosen = draw.integers(0, p, g, outputs, 1).expand(g, outputs, rows)
        factor = x.gather(1, chosen) + draw.uniform(g, outputs, 1, low=-2.5, high=2.5)
        divides = draw.chance(0.2 if k > 0 else 0.0, g, outputs, 1)
        out = out * torch.where(divides, 1 / (0.5 + factor.abs()), factor)
    return standardise(out)


def nearest_centre(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """A value for the nearest of 2 to 24 centres in the space of the weighted inputs."""
    g, p, rows = x.shape
    count = int(draw.host_log_uniform(2, 24.99))
    points = (x * importances(draw, g, p).unsqueeze(-1)).transpose(1, 2)
    picks = draw.integers(0, rows, g, count, 1).expand(g, count, p)
    centres = points.gather(1, picks)
    distance = centres.square().sum(-1).unsqueeze(1) - 2 * points @ centres.transpose(1, 2)
    nearest = distance.argmin(-1).unsqueeze(1).expand(g, outputs, rows)
    return standardise(draw.normal(g, outputs, count).gather(2, nearest))


def soft_clusters(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """Softmax of the similarity to a few centres, times a value of each."""
    g, p, rows = x.shape
    count = int(draw.host_log_uniform(2, 12.99))
    keys = draw.normal(g, count, p) * importances(draw, g, p).unsqueeze(1)
    weights = torch.softmax(keys @ x * draw.log_uniform(g, 1, 1, low=0.5, high=8), 1)
    return standardise(draw.normal(g, outputs, count) @ weights)


def trees(draw: Draw, x: Tensor, outputs: int) -> Tensor:
    """One tree, or a sum of a few, oblivious or not."""
    single = draw.host.random() < 0.4
    count = 1 if single else int(draw.host_log_uniform(2, 16.99))
    depth = int(draw.host.integers(1, 6 if count > 8 else 7))
    grow = oblivious_trees if draw.host.random() < 1 / 3 else splitting_trees
    return standardise(grow(draw, x, outputs, count, depth))


MECHANISMS: dict[str, Mechanism] = {
    "linear": linear,
    "quadratic": quadratic,
    "network": network,
    "smooth": smooth,
    "additive": additive,
    "product": product,
    "nearest_centre": nearest_centre,
    "soft_clusters": soft_clusters,
    "trees": trees,
}
"""By name; common shapes of real data are drawn more often, see `COMMON`."""

COMMON = ("linear", "linear", "linear", "network", "trees", "trees", "additive", "additive", "smooth")


def apply_by_kind(draw: Draw, kinds: list[str], x: Tensor, outputs: int) -> Tensor:
    """The mechanism kinds[i] on x[i], grouped by kind: [g, P, N] to [g, L, N]."""
    names = sorted(set(kinds))
    if len(names) == 1:
        return MECHANISMS[names[0]](draw, x, outputs)
    out = x.new_empty(x.shape[0], outputs, x.shape[2])
    for name in names:
        members = draw.to_device_index([i for i, kind in enumerate(kinds) if kind == name])
        out[members] = MECHANISMS[name](draw, x[members], outputs)
    return out
