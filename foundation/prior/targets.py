"""From latents to targets: noise, the marginal shapes of real targets, class labels."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from foundation.prior.draw import Draw, shares, standardise

MOST_CENTRES_PER_CLASS = 3


def regression_target(draw: Draw, latent: Tensor, easy: bool) -> Tensor:
    """Targets [g, N] of signals [g, N]: noise, then for half of the datasets another marginal, then outliers."""
    groups = len(latent)
    noise = draw.log_uniform(groups, 1, low=0.01, high=0.25 if easy else 1.5)
    y = standardise(latent + noise * _noise(draw, latent, easy))
    if easy:
        return y
    kind = draw.uniform(groups, 1)
    strength = draw.uniform(groups, 1, low=0.3, high=1.2)
    sign = torch.where(draw.chance(0.85, groups, 1), 1.0, -1.0)
    cut = draw.uniform(groups, 1, low=-0.7, high=0.5)
    steps = draw.log_uniform(groups, 1, low=1, high=15)
    warps = (
        (0.68, sign * torch.exp(strength * sign * y)),
        (0.73, torch.sinh(strength * y)),
        (0.8, y.sign() * y.abs() ** (0.5 + strength)),
        (0.85, torch.relu(y - cut)),
        (0.95, torch.round(steps * y)),
        (1.0, torch.sigmoid(2.5 * strength * y)),
    )
    warped = y
    for bound, shape in reversed(warps):
        warped = torch.where(kind < bound, shape, warped)
    y = torch.where(kind < 0.5, y, warped)
    wild = draw.chance(0.05, groups, 1) & draw.chance(draw.log_uniform(groups, 1, low=0.003, high=0.02), *y.shape)
    return torch.where(wild, y * draw.log_uniform(groups, 1, low=3, high=20), y)


def _noise(draw: Draw, latent: Tensor, easy: bool) -> Tensor:
    """Normal noise; for a tenth each it grows with the signal or has Student's tails."""
    normal = draw.normal(*latent.shape)
    if easy:
        return normal
    groups = len(latent)
    kind = draw.uniform(groups, 1)
    slope = torch.where(kind < 0.1, draw.uniform(groups, 1, low=0.3, high=1), 0.0)
    tails = draw.student(draw.uniform(groups, 1, low=3, high=6), *latent.shape)
    return torch.where(kind > 0.9, tails, normal) * torch.exp(slope * latent)


def draw_class_counts(draw: Draw, groups: int, most: int) -> np.ndarray:
    """45 % binary, else 3 to 10 with fewer classes more often; a tenth 11 to `most` where that is more than 10."""
    kind = draw.host.random(groups)
    few = draw.host_log_uniform(3, max(3, min(most, 10)) + 0.99, groups).astype(int)
    counts = np.where((kind < 0.45) | (most < 3), 2, few)
    if most > 10:
        counts = np.where(kind > 0.9, draw.host_log_uniform(11, most + 0.99, groups).astype(int), counts)
    return counts


def class_labels(draw: Draw, latents: Tensor, classes: np.ndarray, easy: bool) -> Tensor:
    """Labels [g, N] from latents [g, L, N] by quantile cuts, nearest centres or a sampled softmax."""
    groups = len(latents)
    noise = draw.log_uniform(groups, 1, 1, low=0.003, high=0.25 if easy else 0.8)
    noisy = latents + noise * draw.normal(*latents.shape)
    labels = torch.zeros(groups, latents.shape[2], dtype=torch.int64, device=draw.device)
    # Cuts of one scalar make ordered classes, which several classes of a real table seldom are.
    kind = np.maximum(draw.host.random(groups), np.where(classes > 2, 0.2 * draw.host.random(groups) + 0.15, 0))
    for method, low, high in ((_by_cuts, 0.0, 0.35), (_by_centres, 0.35, 0.6), (_by_softmax, 0.6, 1.0)):
        members = np.flatnonzero((kind >= low) & (kind < high))
        if len(members):
            index = draw.to_device_index(members)
            labels[index] = method(draw, noisy[index], classes[members])
    return labels


