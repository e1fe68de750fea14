"""The interleaved column/row architecture in PyTorch; the twin of packages/model/src/architecture.ts.

Symbols: B datasets, n labelled rows, m query rows, N = n + m, f columns, E cell width, D row width. The names of the
weights are those of a checkpoint, so `state_dict()` and a `model.safetensors` hold the same tensors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foundation.model.config import ModelConfig, Task
from foundation.model.embedding import CellEmbedding
from foundation.model.heads import ClassVote, QuantileHead, cross_entropy, pinball_loss
from foundation.model.layers import log_of_count
from foundation.model.stages import ColumnStage, Compress, RowLayer, RowStage, RowTransformer


class Network(nn.Module):
    """A model of both tasks; `dtype` is the type of the residual stream, the weights stay float32."""

    def __init__(self, config: ModelConfig, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.config = config
        self.dtype = dtype
        self.cells = CellEmbedding(config.cell_width)
        self.stage = nn.ModuleList(ColumnStage(config) if kind == "column" else RowStage(config) for kind in config.stages)
        self.compress = Compress(config)
        self.rows = RowTransformer(config)
        self.vote = ClassVote(config)
        self.quantiles = QuantileHead(config)

    def forward(self, x_train: Tensor, x_test: Tensor, y_train: Tensor, column_ids: Tensor, task: Task) -> Tensor:
        """Answers to the query rows.

        x_train [B, n, f, 4] and x_test [B, m, f, 4] are cell channels, y_train [B, n] holds class slots (int64) or the
        standardised target, column_ids is [B, f, 16]. Returns log-probabilities of the class slots [B, m, 64] or
        quantiles of the standardised target [B, m, 255].
        """
        labelled, asked = x_train.shape[1], x_test.shape[1]
        embedded = self.cells(torch.cat([x_train, x_test], 1)).to(self.dtype)
        cells = embedded.transpose(1, 2).contiguous()
        log_labelled = log_of_count(labelled, cells.device)
        for stage in self.stage:
            if isinstance(stage, RowStage):
                cells = stage(cells, column_ids)
            else:
                target = stage.embed_target(y_train, asked, task)
                cells = stage(cells, target, stage.task[task], log_labelled, labelled)
        target = self.rows.embed_target(y_train, asked, task)
        rows = self.compress(cells) + target.to(self.dtype)
        thinking = (self.rows.thinking + self.rows.task[task]).to(self.dtype)
        rows = torch.cat([thinking.expand(rows.shape[0], -1, -1), rows], 1)
        known = self.config.thinking_rows + labelled
        log_known = log_of_count(known, cells.device)
        for layer in self.rows.layer:
            rows = layer(rows, log_known, known)
        if task == "regression":
            return self.quantiles(rows[:, known:])
        own = rows[:, self.config.thinking_rows : known]
        return self.vote(own, rows[:, known:], y_train, log_labelled)

    def losses(self, batch: dict[str, Tensor], task: Task) -> Tensor:
        """Loss of each dataset [B]: mean cross-entropy in nats, or the CRPS of the standardised target."""
        answers = self(batch["x_train"], batch["x_test"], batch["y_train"], batch["column_ids"], task)
        loss = cross_entropy if task == "classification" else pinball_loss
        return loss(answers, batch["y_test"])

    def compile_blocks(self, backend: str = "inductor") -> None:
        """Compile the repeated blocks, each kind once for all its copies and for all table shapes."""
        for block in [*self.stage, *self.rows.layer, self.compress, self.cells, self.vote, self.quantiles]:
            block.compile(dynamic=True, backend=backend)


def is_matrix(name: str) -> bool:
    """Whether a weight is a matrix inside a block (stepped by Muon), as against embeddings, tokens and heads."""
    last = name.rsplit(".", 1)[-1]
    if last in ("query", "key", "out", "up", "shared_key", "shared_value", "gate"):
        return True
    return (last == "value" and ".regression." not in name) or (last == "down" and not name.startswith("quantiles"))


def parameter_count(config: ModelConfig) -> int:
    """Number of weights of the model."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in Network(config).parameters())


__all__ = ["Network", "RowLayer", "is_matrix", "parameter_count"]
