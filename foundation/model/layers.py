"""The small parts that all stages are made of; the twin of packages/model/src/blocks/layers.ts.

Weight matrices are stored [inputs, outputs] and applied as x W. They are kept in float32 and cast to the type of the
residual stream where they are used, so the same module computes in float32 and in bfloat16.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-6


def matrix(rows: int, columns: int, zero: bool = False) -> nn.Parameter:
    """A weight [rows, columns]: normal with variance 1 / rows, or zeros for the last map of a residual branch."""
    values = torch.zeros(rows, columns) if zero else torch.randn(rows, columns) / math.sqrt(rows)
    return nn.Parameter(values)


def normal(*shape: int, sd: float) -> nn.Parameter:
    """Any other weight that starts at random."""
    return nn.Parameter(torch.randn(*shape) * sd)


def linear(x: Tensor, weight: Tensor) -> Tensor:
    """x W in the type of x."""
    return x @ weight.to(x.dtype)


def rms_norm(x: Tensor) -> Tensor:
    """RMSNorm without a gain over the last axis."""
    return F.rms_norm(x, (x.shape[-1],), eps=EPSILON)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[..., S, heads * d] to [..., S, heads, d]."""
    return x.unflatten(-1, (heads, x.shape[-1] // heads))


def norm_heads(x: Tensor, heads: int) -> Tensor:
    """RMSNorm of each head's part: [..., S, heads * d] to [..., S, heads, d]."""
    return rms_norm(split_heads(x, heads))


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of [G, S, H, d] to [G, T, H, d] and [G, T, H, e]; returns [G, S, H * e]."""
    out = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return out.transpose(1, 2).flatten(2)


def attend_shared(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """All heads of q [B, m, H, d] attend to the same keys [B, T, d] and values [B, T, e]; returns [B, m, H, e]."""
    batch, count, heads, width = q.shape
    flat = q.reshape(batch, 1, count * heads, width)
    out = F.scaled_dot_product_attention(flat, k.unsqueeze(1), v.unsqueeze(1))
    return out.reshape(batch, count, heads, v.shape[-1])


class FeedForward(nn.Module):
    """x + W2 relu(W1 norm(x))^2."""

    def __init__(self, width: int, factor: int) -> None:
        super().__init__()
        self.up = matrix(width, width * factor)
        self.down = matrix(width * factor, width, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + linear(F.relu(linear(rms_norm(x), self.up)).square(), self.down)


class LogitScale(nn.Module):
    """Factor per head on the logits as a learned function of the number of keys, 1 at the start."""

    HIDDEN = 16

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.first = normal(1, self.HIDDEN, sd=1.0)
        self.bias = normal(self.HIDDEN, sd=0.5)
        self.second = nn.Parameter(torch.zeros(self.HIDDEN, heads))

    def forward(self, log_count: Tensor) -> Tensor:
        """[heads, 1], to be multiplied with queries [..., heads, d]; `log_count` is that of `log_of_count`."""
        hidden = F.relu(self.first * log_count + self.bias).square()
        return (hidden @ self.second).reshape(-1, 1) + 1


def log_of_count(count: int, device: torch.device) -> Tensor:
    """log(count) / log(1000), a tensor so that compiled blocks need not be compiled again for every count."""
    return torch.tensor(math.log(count) / math.log(1000), device=device)


def scaled_query(q: Tensor, scale: Tensor) -> Tensor:
    """Queries [..., heads, d] times the factor of each head, in the type of the queries."""
    return (q.float() * scale).to(q.dtype)
