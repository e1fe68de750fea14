"""From cell channels, targets and column identities to vectors; the twin of packages/model/src/blocks/embedding.ts."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foundation.model.config import CLASS_SLOTS, Task
from foundation.model.layers import matrix, normal

GROUP_SHIFTS = (1, 3)


def bumps(x: Tensor, first: float, last: float, count: int) -> Tensor:
    """exp(-((x - c) / w)^2 / 2) for `count` centres c from `first` to `last`, w their distance; adds an axis."""
    width = (last - first) / (count - 1)
    centres = torch.linspace(first, last, count, device=x.device, dtype=x.dtype)
    return torch.exp((x.unsqueeze(-1) - centres).square() * (-0.5 / width**2))


def roll_columns(x: Tensor, shift: int) -> Tensor:
    """Column j + shift at place j of [B, N, f, c], cyclically; a table not wider than `shift` is left as it is."""
    return x if x.shape[2] <= shift else torch.roll(x, -shift, 2)


class CellEmbedding(nn.Module):
    """Cell channels [B, N, f, 4] to cell vectors [B, N, f, E]; in float32 whatever the type of the stream."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = matrix(48, width)
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        own = torch.cat([x, bumps(x[..., 0], -2.5, 2.5, 6), bumps(x[..., 1], 0, 1, 6)], -1)
        grouped = torch.cat([own, *(roll_columns(own, shift) for shift in GROUP_SHIFTS)], -1)
        return grouped @ self.weight + self.bias


class ClassEmbedding(nn.Module):
    """Class slots to vectors; `unknown` stands for the target of a row whose target is asked for."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.slots = nn.Parameter(_orthogonal_rows(CLASS_SLOTS, width))
        self.unknown = normal(width, sd=0.02)

    def forward(self, target: Tensor) -> Tensor:
        return F.embedding(target, self.slots)


class ValueEmbedding(nn.Module):
    """Standardised values to vectors, through 16 bumps and the value itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.value = matrix(17, width)
        self.bias = nn.Parameter(torch.zeros(width))
        self.unknown = normal(width, sd=0.02)

    def forward(self, target: Tensor) -> Tensor:
        return torch.cat([target.unsqueeze(-1), bumps(target, -3, 3, 16)], -1) @ self.value + self.bias


class TargetEmbedding(nn.Module):
    """The target's part of a stage: embeddings of both tasks and the vector that names the task.

    The submodules carry the names that the weights have in a checkpoint.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.classification = ClassEmbedding(width)
        self.regression = ValueEmbedding(width)
        self.task = nn.ParameterDict({task: normal(width, sd=0.02) for task in ("classification", "regression")})

    def embed_target(self, target: Tensor, queries: int, task: Task) -> Tensor:
        """Vectors [B, n + queries, width] of the labelled rows' targets and of `queries` unknown ones."""
        part = self.classification if task == "classification" else self.regression
        known = part(target)
        unknown = part.unknown.expand(known.shape[0], queries, -1)
        return torch.cat([known, unknown], 1)


def _orthogonal_rows(rows: int, columns: int) -> Tensor:
    """Rows of length sqrt(columns), orthogonal within every group of `columns` rows."""
    groups = math.ceil(rows / columns)
    q = torch.linalg.qr(torch.randn(groups, columns, columns))[0]
    return (q.reshape(-1, columns)[:rows] * math.sqrt(columns)).contiguous()
