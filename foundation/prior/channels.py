"""Cell channels from raw columns, as packages/tabular makes them (`cell-channels.ts`), batched.

One difference: the TypeScript keeps at most about 1,024 knots of a column's distribution, so with more distinct training
values its ranks are off by up to 1/1,024; here ranks are exact.
"""

from __future__ import annotations

import torch
from torch import Tensor

LIMIT = 5.0
TRIM_DEVIATIONS = 4.0
MAX_PASSES = 16
FEWEST_NUMERIC_VALUES = 4
MOST_CATEGORIES = 30
LEAST_ROWS_FOR_NUMERIC_RULE = 100


def cell_channels(
    values: Tensor, categorical: Tensor, train: int, quantile: Tensor, *, retype: bool = True
) -> tuple[Tensor, Tensor]:
    """Channels z, rank, missing and categorical of columns.

    `values` [M, N] with NaN for missing cells, the first `train` rows labelled; `categorical` [M]; `quantile` [M] chooses
    the variant whose z is the normal score of the rank. With `retype` columns are first encoded as fit encodes them: codes
    become 0..k-1 by their order, unseen codes missing, numeric columns of fewer than 4 values categories, categories of
    more than 30 numbers. Returns channels [M, N, 4] and the number of distinct training values [M].
    """
    table = _SortedColumns(values, train)
    x = values.nan_to_num(nan=0.0, posinf=3e38, neginf=-3e38)
    missing = values.isnan()
    left = torch.searchsorted(table.sorted, x)
    right = torch.searchsorted(table.sorted, x, right=True)
    right = torch.minimum(right, table.count)
    left = torch.minimum(left, table.count)
    ordered = table.sorted
    is_category = categorical
    if retype:
        few = (table.distinct < FEWEST_NUMERIC_VALUES) & (train > LEAST_ROWS_FOR_NUMERIC_RULE)
        coded = (categorical | few).unsqueeze(1)
        missing = missing | (coded & (right <= left))
        last = (table.sorted.shape[1] - 1) * torch.ones_like(left)
        x = torch.where(coded, table.dense.gather(1, torch.minimum(left, last)), x)
        ordered = torch.where(coded, table.dense, ordered)
        has_missing = table.count.squeeze(1) < train
        is_category = coded.squeeze(1) & (table.distinct + has_missing <= MOST_CATEGORIES)
    rank = table.ranks(x, left, right, ordered)
    origin, mean, spread = _trimmed_moments(ordered, table.count)
    score, scores_of_training = (_normal_score(r, table.count) for r in (rank, table.own_ranks))
    score_mean, score_spread = _plain_moments(scores_of_training, table.valid)
    choose = quantile.unsqueeze(1)
    spread = torch.where(choose, torch.where(table.distinct.unsqueeze(1) > 1, score_spread, 0.0), spread)
    deviation = torch.where(choose, score - score_mean, (x - origin) - mean) / torch.where(spread > 0, spread, 1.0)
    z = torch.where(spread > 0, LIMIT * torch.tanh(deviation / LIMIT), 0.0)
    flag = is_category.to(z.dtype).unsqueeze(1).expand_as(z)
    channels = torch.stack([torch.where(missing, 0.0, z), torch.where(missing, 0.5, rank), missing.to(z.dtype), flag], -1)
    return channels, table.distinct


