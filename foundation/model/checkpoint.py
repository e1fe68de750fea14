"""Model folders as packages/model reads them: `manifest.json` and `model.safetensors`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from foundation.model import safetensors
from foundation.model.config import TASKS, ModelConfig

LIMITS = ("rows", "columns", "classes")


def load_model(folder: Path) -> tuple[ModelConfig, dict[str, np.ndarray]]:
    """Configuration and weights of a model folder. Raises ValueError when the weights are not those of the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    data = (folder / "model.safetensors").read_bytes()
    expected = manifest["files"]["model.safetensors"]["sha256"]
    if hashlib.sha256(data).hexdigest() != expected:
        raise ValueError(f"{folder / 'model.safetensors'} is not the file that the manifest names")
    return ModelConfig.from_json(manifest["architecture"]), safetensors.decode(data)[0]


def save_model(
    folder: Path,
    config: ModelConfig,
    weights: Mapping[str, np.ndarray],
    *,
    name: str,
    version: str,
    trained_range: Mapping[str, tuple[int, int]],
    training: Mapping[str, Any],
    limits: Mapping[str, int] | None = None,
    class_slots: int | None = None,
    ridge_columns: bool = False,
    half: bool = False,
) -> None:
    """Write a model folder; `half` stores float16, which the TypeScript reads as well.

    `limits` are the rows, columns and classes that its card vouches for; without them the trained range counts.
    `class_slots` are the first so many, which tables of no more classes were trained with; without it all of them.
    `ridge_columns` says that it was trained with the columns of `prior/ridge.py`, recipe 1.
    """
    kind = np.float16 if half else np.float32
    tensors = {key: value.astype(kind) for key, value in weights.items()}
    data = safetensors.encode(tensors, {"format": "posterior", "name": name, "version": version})
    manifest = {
        "format": 1,
        "name": name,
        "version": version,
        "architecture": config.to_json(),
        "tasks": list(TASKS),
        "licence": "Apache-2.0",
        "trainedRange": {key: list(value) for key, value in trained_range.items()},
        **({"limits": {key: limits[key] for key in LIMITS}} if limits else {}),
        **({"classSlots": class_slots} if class_slots else {}),
        **({"ridgeColumns": 1} if ridge_columns else {}),
        "training": dict(training),
        "files": {"model.safetensors": {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
