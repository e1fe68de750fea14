"""Column stage, row stage, compression and row transformer: the twins of the blocks of packages/model.

The TypeScript keeps labelled and query rows apart, because serving needs the two halves. Here they are one tensor, the
labelled rows first, and only the labelled part is ever attended to: fewer and larger kernels, the same numbers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from foundation.model.config import COLUMN_ID_DIM, ModelConfig
from foundation.model.embedding import TargetEmbedding
from foundation.model.layers import (
    FeedForward,
    LogitScale,
    attend,
    attend_shared,
    linear,
    matrix,
    norm_heads,
    normal,
    rms_norm,
    scaled_query,
    split_heads,
)

ROW_ATTENTION = "fused"
"""How `attend_in_rows` computes: one fused kernel, or matrix products and a softmax (`plain`); measured by `check.py`."""


class Gather(nn.Module):
    """Inducing tokens read the labelled cells of their column."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.cell_width
        self.query, self.key, self.value = (matrix(width, width) for _ in range(3))
        self.out = matrix(width, width, zero=True)
        self.scale = LogitScale(config.cell_heads)
        self.mlp = FeedForward(width, config.feed_forward)
        self.heads = config.cell_heads

    def forward(self, tokens: Tensor, labelled: Tensor, log_count: Tensor) -> Tensor:
        """Tokens [I, E] and normed cells [G, n, E] to tokens [G, I, E]."""
        query = scaled_query(norm_heads(linear(rms_norm(tokens), self.query), self.heads), self.scale(log_count))
        read = attend(
            query.expand(labelled.shape[0], *query.shape),
            norm_heads(linear(labelled, self.key), self.heads),
            split_heads(linear(labelled, self.value), self.heads),
        )
        return self.mlp(linear(read, self.out) + tokens)


class Spread(nn.Module):
    """All cells read the tokens of their column."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.cell_width
        self.query, self.key, self.value = (matrix(width, width) for _ in range(3))
        self.out = matrix(width, width, zero=True)
        self.mlp = FeedForward(width, config.feed_forward)
        self.heads = config.cell_heads

    def forward(self, cells: Tensor, normed: Tensor, tokens: Tensor) -> Tensor:
        """Cells [G, N, E], the same normed, and tokens [G, I, E]."""
        source = rms_norm(tokens)
        read = attend(
            norm_heads(linear(normed, self.query), self.heads),
            norm_heads(linear(source, self.key), self.heads),
            split_heads(linear(source, self.value), self.heads),
        )
        return self.mlp(cells + linear(read, self.out))


class ColumnStage(TargetEmbedding):
    """The rows of one column exchange information through inducing tokens."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config.cell_width)
        self.tokens = normal(config.inducing_points, config.cell_width, sd=1.0)
        self.gather = Gather(config)
        self.spread = Spread(config)

    def forward(self, cells: Tensor, target: Tensor, task: Tensor, log_count: Tensor, labelled: int) -> Tensor:
        """Cells [B, f, N, E]; target vectors [B, N, E] and task vector [E] in any type; the first `labelled` rows."""
        flat = (cells + target.to(cells.dtype).unsqueeze(1)).flatten(0, 1)
        normed = rms_norm(flat)
        tokens = self.gather((self.tokens + task).to(cells.dtype), normed[:, :labelled], log_count)
        return self.spread(flat, normed, tokens).reshape(cells.shape)