class _SortedColumns:
    """The training values of each column in order, missing ones at the end as infinity."""

    def __init__(self, values: Tensor, train: int) -> None:
        labelled = values[:, :train]
        filled = torch.where(labelled.isnan(), torch.inf, labelled.clamp(-3e38, 3e38))
        self.sorted = filled.sort(1).values
        self.valid = ~self.sorted.isinf()
        self.count = self.valid.sum(1, keepdim=True)
        change = torch.zeros_like(self.valid)
        change[:, 1:] = (self.sorted[:, 1:] != self.sorted[:, :-1]) & self.valid[:, 1:]
        self.dense = change.cumsum(1).to(values.dtype)
        self.distinct = change.sum(1) + (self.count.squeeze(1) > 0)
        left = torch.searchsorted(self.sorted, self.sorted)
        right = torch.minimum(torch.searchsorted(self.sorted, self.sorted, right=True), self.count)
        self.doubled = (left + right).to(values.dtype)
        self.own_ranks = self.doubled / (2 * self.count.clamp(min=1))

    def ranks(self, x: Tensor, left: Tensor, right: Tensor, ordered: Tensor) -> Tensor:
        """Mid-rank among the training values: exact at one of them, linear between two, 0 below and 1 above all."""
        below = (left - 1).clamp(min=0)
        above = torch.minimum(left, (self.count - 1).clamp(min=0))
        low, high = ordered.gather(1, below), ordered.gather(1, above)
        gap = torch.where(high > low, high - low, 1.0)
        low_rank, high_rank = self.doubled.gather(1, below), self.doubled.gather(1, above)
        between = low_rank + (x - low) / gap * (high_rank - low_rank)
        doubled = torch.where(right > left, (left + right).to(x.dtype), between)
        doubled = torch.where((right <= left) & (left == 0), 0.0, doubled)
        doubled = torch.where((right <= left) & (left >= self.count), 2.0 * self.count, doubled)
        return torch.where(self.count > 0, doubled / (2 * self.count.clamp(min=1)), 0.5)


def _normal_score(rank: Tensor, count: Tensor) -> Tensor:
    edge = 0.25 / count.clamp(min=1)
    return torch.special.ndtri(torch.minimum(torch.maximum(rank, edge), 1 - edge))


def _plain_moments(values: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    count = valid.sum(1, keepdim=True).clamp(min=1)
    filled = torch.where(valid, values, 0.0)
    mean = filled.sum(1, keepdim=True) / count
    variance = torch.where(valid, (filled - mean).square(), 0.0).sum(1, keepdim=True) / count
    return mean, variance.sqrt()


def _trimmed_moments(ordered: Tensor, count: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean and spread of the values within 4 standard deviations, found again until none falls outside.

    Returns an origin (the middle value), the mean as its distance from the origin, which float32 holds well even where
    the values are large, and the spread. Prefix sums in float64 make a pass two look-ups for each column.
    """
    size = ordered.shape[1]
    middle = ordered.gather(1, (count // 2).clamp(max=size - 1))
    position = torch.arange(size, device=ordered.device)
    inside = (position < count) & (ordered.abs() < 1e38)
    first = (ordered <= -1e38).sum(1, keepdim=True)
    offset = torch.where(inside, ordered - middle, 0.0).double()
    reach = offset.abs().amax(1, keepdim=True).clamp(min=1e-300)
    offset = offset / reach
    sums = torch.nn.functional.pad(offset.cumsum(1), (1, 0))
    squares = torch.nn.functional.pad(offset.square().cumsum(1), (1, 0))

    def moments(start: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
        number = (end - start).clamp(min=1)
        mean = (sums.gather(1, end) - sums.gather(1, start)) / number
        variance = (squares.gather(1, end) - squares.gather(1, start)) / number - mean.square()
        return mean, variance.clamp(min=0).sqrt()

    start, end = first, first + inside.sum(1, keepdim=True)
    mean, spread = moments(start, end)
    # Differences of long sums leave about 1e-8 where the values are all one.
    noise = 1e-7
    ranked = torch.where(inside, offset, torch.where(position < first, -torch.inf, torch.inf))
    for _ in range(MAX_PASSES):
        low = torch.searchsorted(ranked, mean - TRIM_DEVIATIONS * spread)
        high = torch.searchsorted(ranked, mean + TRIM_DEVIATIONS * spread, right=True)
        low, high = torch.maximum(low, start), torch.minimum(high, end)
        next_mean, next_spread = moments(low, high)
        moves = ((low != start) | (high != end)) & (next_spread > noise) & (spread > noise)
        if not moves.any():
            break
        start, end = torch.where(moves, low, start), torch.where(moves, high, end)
        mean, spread = torch.where(moves, next_mean, mean), torch.where(moves, next_spread, spread)
    spread = torch.where(spread > noise, spread * reach, 0.0)
    return middle, (mean * reach).to(ordered.dtype), spread.to(ordered.dtype)
