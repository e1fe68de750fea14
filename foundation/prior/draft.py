"""The seam between families and the shared pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from foundation.prior.draw import Draw
from foundation.prior.observe import Columns


@dataclass(frozen=True)
class Request:
    """What a family is asked for: `groups` datasets of `rows` x `features`."""

    groups: int
    features: int
    rows: int
    task: str
    classes: np.ndarray
    """[groups]: classes wanted; zeros for regression."""
    latents: int
    """Scalars that the target is made of."""
    easy: bool


@dataclass
class Draft:
    """Datasets before noise and dirt: columns, and what the target is made from."""

    columns: Columns
    latents: Tensor | None = None
    """[g, L, N], standardised; None when the family draws labels itself."""
    labels: Tensor | None = None
    """[g, N]: class labels from 0."""


Family = Callable[[Draw, Request], Draft]
