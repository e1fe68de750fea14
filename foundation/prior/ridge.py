"""Columns with what a ridge regression says of the target, as packages/tabular makes them (`ridge-columns.ts`).

A small network reads smooth and linear functions of many columns badly and single columns well. So each table gets columns
that hold a ridge regression's answers: on labelled rows those of the regression without that row (leave-one-out, in closed
form, so nothing leaks), on other rows those of all labelled rows. It sees the columns, their ranks, their categories and
random Fourier features of all of them (Rahimi and Recht, 2007), which make it an approximate kernel ridge regression.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from foundation.prior.channels import cell_channels
from foundation.prior.draw import Draw

FOURIER = 256
TRIAL_FOURIER = 64
BANDWIDTHS = (0.3, 1.0, 3.0)
MOST_CLASSES = 10
LIMIT = 6.0
PENALTIES = tuple(10 ** (k / 2) for k in range(-4, 10))
NEGLIGIBLE = 1e-6


def add_ridge_columns(
    draw: Draw, cells: Tensor, y: Tensor, classes: Tensor, train: int, quantile: Tensor
) -> tuple[Tensor, Tensor]:
    """Put each dataset's ridge columns between its own, in random order.

    `cells` [B, N, f, 4], `y` [B, N], `classes` [B] as in a batch; `quantile` [B] is the variant of their z. Returns the
    channels of the widest dataset's number of columns and how many of them each dataset has; others never vary.
    """
    count, rows, features = cells.shape[:3]
    added = [ridge_columns(draw, cells[b], y[b], int(k), train).T for b, k in enumerate(classes.tolist())]
    widths = torch.tensor([features + len(values) for values in added])
    most = int(widths.max())
    wide = cells.new_zeros(count, rows, most, 4)
    wide[..., 1] = 0.5
    wide[:, :, :features] = cells
    plain = torch.zeros(most - features, dtype=torch.bool, device=cells.device)
    for b, values in enumerate(added):
        width = features + len(values)
        if len(values):
            flags = plain[: len(values)]
            channels, _ = cell_channels(values.contiguous(), flags, train, quantile[b].expand(len(values)).contiguous())
            wide[b, :, features:width] = channels.transpose(0, 1)
        wide[b, :, :width] = wide[b][:, draw.permutations(1, width)[0]]
    return wide, widths


def ridge_columns(draw: Draw, cells: Tensor, y: Tensor, classes: int, train: int) -> Tensor:
    """Columns [N, count] of one dataset: one for a number or two classes, one for each of up to ten classes, else none.

    `cells` [N, f, 4] are its cell channels, the first `train` rows labelled, `y` [N] class codes or numbers; `classes` is 0
    for numbers. A column on which the left-out rows are not answered better than by the mean is left out.
    """
    if classes > MOST_CLASSES:
        return cells.new_zeros(len(cells), 0)
    if classes == 0:
        target = y[:train, None].to(cells.dtype)
    else:
        target = torch.nn.functional.one_hot(y[:train].long(), max(2, classes)).to(cells.dtype)
        target = target[:, 1:2] if classes <= 2 else target
    linear, base = _features(cells, train)

    def with_waves(bandwidth: float, number: int) -> tuple[float, Tensor]:
        weights = draw.normal(base.shape[1], number) * (bandwidth / math.sqrt(base.shape[1]))
        waves = torch.cos(base @ weights + draw.uniform(number, high=2 * math.pi))
        return _ridge(torch.cat([linear, _standardised(waves, train)], 1), target)

    # The bandwidth is found with few waves, and the regression with many taken where it beats the one without.
    errors = [with_waves(bandwidth, TRIAL_FOURIER)[0] for bandwidth in BANDWIDTHS]
    chosen = BANDWIDTHS[errors.index(min(errors))]
    answers = min(_ridge(linear, target), with_waves(chosen, FOURIER), key=lambda result: result[0])[1]
    errors_left = (target - answers[:train]).square().mean(0)
    return answers[:, errors_left < target.var(0, correction=0)]


def _features(cells: Tensor, train: int) -> tuple[Tensor, Tensor]:
    """What the regression sees of the columns, standardised, and what the Fourier features are made of."""
    rows = len(cells)
    is_category = cells[0, :, 3] > 0.5
    missing = cells[..., 2]
    z = cells[:, ~is_category, 0]
    rank = (2 * math.sqrt(3)) * (cells[:, ~is_category, 1] - 0.5)
    flags = missing[:, missing[:train].any(0)]
    indicators = [flags]
    for column in is_category.nonzero().flatten().tolist():
        codes, absent = cells[:, column, 1], missing[:, column] > 0.5
        levels = torch.unique(codes[:train][~absent[:train]])
        indicators.append(((codes[:, None] == levels) & ~absent[:, None]).to(cells.dtype))
    steps = torch.cat(indicators, 1) if indicators else cells.new_zeros(rows, 0)
    steps = steps - steps[:train].mean(0)
    return _standardised(torch.cat([z, rank, steps], 1), train), torch.cat([rank, steps], 1)


def _standardised(x: Tensor, train: int) -> Tensor:
    """Mean 0 and variance 1 over the labelled rows, limited; columns that do not vary there are left out."""
    variance, mean = torch.var_mean(x[:train], 0, correction=0)
    kept = variance > 1e-10
    return ((x[:, kept] - mean[kept]) * variance[kept].rsqrt()).clamp(-LIMIT, LIMIT)


def _ridge(x: Tensor, target: Tensor) -> tuple[float, Tensor]:
    """Mean squared leave-one-out error of the best penalty, and the answers [N, k]: left out for labelled rows.

    A left-out row is answered by the weights that the others give, from the mean of all targets: that of the others would
    tell the row's own label exactly where there is nothing else to tell.
    """
    n = len(target)
    mean, middle = x[:n].mean(0), target.mean(0)
    x, y = x - mean, target - middle
    labelled = x[:n]
    if n <= x.shape[1]:
        values, left = torch.linalg.eigh(labelled @ labelled.T)
        kept = values > NEGLIGIBLE * values[-1]
        values, left = values[kept], left[:, kept]
    else:
        values, right = torch.linalg.eigh(labelled.T @ labelled)
        kept = values > NEGLIGIBLE * values[-1]
        values, right = values[kept], right[:, kept]
        left = labelled @ right * values.rsqrt()
    weights = left.T @ y
    penalties = torch.tensor(PENALTIES, dtype=x.dtype, device=x.device)
    shrink = values / (values + penalties[:, None])
    leverage = (left.square() @ shrink.T + 1 / n).clamp(max=1 - 1e-6)
    residual = y - torch.einsum("nr,pr,rk->pnk", left, shrink, weights)
    residual = residual / (1 - leverage.T)[..., None] - y / (n - 1)
    errors = residual.square().mean((1, 2))
    best = int(errors.argmin())
    answers = middle + x @ (labelled.T @ (left @ (weights / (values + penalties[best])[:, None])))
    answers[:n] = target - residual[best]
    return float(errors[best]), answers
