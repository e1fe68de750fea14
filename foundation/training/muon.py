"""Muon: momentum whose matrices are made orthogonal before the step, all matrices of one shape at once.

Scaled to the size of AdamW's updates, 0.2 sqrt(max(rows, columns)) (arXiv 2502.16982), as in packages/training.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.775, 2.0315)
ITERATIONS = 5
UPDATE_SCALE = 0.2


def orthogonalise(matrices: Tensor, dtype: torch.dtype) -> Tensor:
    """Nearly orthogonal matrices [K, rows, columns] with the same singular vectors, by Newton-Schulz iterations."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.transpose(1, 2) if tall else matrices).to(dtype)
    x = x / (x.float().square().sum((1, 2), keepdim=True) + 1e-30).sqrt().to(dtype)
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.transpose(1, 2) if tall else x).to(matrices.dtype)


class Muon:
    """Steps matrices in place from their gradients."""

    def __init__(self, parameters: Sequence[nn.Parameter], momentum: float = 0.95, weight_decay: float = 0.01) -> None:
        self.momentum, self.weight_decay = momentum, weight_decay
        shapes: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for parameter in parameters:
            shapes.setdefault(tuple(parameter.shape), []).append(parameter)
        self.groups = [(group, torch.zeros(len(group), *shape, device=group[0].device)) for shape, group in shapes.items()]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """One step of all matrices."""
        for parameters, buffer in self.groups:
            gradient = torch.stack([parameter.grad for parameter in parameters])
            buffer.lerp_(gradient, 1 - self.momentum)
            update = gradient.lerp_(buffer, self.momentum)
            update = orthogonalise(update, torch.bfloat16 if update.is_cuda else torch.float32)
            size = learning_rate * UPDATE_SCALE * max(buffer.shape[1:]) ** 0.5
            torch._foreach_mul_(parameters, 1 - learning_rate * self.weight_decay)
            torch._foreach_add_(parameters, list(update.unbind()), alpha=-size)