class RowStage(nn.Module):
    """The cells of one row attend to each other."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.cell_width
        self.identity = matrix(COLUMN_ID_DIM, width)
        self.query, self.key, self.value = (matrix(width, width) for _ in range(3))
        self.out = matrix(width, width, zero=True)
        self.mlp = FeedForward(width, config.feed_forward)
        self.heads = config.cell_heads

    def forward(self, cells: Tensor, column_ids: Tensor) -> Tensor:
        """Cells [B, f, N, E] and random column vectors [B, f, 16] to cells [B, f, N, E]."""
        ids = (column_ids @ self.identity).to(cells.dtype)
        rows = cells.transpose(1, 2) + ids.unsqueeze(1)
        normed = rms_norm(rows)
        read = attend_in_rows(
            norm_heads(linear(normed, self.query), self.heads),
            norm_heads(linear(normed, self.key), self.heads),
            split_heads(linear(normed, self.value), self.heads),
        )
        return self.mlp(rows + linear(read, self.out)).transpose(1, 2).contiguous()


def attend_in_rows(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention over the third axis: q [B, N, S, H, d], k and v [B, N, f, H, d]; returns [B, N, S, H * d].

    Rows and heads share the kernel's axis of heads: a batch of rows alone would exceed the 65,535 blocks that a CUDA
    grid has in that direction.
    """

    def by_head(x: Tensor) -> Tensor:
        return x.transpose(2, 3).flatten(1, 2)

    batch, rows, count, heads, width = q.shape
    if ROW_ATTENTION == "fused":
        out = F.scaled_dot_product_attention(by_head(q), by_head(k), by_head(v))
    else:
        scores = by_head(q) @ by_head(k).transpose(-1, -2) * width**-0.5
        out = torch.softmax(scores, -1) @ by_head(v)
    return out.reshape(batch, rows, heads, count, width).transpose(2, 3).flatten(3)


class Compress(nn.Module):
    """Learned queries attend to a row's cells; their results are the row's vector."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.cell_width
        self.queries = normal(config.row_queries, width, sd=1.0)
        self.query, self.key, self.value, self.out = (matrix(width, width) for _ in range(4))
        self.mlp = FeedForward(width, config.feed_forward)
        self.heads = config.cell_heads

    def forward(self, cells: Tensor) -> Tensor:
        """[B, f, N, E] to [B, N, rowQueries * E]."""
        rows = cells.transpose(1, 2)
        normed = rms_norm(rows)
        start = self.queries.to(cells.dtype)
        query = norm_heads(linear(rms_norm(start), self.query), self.heads)
        read = attend_in_rows(
            query.expand(rows.shape[0], rows.shape[1], *query.shape),
            norm_heads(linear(normed, self.key), self.heads),
            split_heads(linear(normed, self.value), self.heads),
        )
        return self.mlp(linear(read, self.out) + start).flatten(2)


class RowLayer(nn.Module):
    """One layer of the row transformer, for thinking, labelled and query rows together."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, head_width = config.row_width, config.row_width // config.row_heads
        self.query, self.key, self.value = (matrix(width, width) for _ in range(3))
        self.out = matrix(width, width, zero=True)
        self.shared_key, self.shared_value = (matrix(width, head_width) for _ in range(2))
        self.scale = LogitScale(config.row_heads)
        self.mlp = FeedForward(width, config.feed_forward)
        self.heads = config.row_heads

    def forward(self, rows: Tensor, log_count: Tensor, known: int) -> Tensor:
        """Rows [B, t + n + m, D]; the first `known` = t + n are attended to. `log_count` is that of `known`."""
        normed = rms_norm(rows)
        context = normed[:, :known]
        query = scaled_query(norm_heads(linear(normed, self.query), self.heads), self.scale(log_count))
        own = attend(
            query[:, :known],
            norm_heads(linear(context, self.key), self.heads),
            split_heads(linear(context, self.value), self.heads),
        )
        asked = attend_shared(
            query[:, known:],
            rms_norm(linear(context, self.shared_key)),
            linear(context, self.shared_value),
        )
        read = torch.cat([own, asked.flatten(2)], 1)
        return self.mlp(rows + linear(read, self.out))


class RowTransformer(TargetEmbedding):
    """Weights of the in-context transformer over rows; the loop over its layers is in `network.py`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config.row_width)
        self.thinking = normal(config.thinking_rows, config.row_width, sd=1.0)
        self.layer = nn.ModuleList(RowLayer(config) for _ in range(config.row_layers))
