"""What real tables do to clean columns: wild values, missing cells, columns without information."""

from __future__ import annotations

import torch
from torch import Tensor

from foundation.prior.draw import Draw, standardise


def add_outliers(draw: Draw, values: Tensor, categorical: Tensor) -> Tensor:
    """In a tenth of the datasets 0.1 to 2 % of the numeric cells of [g, f, N] times 3 to 100."""
    groups, count, _ = values.shape
    share = torch.where(
        draw.chance(0.1, groups, 1, 1) & ~categorical.unsqueeze(-1),
        draw.log_uniform(groups, 1, 1, low=0.001, high=0.02),
        0.0,
    )
    size = draw.log_uniform(groups, count, 1, low=3, high=100)
    return torch.where(draw.chance(share, *values.shape), values * size, values)


def add_missing(draw: Draw, values: Tensor) -> Tensor:
    """In 30 % of the datasets NaN in some columns: at random, by another column's value, or by the cell's own."""
    groups, count, rows = values.shape
    affected = torch.where(draw.chance(0.3, groups, 1), 1.0, draw.uniform(groups, 1, low=0.05))
    chosen = draw.chance(0.3, groups, 1) & draw.chance(affected, groups, count)
    rate = draw.log_uniform(groups, 1, low=0.01, high=0.4) * draw.uniform(groups, count, low=0.3, high=1.7)
    rate = torch.where(chosen, rate.clamp(max=0.6), 0.0).unsqueeze(-1)
    kind = draw.uniform(groups, 1, 1)
    other = draw.integers(0, count, groups, count, 1).expand(-1, -1, rows)
    whole = standardise(values)
    cause = torch.where(kind < 0.8, whole.gather(1, other), whole)
    slope = draw.sign(groups, 1, 1) * draw.uniform(groups, 1, 1, low=0.5, high=3)
    chance = torch.where(kind < 0.5, rate, 2 * rate * torch.sigmoid(slope * cause))
    return torch.where(draw.chance(chance, *values.shape), torch.nan, values)


def replace_constants(draw: Draw, values: Tensor, train: int) -> tuple[Tensor, Tensor]:
    """Columns without two different training values become noise; returns the values and which [g, f] these are."""
    labelled = values[:, :, :train]
    low = labelled.nan_to_num(nan=torch.inf).amin(-1)
    high = labelled.nan_to_num(nan=-torch.inf).amax(-1)
    constant = ~(high > low)
    return torch.where(constant.unsqueeze(-1), draw.normal(*values.shape), values), constant
