"""The state of a run on disk: weights and counters only, small enough to leave a machine that keeps nothing.

Momenta and second moments rebuild within some hundred steps; the learning rate is warmed up again after loading.
Files: `state.json`, and shards `weights-N`, `average-N` and, once the learning rate falls, `stable-N.safetensors` (the
weights before the fall, from which a longer run goes on). All fit in 56 MiB, no file over 15 MiB: where float32 is too
large, float16 is stored.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from foundation.model import safetensors

FORMAT = 1
MOST_BYTES = 56 * 2**20
SHARD_BYTES = 15 * 2**20
Arrays = dict[str, np.ndarray]


@dataclass
class Progress:
    """What a run has done; `run` holds the choices that may not change."""

    run: dict[str, Any]
    step: int = 0
    round: int = 0
    datasets: int = 0
    seconds: float = 0.0
    """Of training, compilation and evaluation not counted; on a CPU those of the processor."""
    budget_seconds: float = 0.0
    stable_at: dict[str, float] | None = None
    """Counters of the `stable` weights."""
    probes: dict[str, Any] = field(default_factory=dict)


@dataclass
class State:
    """Progress and weights by kind."""

    progress: Progress
    weights: Arrays
    average: Arrays
    stable: Arrays | None = None


def save_state(folder: Path, state: State) -> None:
    """Write a state over the one that the folder holds; a kill in between leaves the old one or the new one."""
    kinds = {"weights": state.weights, "average": state.average}
    if state.stable is not None:
        kinds["stable"] = state.stable
    total = sum(value.size * 4 for arrays in kinds.values() for value in arrays.values())
    dtype = np.float32 if total <= MOST_BYTES else np.float16
    if total / 2 > MOST_BYTES and state.stable is not None:
        # The falling weights are worth nothing for going on, and their average is what is shipped.
        del kinds["weights"]
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for kind, arrays in kinds.items():
        _write_shards(new, kind, {name: value.astype(dtype) for name, value in arrays.items()})
    (new / "state.json").write_text(json.dumps({"format": FORMAT, **asdict(state.progress)}, indent=1) + "\n")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def load_state(folder: Path) -> State | None:
    """The state in a folder, or None. Raises ValueError for one of another format."""
    for place in (folder, folder.with_name(folder.name + ".old")):
        if (place / "state.json").exists():
            break
    else:
        return None
    fields = json.loads((place / "state.json").read_text())
    if fields.pop("format") != FORMAT:
        raise ValueError(f"{place / 'state.json'} has another format; this code reads format {FORMAT}")
    arrays = {kind: _read_shards(place, kind) for kind in ("weights", "average", "stable")}
    weights = arrays["weights"] or arrays["stable"]
    if not weights or not arrays["average"]:
        raise ValueError(f"{place} lacks shards of the weights or their average")
    return State(Progress(**fields), weights, arrays["average"], arrays["stable"] or None)


def copy_state(folder: Path, out: Path) -> None:
    """Copy a state's files to a folder that others may read meanwhile, `state.json` last."""
    out.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in folder.iterdir())
    for stale in [p for p in out.glob("*.safetensors") if p.name not in names]:
        stale.unlink()
    for name in [n for n in names if n != "state.json"] + ["state.json"]:
        partial = out / f"{name}.part"
        shutil.copyfile(folder / name, partial)
        os.replace(partial, out / name)


def _write_shards(folder: Path, kind: str, arrays: Mapping[str, np.ndarray]) -> None:
    shards: list[Arrays] = [{}]
    size = 0
    for name, value in arrays.items():
        if size + value.nbytes > SHARD_BYTES and shards[-1]:
            shards.append({})
            size = 0
        shards[-1][name] = value
        size += value.nbytes
    for number, shard in enumerate(shards):
        (folder / f"{kind}-{number}.safetensors").write_bytes(safetensors.encode(shard))


def _read_shards(folder: Path, kind: str) -> Arrays:
    arrays: Arrays = {}
    for path in sorted(folder.glob(f"{kind}-*.safetensors")):
        arrays.update({name: value.astype(np.float32) for name, value in safetensors.read(path).items()})
    return arrays
