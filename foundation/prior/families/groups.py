"""Group effects: one to three categorical columns of 10 to 200 levels with long-tailed frequencies shift the target.

Random intercepts and, for some, random slopes, on top of a function of ordinary columns.
"""

from __future__ import annotations

import numpy as np
import torch

from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, standardise
from foundation.prior.latents import draw_latents
from foundation.prior.mechanisms import additive, linear, smooth, trees
from foundation.prior.observe import MOST_LEVELS, Columns, categorical_shares, categorise, observe


def group_family(draw: Draw, request: Request) -> Draft:
    """Datasets of one call share the number of group columns."""
    groups, features, rows, outputs = request.groups, request.features, request.rows, request.latents
    count = min(features, int(draw.host.integers(1, 4)))
    ordinary = max(1, features - count)
    latents = draw_latents(draw, groups, ordinary, rows)
    others = observe(draw, latents, 0.5 * categorical_shares(draw, groups))
    most = max(4, min(MOST_LEVELS, rows // 10))
    levels = draw.host_log_uniform(min(10, most), most + 0.99, groups * count).astype(int)
    codes = categorise(draw, draw.normal(groups * count, rows), levels, np.zeros(groups * count, dtype=bool))
    codes = codes.reshape(groups, count, rows)
    base = (linear, linear, additive, smooth, trees)[draw.host.integers(5)]
    out = base(draw, others.drivers, outputs)
    weight = draw.uniform(groups, 1, 1, low=0.4, high=2)
    effects = torch.zeros_like(out)
    for g in range(count):
        member = codes[:, g].unsqueeze(1).expand(-1, outputs, -1)
        own = draw.normal(groups, outputs, int(levels.max())).gather(2, member)
        slope = others.drivers.gather(1, draw.integers(0, ordinary, groups, 1, 1).expand(-1, -1, rows))
        effects = effects + own * torch.where(draw.chance(0.3, groups, 1, 1), slope, 1.0) / (g + 1)
    declared = torch.ones(groups, count, dtype=torch.bool, device=draw.device)
    merged = Columns(
        torch.cat([codes.float(), others.values], 1)[:, :features],
        torch.cat([declared, others.categorical], 1)[:, :features],
        torch.cat([codes.float(), others.drivers], 1)[:, :features],
    )
    return Draft(_shuffled(draw, merged), latents=standardise(out + weight * effects))


def _shuffled(draw: Draw, columns: Columns) -> Columns:
    """The columns of each dataset in random order."""
    groups, count, rows = columns.values.shape
    order = draw.permutations(groups, count)
    wide = order.unsqueeze(-1).expand(-1, -1, rows)
    return Columns(columns.values.gather(1, wide), columns.categorical.gather(1, order), columns.drivers.gather(1, wide))