def flip_labels(draw: Draw, labels: Tensor, probability: float) -> Tensor:
    """In some datasets a share of the rows gets another row's label."""
    groups, rows = labels.shape
    share = torch.where(draw.chance(probability, groups, 1), draw.log_uniform(groups, 1, low=0.005, high=0.2), 0.0)
    other = labels.gather(1, draw.integers(0, rows, groups, rows))
    return torch.where(draw.chance(share, groups, rows), other, labels)


def _by_cuts(draw: Draw, latents: Tensor, classes: np.ndarray) -> Tensor:
    scalar = latents[:, 0]
    used = draw.to_device(classes.astype(np.int64)).unsqueeze(1)
    concentration = draw.log_uniform(len(scalar), 1, low=0.5, high=12)
    parts = shares(draw, len(scalar), int(classes.max()), concentration, 0.12, used)
    order = scalar.sort(1).values
    at = (parts.cumsum(1)[:, :-1] * scalar.shape[1]).long().clamp(max=scalar.shape[1] - 1)
    cuts = torch.where(torch.arange(at.shape[1], device=at.device) < used - 1, order.gather(1, at), torch.inf)
    return torch.searchsorted(cuts.contiguous(), scalar.contiguous())


def _by_centres(draw: Draw, latents: Tensor, classes: np.ndarray) -> Tensor:
    """The nearest of one to three centres for each class; centres are rows, so that each of them owns some."""
    groups, dims, rows = latents.shape
    each = 1 if draw.host.random() < 0.6 else int(draw.host.integers(2, MOST_CENTRES_PER_CLASS + 1))
    most = int(classes.max()) * each
    points = latents.transpose(1, 2)
    centres = points.gather(1, draw.integers(0, rows, groups, most, 1).expand(-1, -1, dims))
    distance = centres.square().sum(-1).unsqueeze(1) - 2 * points @ centres.transpose(1, 2)
    used = draw.to_device(classes.astype(np.int64)).unsqueeze(1)
    beyond = torch.arange(most, device=draw.device) >= used * each
    return distance.masked_fill(beyond.unsqueeze(1), torch.inf).argmin(-1) % used


def _by_softmax(draw: Draw, latents: Tensor, classes: np.ndarray) -> Tensor:
    groups, dims, rows = latents.shape
    most = int(classes.max())
    sharpness = draw.log_uniform(groups, 1, 1, low=3, high=100)
    bias = draw.normal(groups, most, 1) * draw.uniform(groups, 1, 1, high=1.1)
    directions = draw.normal(groups, most, dims)
    directions = directions / directions.norm(dim=2, keepdim=True).clamp(min=1e-6)
    gumbel = -torch.log(-torch.log(draw.uniform(groups, most, rows).clamp(1e-9, 1 - 1e-7)))
    scores = sharpness * torch.baddbmm(bias.expand(-1, -1, rows), directions, latents) + gumbel
    used = draw.to_device(classes.astype(np.int64)).reshape(-1, 1, 1)
    beyond = torch.arange(most, device=draw.device).reshape(1, -1, 1) >= used
    return scores.masked_fill(beyond, -torch.inf).argmax(1)


def merge_rare_classes(labels: Tensor, classes: int, train: int, fewest: int = 2) -> tuple[Tensor, Tensor]:
    """Classes with fewer than `fewest` training rows become the most frequent one.

    Returns labels 0..k-1 [g, N] in which every class has its training rows, and k [g] (1 when only one class is left).
    """
    counts = torch.zeros(len(labels), classes, dtype=torch.int64, device=labels.device)
    counts.scatter_add_(1, labels[:, :train], torch.ones_like(labels[:, :train]))
    kept = counts >= fewest
    name = kept.cumsum(1) - 1
    largest = name.gather(1, counts.argmax(1, keepdim=True))
    return torch.where(kept, name, largest).gather(1, labels), kept.sum(1)
