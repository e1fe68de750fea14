"""Targets that are rules over a few discrete columns and show in interactions only.

Parity, lookup tables, disjunctions of conjunctions (in a third of them all literals ask for one value, as lines on a board
do), k of n, decision lists, comparisons of sums or products.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, standardise
from foundation.prior.observe import Columns

MOST_RULE_LEVELS = 5


def rule_family(draw: Draw, request: Request) -> Draft:
    """One integer for each row: a class, or in regression a cell that has a random height."""
    codes, levels, columns = _draw_inputs(draw, request)
    kinds = draw.host.integers(len(RULES), size=request.groups)
    values = torch.zeros(request.groups, request.rows, dtype=torch.int64, device=draw.device)
    classes = request.classes if request.task == "classification" else np.full(request.groups, 12)
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        index = draw.to_device_index(members)
        allowed = draw.to_device(classes[members].astype(np.int64))
        values[index] = RULES[kind](draw, codes[index], levels[index], allowed)
    if request.task == "classification":
        # Rules with more outcomes than classes wanted: the last ones become one.
        most = draw.to_device(classes.astype(np.int64)).unsqueeze(1) - 1
        return Draft(columns, labels=torch.minimum(values, most))
    heights = draw.normal(request.groups, 128)
    return Draft(columns, latents=standardise(heights.gather(1, values % 128)).unsqueeze(1))


def _draw_inputs(draw: Draw, request: Request) -> tuple[Tensor, Tensor, Columns]:
    """Discrete columns of one alphabet (games, designed experiments) or of mixed ones, some of them shown as numbers."""
    groups, features, rows = request.groups, request.features, request.rows
    own = draw.integers(2, MOST_RULE_LEVELS + 1, groups, features)
    levels = torch.where(draw.chance(0.6, groups, 1), own[:, :1], own)
    tilt = draw.uniform(groups, features, 1, low=0.7, high=1.3)
    codes = (draw.uniform(groups, features, rows) ** tilt * levels.unsqueeze(-1)).long()
    codes = torch.minimum(codes, levels.unsqueeze(-1) - 1)
    numeric_share = torch.where(draw.chance(0.5, groups, 1), 0.0, draw.uniform(groups, 1))
    numeric = draw.chance(numeric_share, groups, features)
    grid = draw.chance(0.3, groups, 1) & ~numeric
    beyond = torch.arange(MOST_RULE_LEVELS, device=draw.device) >= levels.unsqueeze(-1)
    order = torch.argsort(draw.uniform(groups, features, MOST_RULE_LEVELS) + 2 * beyond, 2)
    shown = torch.where(grid.unsqueeze(-1), codes, order.gather(2, codes)).float()
    shown = torch.where(numeric.unsqueeze(-1), codes + draw.uniform(groups, features, rows), shown)
    return codes, levels, Columns(shown, ~(numeric | grid), standardise(shown))


Rule = Callable[[Draw, Tensor, Tensor, Tensor], Tensor]
"""Codes [g, f, N], levels [g, f] and classes [g] to outcomes [g, N]."""


def _pick(draw: Draw, codes: Tensor, levels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` different columns of each dataset (or all there are): codes [g, k, N] and levels [g, k]."""
    groups, features, rows = codes.shape
    chosen = draw.permutations(groups, features)[:, : min(count, features)]
    return codes.gather(1, chosen.unsqueeze(-1).expand(-1, -1, rows)), levels.gather(1, chosen)


def _wanted(draw: Draw, levels: Tensor) -> Tensor:
    """A random level of each column, [g, k, 1]."""
    return (draw.uniform(*levels.shape) * levels).long().unsqueeze(-1)


def parity(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """Whether an odd number of two to four columns is above its cut."""
    chosen, of = _pick(draw, codes, levels, int(draw.host.choice((2, 2, 3, 3, 4))))
    cut = 1 + (draw.uniform(*of.shape) * (of - 1)).long().unsqueeze(-1)
    return (chosen >= cut).sum(1) % 2


def lookup(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """A random table over one to three columns."""
    chosen, of = _pick(draw, codes, levels, int(draw.host.integers(1, 4)))
    cell = torch.zeros_like(chosen[:, 0])
    for k in range(chosen.shape[1]):
        cell = cell * of[:, k : k + 1] + chosen[:, k]
    table = (draw.uniform(len(codes), MOST_RULE_LEVELS**3) * classes.unsqueeze(1)).long()
    return table.gather(1, cell)


def disjunction(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """Whether any of one to eight conjunctions of two to four literals holds."""
    literals = int(draw.host.choice((2, 3, 3, 4)))
    terms = int(draw.host.integers(1, 3 * 2 ** (literals - 1) if literals < 4 else 20))
    one_value = draw.chance(0.35, len(codes), 1, 1)
    shared = _wanted(draw, levels.amin(1, keepdim=True))
    out = torch.zeros_like(codes[:, 0], dtype=torch.bool)
    for _ in range(min(terms, 12)):
        chosen, of = _pick(draw, codes, levels, literals)
        out |= (chosen == torch.where(one_value, shared, _wanted(draw, of))).all(1)
    return out.long()


def count_of(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """How many of two to nine columns have a wanted level, in steps."""
    chosen, of = _pick(draw, codes, levels, int(draw.host.integers(2, 10)))
    count = (chosen == _wanted(draw, of)).sum(1)
    steps = classes.clamp(min=2, max=chosen.shape[1] + 1).unsqueeze(1)
    first = 1 + (draw.uniform(len(codes), 1) * (chosen.shape[1] - steps + 2).clamp(min=1)).long()
    return torch.minimum((count - first + 1).clamp(min=0), steps - 1)


def decision_list(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """The first of a few conditions on one or two columns that holds gives the class."""
    entries = int(draw.host.integers(2, 8))
    out = torch.full_like(codes[:, 0], -1)
    for entry in range(entries):
        chosen, of = _pick(draw, codes, levels, int(draw.host.integers(1, 3)))
        fires = (chosen == _wanted(draw, of)).all(1)
        label = torch.where(entry < classes, entry, (draw.uniform(len(codes)) * classes).long()).unsqueeze(1)
        out = torch.where((out < 0) & fires, label, out)
    return torch.where(out < 0, (classes - 1).unsqueeze(1), out)


def comparison(draw: Draw, codes: Tensor, levels: Tensor, classes: Tensor) -> Tensor:
    """Which of two groups of columns has the larger sum or product; a tie is a third class where three are wanted."""
    chosen, _ = _pick(draw, codes, levels, int(draw.host.choice((2, 4, 4, 6))))
    if chosen.shape[1] < 2:
        return (chosen[:, 0] >= 1).long()
    half = chosen.shape[1] // 2
    first, second = (chosen + 1)[:, :half], (chosen + 1)[:, half : 2 * half]
    if draw.host.random() < 0.5:
        difference = first.prod(1) - second.prod(1)
    else:
        difference = first.sum(1) - second.sum(1)
    tie = torch.where(classes > 2, 2, 0).unsqueeze(1)
    return torch.where(difference < 0, 0, torch.where(difference > 0, 1, tie))


RULES: tuple[Rule, ...] = (
    parity,
    lookup,
    lookup,
    disjunction,
    disjunction,
    disjunction,
    count_of,
    decision_list,
    comparison,
)
