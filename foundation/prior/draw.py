"""Where the prior's random numbers come from.

Structure (which family, which mechanism, which parents) is drawn on the host, so that the code knows it without asking
the device; everything with one number per cell, row or weight is drawn on the device. Both follow from the seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Draw:
    """Random numbers of one group of datasets, a function of `seed` (and of the kind of device)."""

    def __init__(self, seed: Sequence[int], device: torch.device | str = "cpu") -> None:
        self.host = np.random.Generator(np.random.Philox(np.random.SeedSequence(list(seed))))
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device)
        self.generator.manual_seed(int(self.host.integers(2**62)))

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, generator=self.generator, device=self.device)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Numbers from `low` to `high`."""
        return torch.rand(shape, generator=self.generator, device=self.device) * (high - low) + low

    def log_uniform(self, *shape: int, low: float, high: float) -> Tensor:
        """Numbers whose logarithm is uniform."""
        return torch.exp(self.uniform(*shape, low=math.log(low), high=math.log(high)))

    def chance(self, probability: float | Tensor, *shape: int) -> Tensor:
        """True with this probability."""
        return torch.rand(shape, generator=self.generator, device=self.device) < probability

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Whole numbers from `low` to `high` - 1."""
        return torch.randint(low, high, shape, generator=self.generator, device=self.device)

    def permutations(self, count: int, size: int) -> Tensor:
        """`count` random orders of 0..size-1, [count, size]."""
        return torch.argsort(self.uniform(count, size), 1)

    def sign(self, *shape: int) -> Tensor:
        """-1 or 1."""
        return self.integers(0, 2, *shape).float() * 2 - 1

    def gamma(self, concentration: Tensor) -> Tensor:
        """Gamma numbers of scale 1, one for each concentration."""
        return torch._standard_gamma(concentration, generator=self.generator)

    def student(self, degrees: Tensor, *shape: int) -> Tensor:
        """Student's t of variance 1 (degrees > 2), which broadcast to the shape."""
        chi = self.gamma((degrees / 2).expand(shape)) * 2
        return self.normal(*shape) * torch.sqrt((degrees - 2) / chi)

    def to_device(self, values: np.ndarray) -> Tensor:
        """An array that was made on the host."""
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        if self.device.type == "cpu":
            return tensor
        return tensor.pin_memory().to(self.device, non_blocking=True)

    def to_device_index(self, positions: Sequence[int]) -> Tensor:
        """Positions as an index tensor."""
        return self.to_device(np.asarray(positions, dtype=np.int64))

    def host_log_uniform(self, low: float, high: float, size: int | None = None) -> np.ndarray:
        """Log-uniform numbers on the host."""
        return np.exp(self.host.uniform(math.log(low), math.log(high), size))


def standardise(x: Tensor) -> Tensor:
    """Mean 0 and variance 1 along the last axis, limited to ±8; constants and what is not finite become zeros."""
    x = torch.nan_to_num(x, nan=0.0, posinf=1e6, neginf=-1e6)
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    scale = torch.where(variance > 1e-12 * (1 + mean.abs()), variance.rsqrt(), 0.0)
    return ((x - mean) * scale).clamp_(-8, 8)


def importances(draw: Draw, count: int, size: int) -> Tensor:
    """How much each of `size` inputs matters, [count, size] with norm 1: a power law in random order, some zero."""
    exponent = draw.uniform(count, 1, high=3)
    relevant = torch.where(draw.chance(0.4, count, 1), 1.0, draw.uniform(count, 1, low=0.1))
    rank = draw.permutations(count, size).float()
    weights = torch.where(rank < torch.clamp(torch.round(relevant * size), min=1), (rank + 1) ** -exponent, 0.0)
    return weights / weights.norm(dim=1, keepdim=True)


def shares(draw: Draw, count: int, size: int, concentration: Tensor, floor: float, used: Tensor | None = None) -> Tensor:
    """Frequencies from symmetric Dirichlet distributions, [count, size], each at least `floor` of an equal share.

    `concentration` is [count, 1]; of each row only the first `used` [count, 1] are more than zero.
    """
    used = torch.full((count, 1), size, device=draw.device) if used is None else used
    within = torch.arange(size, device=draw.device) < used
    weights = draw.gamma(concentration.expand(count, size).contiguous()) * within
    weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-20)
    weights = torch.where(within, torch.maximum(weights, floor / used), 0.0)
    return weights / weights.sum(1, keepdim=True)
