"""Sums of random axis-aligned trees, grown without data: thresholds are values of random rows."""

from __future__ import annotations

import torch
from torch import Tensor

from foundation.prior.draw import Draw, importances


def _split_columns(draw: Draw, groups: int, inputs: int, splits: int) -> tuple[Tensor, Tensor]:
    """Inputs that `splits` nodes of each dataset split on, important ones more often, and the inputs' main effects.

    Returns [g, splits] indices and [g, P] steps: the direction in which crossing a threshold of that input moves a leaf.
    """
    weights = importances(draw, groups, inputs) + 1e-6
    columns = torch.multinomial(weights, splits, replacement=True, generator=draw.generator)
    return columns, draw.normal(groups, inputs)


def _thresholds(draw: Draw, x: Tensor, columns: Tensor) -> Tensor:
    """For each split the middle of three random rows' values, a little off, so that splits near the edge are rare."""
    groups, splits = columns.shape
    rows = x.shape[2]
    flat = x.reshape(groups, -1)
    picks = columns.unsqueeze(-1) * rows + draw.integers(0, rows, groups, splits, 3)
    values = flat.gather(1, picks.reshape(groups, -1)).reshape(groups, splits, 3)
    return values.median(-1).values - 1e-6


def _main_effect(draw: Draw, groups: int) -> Tensor:
    """Weight of the main effects beside the leaves' own values, [g, 1, 1, 1]; none in 30 % of the datasets."""
    return torch.where(draw.chance(0.3, groups, 1, 1, 1), 0.0, draw.uniform(groups, 1, 1, 1, low=0.3, high=2))


def oblivious_trees(draw: Draw, x: Tensor, outputs: int, count: int, depth: int) -> Tensor:
    """Trees with one split for each level: lattices. [g, P, N] to [g, L, N]."""
    groups, inputs, rows = x.shape
    columns, steps = _split_columns(draw, groups, inputs, count * depth)
    thresholds = _thresholds(draw, x, columns)
    above = x.gather(1, columns.unsqueeze(-1).expand(-1, -1, rows)) > thresholds.unsqueeze(-1)
    powers = 2 ** torch.arange(depth, device=x.device)
    leaf = (above.reshape(groups, count, depth, rows) * powers.reshape(1, 1, depth, 1)).sum(2)
    bits = (torch.arange(2**depth, device=x.device).unsqueeze(-1) // powers) % 2 - 0.5
    main = steps.gather(1, columns).reshape(groups, count, 1, depth) @ bits.T
    leaves = draw.normal(groups, outputs, count, 2**depth) + _main_effect(draw, groups) * main.transpose(1, 2)
    return _sum_of_leaves(leaves, leaf)


def splitting_trees(draw: Draw, x: Tensor, outputs: int, count: int, depth: int) -> Tensor:
    """Complete binary trees with a split of its own in each node. [g, P, N] to [g, L, N]."""
    groups, inputs, rows = x.shape
    inner = 2**depth - 1
    columns, steps = _split_columns(draw, groups, inputs, count * inner)
    thresholds = _thresholds(draw, x, columns)
    columns, thresholds = (t.reshape(groups, count, inner) for t in (columns, thresholds))
    direction = steps.gather(1, columns.reshape(groups, -1)).reshape(groups, count, inner)
    node = torch.zeros(groups, count, rows, dtype=torch.int64, device=x.device)
    main = x.new_zeros(groups, count, 1)
    for level in range(depth):
        first, size = 2**level - 1, 2**level
        at = node if level else node[:, :, :1]
        column = columns[:, :, first : first + size].gather(2, at)
        value = x.gather(1, column.expand(groups, count, rows))
        above = value > thresholds[:, :, first : first + size].gather(2, at)
        step = direction[:, :, first : first + size]
        main = torch.stack([main - step / 2, main + step / 2], -1).flatten(2)
        node = 2 * node + above
    leaves = draw.normal(groups, outputs, count, 2**depth) + _main_effect(draw, groups) * main.unsqueeze(1)
    return _sum_of_leaves(leaves, node)


def _sum_of_leaves(leaves: Tensor, leaf: Tensor) -> Tensor:
    """Leaves [g, L, T, leaves] and each row's leaf [g, T, N] to the sum over trees [g, L, N]."""
    outputs = leaves.shape[1]
    picked = leaves.gather(3, leaf.unsqueeze(1).expand(-1, outputs, -1, -1))
    return picked.sum(2)
