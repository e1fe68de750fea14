"""Class vote and quantile head, and the losses on their outputs; float32 whatever the type of the stream."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foundation.model.config import CLASS_SLOTS, QUANTILES, ModelConfig
from foundation.model.layers import (
    LogitScale,
    attend_shared,
    matrix,
    norm_heads,
    rms_norm,
    scaled_query,
)

FLOOR = 1e-5


class ClassVote(nn.Module):
    """Each query row spreads its attention over the labelled rows; the weights are summed by class slot."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.key = matrix(config.row_width, config.vote_width)
        self.query = matrix(config.row_width, config.vote_heads * config.vote_width)
        self.gate = matrix(config.row_width, config.vote_heads)
        self.scale = LogitScale(config.vote_heads)
        self.heads = config.vote_heads

    def forward(self, labelled: Tensor, asked: Tensor, slots: Tensor, log_count: Tensor) -> Tensor:
        """Rows [B, n, D] and [B, m, D] and the class slots [B, n] to log-probabilities [B, m, 64]."""
        keys = rms_norm(rms_norm(labelled.float()) @ self.key)
        normed = rms_norm(asked.float())
        query = scaled_query(norm_heads(normed @ self.query, self.heads), self.scale(log_count))
        votes = attend_shared(query, keys, F.one_hot(slots, CLASS_SLOTS).to(keys.dtype))
        gate = torch.softmax(normed @ self.gate, -1)
        probabilities = (gate.unsqueeze(-1) * votes).sum(-2)
        return torch.log((probabilities + FLOOR) / (1 + CLASS_SLOTS * FLOOR))


class QuantileHead(nn.Module):
    """255 quantiles of the standardised target, not sorted; at the start those of a standard normal."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.row_width
        self.up = matrix(width, 2 * width)
        self.down = nn.Parameter(torch.zeros(2 * width, QUANTILES))
        self.bias = nn.Parameter(torch.special.ndtri(quantile_levels().double()).float())

    def forward(self, asked: Tensor) -> Tensor:
        """[B, m, D] to [B, m, 255]."""
        normed = rms_norm(asked)
        hidden = F.relu(normed @ self.up.to(normed.dtype)).square()
        return hidden.float() @ self.down + self.bias


def quantile_levels(device: torch.device | None = None) -> Tensor:
    """(k + 0.5) / 255."""
    return (torch.arange(QUANTILES, device=device) + 0.5) / QUANTILES


def cross_entropy(log_probabilities: Tensor, slots: Tensor) -> Tensor:
    """Mean over rows of -log p(class) for each dataset, [B], in nats."""
    return -log_probabilities.gather(-1, slots.unsqueeze(-1)).squeeze(-1).mean(-1)


def pinball_loss(quantiles: Tensor, target: Tensor) -> Tensor:
    """Twice the mean pinball loss for each dataset, [B]: an estimate of the CRPS."""
    levels = quantile_levels(quantiles.device)
    difference = target.unsqueeze(-1) - quantiles
    return torch.maximum(levels * difference, (levels - 1) * difference).mean((-2, -1)) * 2
