"""Groups of synthetic datasets as the tensors that the model takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foundation.model.config import CLASS_SLOTS, COLUMN_ID_DIM, Task
from foundation.prior.baseline import frequency_loss, marginal_loss
from foundation.prior.channels import cell_channels
from foundation.prior.corruption import add_missing, add_outliers, replace_constants
from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, standardise
from foundation.prior.learnability import measure_learnability
from foundation.prior.mixture import FAMILIES, FAMILY_NAMES, draw_counts
from foundation.prior.ridge import add_ridge_columns
from foundation.prior.targets import (
    class_labels,
    draw_class_counts,
    flip_labels,
    merge_rare_classes,
    regression_target,
)

OVERDRAW = 1.3
EXEMPT = 0.2
QUANTILE_SHARE = 0.25
MOST_DEVIATIONS = 8.0
CELLS_PER_DRAW = 6_000_000


@dataclass(frozen=True)
class BatchSpec:
    """Shape and kind of one group; all its datasets share them."""

    task: Task
    datasets: int
    train: int
    test: int
    features: int
    stage: str = "general"
    """`easy`: few mechanisms, little noise, clean columns. `general`: everything."""
    max_classes: int = 10
    class_slots: int = CLASS_SLOTS
    """Datasets of at most so many classes take the first so many slots alone; the others take any."""
    ridge: bool = False
    """Whether each dataset gets the columns of `ridge.py`, somewhere between its own."""


@dataclass
class TaskBatch:
    """B datasets. No number is NaN or infinite."""

    spec: BatchSpec
    tensors: dict[str, Tensor]
    """x_train [B, n, f, 4], x_test [B, m, f, 4], y_train [B, n], y_test [B, m], column_ids [B, f, 16], weight [B]."""
    classes: Tensor
    """[B]: classes in the training rows; zeros for regression."""
    families: Tensor
    """[B]: index into FAMILY_NAMES."""
    baseline: Tensor
    """[B]: loss of ignoring the columns."""
    accepted: Tensor
    """Share of the draws that the filter let through, a scalar."""
    widths: Tensor
    """[B], on the host: columns of each dataset; those after them never vary."""

    def all_tensors(self) -> list[Tensor]:
        """Every tensor of the batch."""
        return [*self.tensors.values(), self.classes, self.families, self.baseline, self.accepted]

    def take(self, chosen: Tensor) -> dict[str, Tensor]:
        """The tensors of some of the datasets (numbers, on the host), without columns that none of them has."""
        width = int(self.widths[chosen].max())
        chosen = chosen.to(self.baseline.device)
        tensors = {name: tensor[chosen] for name, tensor in self.tensors.items()}
        cells = {name: tensors[name][:, :, :width] for name in ("x_train", "x_test")}
        return {**tensors, **cells, "column_ids": tensors["column_ids"][:, :width]}


def sample_batch(
    spec: BatchSpec,
    seed: Sequence[int],
    device: torch.device | str = "cpu",
    *,
    family: str | None = None,
    unfiltered: bool = False,
) -> TaskBatch:
    """Draw `spec.datasets` datasets, a function of the spec and the seed; from one family alone if one is named."""
    draw = Draw(seed, device)
    wanted = spec.datasets if unfiltered else math.ceil(spec.datasets * OVERDRAW) + 1
    counts = {family: wanted} if family else draw_counts(draw.host, spec.stage, spec.task, wanted)
    # Large groups in parts: a part is one batch of tensors for a family.
    most = max(1, CELLS_PER_DRAW // ((spec.train + spec.test) * spec.features))
    parts = [
        _Part(draw, spec, name, min(most, count - start))
        for name, count in counts.items()
        for start in range(0, count, most)
    ]
    chosen = _choose(draw, parts, spec.datasets, unfiltered)
    cells = torch.cat([part.cells for part in parts])[chosen].transpose(1, 2)
    y = torch.cat([part.y for part in parts])[chosen]
    classes = torch.cat([part.classes for part in parts])[chosen]
    train, test = y[:, : spec.train], y[:, spec.train :]
    widths = torch.full((len(y),), spec.features)
    if spec.ridge:
        quantile = torch.cat([part.quantile for part in parts])[chosen]
        cells, widths = add_ridge_columns(draw, cells, y, classes, spec.train, quantile)
    if spec.task == "classification":
        baseline = frequency_loss(train, test, classes)
        y = _slots(draw, classes, spec.class_slots).gather(1, y)
    else:
        baseline = marginal_loss(train, test)
    return TaskBatch(
        spec,
        {
            "x_train": cells[:, : spec.train].contiguous(),
            "x_test": cells[:, spec.train :].contiguous(),
            "y_train": y[:, : spec.train].contiguous(),
            "y_test": y[:, spec.train :].contiguous(),
            "column_ids": draw.normal(len(y), cells.shape[2], COLUMN_ID_DIM),
            "weight": torch.cat([part.valid for part in parts])[chosen].float(),
        },
        classes,
        torch.cat([part.family for part in parts])[chosen],
        baseline,
        torch.cat([part.accepted for part in parts]).float().mean(),
        widths,
    )


def _slots(draw: Draw, classes: Tensor, few: int) -> Tensor:
    """A random order of the class slots for each dataset; up to `few` classes, the first `few` come before the others."""
    order = draw.permutations(len(classes), CLASS_SLOTS)
    later = (order >= few) & (classes <= few).unsqueeze(1)
    return order.gather(1, torch.argsort(later.int(), dim=1, stable=True))


def _choose(draw: Draw, parts: list[_Part], count: int, unfiltered: bool) -> Tensor:
    """Positions of the datasets to keep: accepted ones in random order, then others that are at least tasks."""
    valid = torch.cat([part.valid for part in parts])
    accepted = torch.cat([part.accepted for part in parts]) & valid
    order = torch.argsort(draw.uniform(len(valid)) + (valid if unfiltered else valid.float() + accepted), descending=True)
    return order[:count]


class _Part:
    """Datasets of one family, from the draft to channels and targets."""

    def __init__(self, draw: Draw, spec: BatchSpec, family: str, count: int) -> None:
        self.draw, self.spec = draw, spec
        easy = spec.stage == "easy"
        most = min(spec.max_classes, 3 if easy else CLASS_SLOTS, max(2, spec.train // 8))
        is_classes = spec.task == "classification"
        classes = draw_class_counts(draw, count, most) if is_classes else np.zeros(count, dtype=np.int64)
        latents = int(draw.host.choice((1, 1, 2, 2, 3, 5))) if is_classes else 1
        request = Request(count, spec.features, spec.train + spec.test, spec.task, classes, latents, easy)
        draft = FAMILIES[family](draw, request)
        self.family = torch.full((count,), FAMILY_NAMES.index(family), device=draw.device)
        self._make_target(draft, classes, easy)
        self._make_cells(draft, easy)
        self._judge(exempt=family == "rules")

    def _make_target(self, draft: Draft, classes: np.ndarray, easy: bool) -> None:
        draw, train = self.draw, self.spec.train
        if self.spec.task == "regression":
            y = regression_target(draw, draft.latents[:, 0], easy)
            variance, mean = torch.var_mean(y[:, :train], 1, correction=0, keepdim=True)
            self.valid = variance.squeeze(1) > 1e-12
            spread = torch.where(variance > 1e-12, variance.sqrt(), 1.0)
            self.y = ((y - mean) / spread).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
            self.classes = torch.zeros_like(self.family)
            self.most_classes = 0
            return
        labels = draft.labels if draft.labels is not None else class_labels(draw, draft.latents, classes, easy)
        labels = flip_labels(draw, labels, 0.1 if easy else 0.18)
        self.most_classes = max(3, int(classes.max()))
        self.y, self.classes = merge_rare_classes(labels, self.most_classes, train)
        self.valid = self.classes >= 2

    def _make_cells(self, draft: Draft, easy: bool) -> None:
        draw, train = self.draw, self.spec.train
        values, categorical = draft.columns.values, draft.columns.categorical
        if not easy:
            values = add_missing(draw, add_outliers(draw, values, categorical))
        values, constant = replace_constants(draw, values, train)
        categorical = categorical & ~constant
        groups, features, rows = values.shape
        self.quantile = draw.chance(QUANTILE_SHARE, groups)
        quantile = self.quantile.repeat_interleave(features)
        cells, _ = cell_channels(values.reshape(-1, rows), categorical.reshape(-1), train, quantile)
        self.cells = cells.reshape(groups, features, rows, 4)

    def _judge(self, exempt: bool) -> None:
        count, rows = self.y.shape
        if exempt or rows < 60:
            self.accepted = self.valid
            return
        target = self.y if self.most_classes else standardise(self.y)
        skill, deviation = measure_learnability(self.draw, self.cells[..., 0], target, self.most_classes)
        learnable = (skill > 0.01) & (deviation > 1.645) & ((skill < 0.999) | self.draw.chance(0.2, count))
        self.accepted = self.valid & (learnable | self.draw.chance(EXEMPT, count))
