"""A cheap test that columns tell something of the target, so that training is not spent on tasks without an answer.

Ridge regression (of class indicators, for classification) on columns and random Fourier features, some of all columns and
some of single ones, fitted on half of the rows and scored on the others. Blind to pure interactions: rules are exempt.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from foundation.prior.draw import Draw

MOST_COLUMNS = 48
MOST_ROWS = 768
JOINT_WAVES = 24
COLUMN_WAVES = 48
PENALTY = 10.0


def measure_learnability(draw: Draw, z: Tensor, y: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Share of the squared error that the fit removes on rows that it has not seen, and that gain in standard errors.

    `z` [g, f, N] are the columns' first channel, `y` [g, N] labels below `classes` or (classes 0) numbers; both [g].
    """
    x = z[:, :, :MOST_ROWS]
    groups, columns, rows = x.shape
    half = rows // 2
    joint = draw.normal(groups, JOINT_WAVES, columns) / columns**0.5
    picks = draw.integers(0, columns, groups, COLUMN_WAVES, 1).expand(-1, -1, rows)
    single = x.gather(1, picks) * draw.log_uniform(groups, COLUMN_WAVES, 1, low=0.5, high=8)
    angles = torch.cat([joint @ x, single], 1) + draw.uniform(groups, JOINT_WAVES + COLUMN_WAVES, 1, high=6.2832)
    features = torch.cat([x[:, :MOST_COLUMNS], torch.cos(angles)], 1)
    labels = y[:, :rows]
    target = F.one_hot(labels, classes).to(x.dtype) if classes else labels.unsqueeze(-1)
    fit, held = features[:, :, :half], features[:, :, half:]
    centre = fit.mean(2, keepdim=True)
    fit, held = fit - centre, held - centre
    mean = target[:, :half].mean(1, keepdim=True)
    gram = fit @ fit.transpose(1, 2)
    gram.diagonal(dim1=1, dim2=2).add_(PENALTY)
    factor, _ = torch.linalg.cholesky_ex(gram)
    weights = torch.cholesky_solve(fit @ (target[:, :half] - mean), factor)
    truth = target[:, half:] - mean
    base = truth.square().sum(-1)
    gain = base - (truth - held.transpose(1, 2) @ weights).square().sum(-1)
    error = gain.std(1) / (rows - half) ** 0.5
    skill = gain.sum(1) / base.sum(1).clamp(min=1e-9)
    return skill, gain.mean(1) / error.clamp(min=1e-9)
