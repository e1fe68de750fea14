"""Standardised latent columns: independent, uniform, driven by common factors, in clusters, near copies."""

from __future__ import annotations

import torch
from torch import Tensor

from foundation.prior.draw import Draw, standardise

FACTORS = 5


def draw_latents(draw: Draw, groups: int, count: int, rows: int) -> Tensor:
    """Latents [g, count, N]; how they hang together differs by dataset."""
    kind = draw.uniform(groups, 1, 1)
    factors = torch.where(kind < 0.85, draw.normal(groups, FACTORS, rows), _mixture(draw, groups, rows))
    loadings = draw.normal(groups, count, FACTORS) * (draw.uniform(groups, 1, FACTORS) < draw.uniform(groups, 1, 1))
    shared = standardise(loadings @ factors)
    common = draw.uniform(groups, 1, 1, low=0.1, high=0.95)
    communality = (common + 0.25 * draw.normal(groups, count, 1)).clamp(0, 0.98)
    communality = torch.where(kind < 0.35, 0.0, communality)
    values = communality.sqrt() * shared + (1 - communality).sqrt() * draw.normal(groups, count, rows)
    uniform = 1.7320508 * torch.erf(values * 0.70710678)
    values = torch.where((kind > 0.2) & (kind < 0.35), uniform, values)
    return standardise(_with_copies(draw, values))


def _mixture(draw: Draw, groups: int, rows: int) -> Tensor:
    """Factors [g, FACTORS, N] whose rows fall into 2 to 6 clusters."""
    most = 6
    used = draw.integers(2, most + 1, groups, 1)
    member = (draw.uniform(groups, rows) * used).long().unsqueeze(1).expand(-1, FACTORS, -1)
    centres = draw.normal(groups, FACTORS, most)
    spread = draw.log_uniform(groups, 1, 1, low=0.2, high=1)
    return standardise(centres.gather(2, member) + spread * draw.normal(groups, FACTORS, rows))


def _with_copies(draw: Draw, values: Tensor) -> Tensor:
    """In a tenth of the datasets some columns are another column with noise."""
    groups, count, rows = values.shape
    if count < 2:
        return values
    source = draw.integers(0, count, groups, count, 1).expand(-1, -1, rows)
    noise = draw.log_uniform(groups, count, 1, low=0.02, high=1) * draw.normal(groups, count, rows)
    copied = draw.chance(0.1, groups, 1, 1) & draw.chance(0.3, groups, count, 1)
    return torch.where(copied, values.gather(1, source) + noise, values)
