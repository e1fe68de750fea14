"""The optimiser of a run: Muon for matrices inside blocks, AdamW for the rest, clipping, and the average of weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from foundation.model.network import Network, is_matrix
from foundation.training.muon import Muon

HEAD = "quantiles.down"


def gradients_of(parameters: list[nn.Parameter]) -> list[Tensor]:
    """The gradients, which may be changed in place; a missing one is made, of zeros."""
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    return [parameter.grad for parameter in parameters]


@dataclass(frozen=True)
class OptimiserOptions:
    """Learning rates are those at factor 1 of the schedule."""

    muon_learning_rate: float = 1e-3
    adam_learning_rate: float = 1e-3
    head_factor: float = 0.5
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    average_decay: float = 0.999


class Optimiser:
    """Steps a network in place and keeps the moving average of its weights."""

    def __init__(self, network: Network, options: OptimiserOptions) -> None:
        self.options = options
        named = dict(network.named_parameters())
        self.parameters = list(named.values())
        self.muon = Muon([p for n, p in named.items() if is_matrix(n)], weight_decay=options.weight_decay)
        rest = [p for n, p in named.items() if not is_matrix(n) and n != HEAD]
        groups = [{"params": rest, "factor": 1.0}, {"params": [named[HEAD]], "factor": options.head_factor}]
        fused = self.parameters[0].is_cuda
        self.adam = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0, fused=fused)
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.updates = 0
        self.skipped = torch.zeros((), device=self.parameters[0].device)

    @torch.no_grad()
    def step(self, factor: float, loose: bool = False) -> Tensor:
        """One update from the gradients, which are cleared; returns their norm before clipping, on the device.

        A gradient that is not finite counts as zero, without asking the device. `loose` clips at ten times the norm.
        """
        options = self.options
        gradients = gradients_of(self.parameters)
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        finite = torch.isfinite(norm)
        self.skipped += ~finite
        limit = options.clip_norm * (10 if loose else 1)
        for gradient in gradients:
            gradient.nan_to_num_(0.0, 0.0, 0.0)
        torch._foreach_mul_(gradients, torch.where(finite, (limit / (norm + 1e-12)).clamp(max=1.0), 0.0))
        self.muon.step(options.muon_learning_rate * factor)
        for group in self.adam.param_groups:
            group["lr"] = options.adam_learning_rate * group["factor"] * factor
        self.adam.step()
        self.adam.zero_grad()
        for parameter in self.parameters:
            parameter.grad = None
        self.updates += 1
        # A short memory at first, so that the average does not drag the initial weights along.
        decay = min(options.average_decay, self.updates / (self.updates + 10))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - decay)
        return norm

    @torch.no_grad()
    def swap_average(self) -> None:
        """Exchange the weights with their average; a second call restores them."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(kept)
