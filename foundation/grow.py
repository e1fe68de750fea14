"""A deeper model that begins where a shallower one ended.

    python -m foundation.grow --model models/nano --preset mini --plan wide --state DIR

New stages and row layers begin as copies of the last of their kind whose outputs are zero, so the new model answers
exactly as the old one does until it is trained. Only depth grows; every other size must be the same. Needs NumPy alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from foundation.model.checkpoint import load_model
from foundation.model.config import PRESETS, ModelConfig
from foundation.training.shapes import PLANS
from foundation.training.state import Arrays, Progress, State, save_state

SILENT = {
    "column": ("classification.", "regression.", "task.", "spread.out", "spread.mlp.down"),
    "row": ("identity", "out", "mlp.down"),
}
"""Weights of a new stage that are zero, by the beginning of their names: what it adds to the stream of cells."""
SILENT_LAYER = ("out", "mlp.down")


def grow(weights: Mapping[str, np.ndarray], old: ModelConfig, new: ModelConfig) -> Arrays:
    """Weights of the deeper model. Raises ValueError when more than the depth differs."""
    if replace(old, stages=new.stages, row_layers=new.row_layers) != new:
        raise ValueError("the models differ in more than stages and row layers")
    if new.stages[: len(old.stages)] != old.stages or new.row_layers < old.row_layers:
        raise ValueError("the deeper model must begin with all stages and row layers of the other one")
    grown = dict(weights)
    for i in range(len(old.stages), len(new.stages)):
        kind = new.stages[i]
        last = max(j for j, other in enumerate(old.stages) if other == kind)
        _copy(grown, f"stage.{last}.", f"stage.{i}.", SILENT[kind])
    for i in range(old.row_layers, new.row_layers):
        _copy(grown, f"rows.layer.{old.row_layers - 1}.", f"rows.layer.{i}.", SILENT_LAYER)
    return grown


def _copy(weights: Arrays, source: str, target: str, silent: tuple[str, ...]) -> None:
    for name in [name for name in weights if name.startswith(source)]:
        rest = name[len(source) :]
        value = weights[name]
        weights[target + rest] = np.zeros_like(value) if rest.startswith(silent) else value.copy()


def main() -> None:
    """Parse arguments and write a state at step 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="model folder to begin with")
    parser.add_argument("--preset", choices=sorted(PRESETS), required=True, help="of the deeper model")
    parser.add_argument("--plan", choices=sorted(PLANS), required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, required=True, help="folder to write; train.py goes on from it")
    arguments = parser.parse_args()
    if (arguments.state / "state.json").exists():
        raise SystemExit(f"{arguments.state} holds a state already")
    config, weights = load_model(arguments.model)
    grown = grow(weights, config, PRESETS[arguments.preset])
    run = {"preset": arguments.preset, "plan": arguments.plan, "seed": arguments.seed, "grown_from": arguments.model.name}
    save_state(arguments.state, State(Progress(run), grown, {k: v.copy() for k, v in grown.items()}))
    print(f"{sum(value.size for value in grown.values()):,} weights in {arguments.state}")


if __name__ == "__main__":
    main()
