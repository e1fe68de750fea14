"""Sizes of the interleaved architecture, as in packages/model/src/config.ts, whose names a manifest uses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

CLASS_SLOTS = 64
QUANTILES = 255
CHANNELS = 4
COLUMN_ID_DIM = 16

Task = Literal["classification", "regression"]
TASKS: tuple[Task, Task] = ("classification", "regression")

_CAMEL = {
    "architecture": "architecture",
    "cell_width": "cellWidth",
    "cell_heads": "cellHeads",
    "inducing_points": "inducingPoints",
    "stages": "stages",
    "row_queries": "rowQueries",
    "row_layers": "rowLayers",
    "row_heads": "rowHeads",
    "thinking_rows": "thinkingRows",
    "feed_forward": "feedForward",
    "vote_heads": "voteHeads",
    "vote_width": "voteWidth",
}


@dataclass(frozen=True)
class ModelConfig:
    """See `ModelConfig` in packages/model/src/config.ts for what each size means."""

    cell_width: int
    cell_heads: int
    inducing_points: int
    stages: tuple[str, ...]
    row_queries: int
    row_layers: int
    row_heads: int
    thinking_rows: int
    feed_forward: int
    vote_heads: int
    vote_width: int
    architecture: str = "interleaved-1"

    @property
    def row_width(self) -> int:
        """Length of a row's vector."""
        return self.row_queries * self.cell_width

    def to_json(self) -> dict[str, Any]:
        """The form that a manifest holds."""
        fields = asdict(self)
        return {camel: list(v) if isinstance(v := fields[name], tuple) else v for name, camel in _CAMEL.items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ModelConfig:
        """Read the form that a manifest holds. Raises ValueError for an architecture that this code does not know."""
        if value.get("architecture") != "interleaved-1":
            raise ValueError(f'architecture is "{value.get("architecture")}"; this code knows "interleaved-1"')
        fields = {name: value[camel] for name, camel in _CAMEL.items()}
        return cls(**{**fields, "stages": tuple(fields["stages"])})


_FIVE_STAGES = ("column", "row", "column", "row", "column")

PRESETS: dict[str, ModelConfig] = {
    # For tests only: a few thousand weights.
    "tiny": ModelConfig(8, 2, 4, ("column", "row", "column"), 2, 1, 2, 2, 2, 2, 8),
    "nano": ModelConfig(32, 2, 16, ("column", "row", "column"), 2, 3, 4, 8, 2, 4, 32),
    # nano with two more stages and three more row layers, so that it can begin with nano's weights (grow.py).
    "mini": ModelConfig(32, 2, 16, _FIVE_STAGES, 2, 6, 4, 8, 2, 4, 32),
    "small": ModelConfig(64, 2, 64, _FIVE_STAGES, 4, 8, 4, 16, 2, 6, 64),
    "medium": ModelConfig(128, 4, 64, _FIVE_STAGES, 3, 8, 6, 16, 2, 6, 64),
}
