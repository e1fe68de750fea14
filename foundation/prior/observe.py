"""How latent columns show themselves: numeric with some marginal shape and precision, or as a category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foundation.prior.draw import Draw, shares, standardise

MOST_LEVELS = 200
_FEW_LEVELS = 12


@dataclass
class Columns:
    """Columns of g datasets, before missing values."""

    values: Tensor
    """[g, f, N]: numbers, or category codes from 0."""
    categorical: Tensor
    """[g, f]: whether a column is declared a category."""
    drivers: Tensor
    """[g, f, N]: the standardised number by which a column acts on a target."""


def categorical_shares(draw: Draw, groups: int) -> np.ndarray:
    """Share of categorical columns of each dataset: none in a third, all in a few."""
    return np.clip(draw.host.uniform(-0.6, 1.1, groups), 0, 1)


def observe(draw: Draw, latents: Tensor, category_share: np.ndarray, plain: bool = False) -> Columns:
    """Columns that show latents [g, f, N]; `plain` ones are numeric with normal-like or uniform marginals."""
    groups, count, rows = latents.shape
    flat = latents.reshape(-1, rows)
    if plain:
        return Columns(latents, torch.zeros(groups, count, dtype=torch.bool, device=draw.device), latents)
    is_category = draw.host.random((groups, count)) < category_share[:, None]
    values, drivers = flat.clone(), flat.clone()
    numeric = np.flatnonzero(~is_category.ravel())
    _write_numeric(draw, values, numeric)
    if len(numeric):
        index = draw.to_device_index(numeric)
        seen = draw.chance(draw.uniform(groups, 1, low=0.3), groups, count).reshape(-1)[index].unsqueeze(1)
        drivers[index] = torch.where(seen, standardise(values[index]), flat[index])
    declared = np.zeros(groups * count, dtype=bool)
    levels = draw_levels(draw, groups * count, rows)
    for chosen in (levels <= _FEW_LEVELS, levels > _FEW_LEVELS):
        members = np.flatnonzero(is_category.ravel() & chosen)
        if len(members):
            declared[members] = _write_categories(draw, values, drivers, members, levels[members])
    return Columns(
        values.reshape(latents.shape),
        draw.to_device(declared).reshape(groups, count),
        drivers.reshape(latents.shape),
    )


def draw_levels(draw: Draw, count: int, rows: int) -> np.ndarray:
    """Cardinalities: often binary, mostly to 12, for a sixth to 200 (at most a quarter of the rows)."""
    kind = draw.host.random(count)
    few = np.where(kind < 0.3, 2, draw.host_log_uniform(2, 12.99, count).astype(int))
    many = np.minimum(draw.host_log_uniform(12, MOST_LEVELS + 1, count).astype(int), max(3, rows // 4))
    return np.where(kind < 0.84, few, many)


def categorise(draw: Draw, latents: Tensor, levels: np.ndarray, ordered: np.ndarray) -> Tensor:
    """Codes [M, N] of latents [M, N] cut into `levels` [M] unequal parts; unless `ordered` codes are in random order."""
    count, most = len(levels), int(levels.max())
    used = draw.to_device(levels.astype(np.int64)).unsqueeze(1)
    concentration = torch.where(draw.chance(0.4, count, 1), 20.0, 1.5)
    parts = shares(draw, count, most, concentration, 0.05, used)
    if most > _FEW_LEVELS:
        exponent = draw.uniform(count, 1, high=1.3)
        rank = draw.permutations(count, most).float() + 1
        parts = parts * rank**-exponent
        parts = parts / parts.sum(1, keepdim=True)
    cuts = torch.special.ndtri(parts.cumsum(1)[:, :-1].clamp(1e-6, 1 - 1e-6))
    codes = torch.searchsorted(cuts.contiguous(), latents.contiguous())
    codes = torch.minimum(codes, used - 1)
    beyond = torch.arange(most, device=draw.device) >= used
    order = torch.argsort(draw.uniform(count, most) + 2 * beyond, 1)
    kept = draw.to_device(ordered).unsqueeze(1)
    order = torch.where(kept, torch.arange(most, device=draw.device), order)
    return order.gather(1, codes)


def effects_of(draw: Draw, codes: Tensor, levels: int) -> Tensor:
    """A standard normal effect for each code of [M, N], standardised over rows."""
    return standardise(draw.normal(codes.shape[0], levels).gather(1, codes))


def _write_categories(draw: Draw, values: Tensor, drivers: Tensor, members: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Replace those rows by codes; returns which are declared categories (the others pass as numbers)."""
    index = draw.to_device_index(members)
    ordered = draw.host.random(len(members)) < 0.3
    latents = values[index]
    codes = categorise(draw, latents, levels, ordered)
    effects = effects_of(draw, codes, int(levels.max()))
    values[index] = codes.float()
    drivers[index] = torch.where(draw.chance(0.5, len(members), 1), effects, latents)
    as_number = np.where(levels == 2, 0.4, np.where(ordered, 0.5, 0.08))
    return draw.host.random(len(members)) >= as_number


def _write_numeric(draw: Draw, values: Tensor, numeric: np.ndarray) -> None:
    """Give those rows of `values` the marginals of real columns, in place."""
    kind = draw.host.random(len(numeric))
    for shape, low, high in (
        (_exponential, 0.4, 0.6),
        (_unit, 0.6, 0.75),
        (_power, 0.75, 0.85),
        (_cut, 0.85, 0.92),
        (_counts, 0.92, 1.0),
    ):
        members = numeric[(kind >= low) & (kind < high)]
        if len(members):
            index = draw.to_device_index(members)
            values[index] = shape(draw, values[index])
    rounded = numeric[draw.host.random(len(numeric)) < 0.18]
    if len(rounded):
        index = draw.to_device_index(rounded)
        values[index] = _round_to_levels(draw, values[index])


def _exponential(draw: Draw, x: Tensor) -> Tensor:
    spread = draw.uniform(len(x), 1, low=0.3, high=1.3)
    sign = torch.where(draw.chance(0.85, len(x), 1), 1.0, -1.0)
    return sign * torch.exp(sign * spread * x)


def _unit(draw: Draw, x: Tensor) -> Tensor:
    """Kumaraswamy warp of the normal probability: uniform, U-shaped or one-sided columns in [0, 1]."""
    a, b = (draw.log_uniform(len(x), 1, low=0.4, high=2.5) for _ in range(2))
    return (1 - (1 - torch.sigmoid(1.702 * x)) ** (1 / b)) ** (1 / a)


def _power(draw: Draw, x: Tensor) -> Tensor:
    return x.sign() * x.abs() ** draw.log_uniform(len(x), 1, low=0.4, high=2.5)


def _cut(draw: Draw, x: Tensor) -> Tensor:
    return torch.relu(x - draw.uniform(len(x), 1, low=-1, high=0.8))


def _counts(draw: Draw, x: Tensor) -> Tensor:
    return torch.floor(draw.log_uniform(len(x), 1, low=0.5, high=12) * torch.exp(0.6 * x))


def _round_to_levels(draw: Draw, x: Tensor) -> Tensor:
    """Keep 2 to 50 equally spaced levels between the extremes."""
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    steps = torch.floor(draw.log_uniform(len(x), 1, low=2, high=50))
    return torch.round((x - low) * steps / (high - low).clamp(min=1e-9))
