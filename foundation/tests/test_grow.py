"""A deeper model begins with the answers of the one that it was grown from, and can learn in what was added."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from foundation.grow import grow
from foundation.model.checkpoint import load_model
from foundation.model.config import PRESETS, TASKS
from foundation.model.network import Network
from foundation.prior.sample import BatchSpec, sample_batch
from foundation.tests.typescript import ROOT
from foundation.training.state import load_state

NANO = ROOT / "models" / "nano"


def network_of(config: object, weights: dict) -> Network:
    network = Network(config)  # type: ignore[arg-type]
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    return network


def test_a_grown_model_answers_as_before_and_its_new_parts_receive_gradients() -> None:
    config, weights = load_model(NANO)
    grown = grow(weights, config, PRESETS["mini"])
    before, after = network_of(config, weights), network_of(PRESETS["mini"], grown)
    for task in TASKS:
        batch = sample_batch(BatchSpec(task, 3, 60, 20, 6), [5], unfiltered=True)
        inputs = [batch.tensors[name] for name in ("x_train", "x_test", "y_train", "column_ids")]
        with torch.no_grad():
            assert torch.allclose(after(*inputs, task), before(*inputs, task), atol=1e-6)
        after.losses(batch.tensors, task).mean().backward()
    gradients = dict(after.named_parameters())
    for name in ("stage.3.out", "stage.4.spread.out", "stage.4.classification.slots", "rows.layer.5.out"):
        assert gradients[name].grad is not None and gradients[name].grad.abs().max() > 0, name


def test_only_depth_can_grow() -> None:
    config, weights = load_model(NANO)
    with pytest.raises(ValueError, match="more than stages and row layers"):
        grow(weights, config, PRESETS["small"])
    with pytest.raises(ValueError, match="must begin with all stages"):
        grow(weights, config, replace(config, stages=("row", "column", "column", "row")))


def test_the_command_writes_a_state_that_training_goes_on_from(tmp_path: Path) -> None:
    places = ["--model", str(NANO), "--state", str(tmp_path / "state")]
    command = [sys.executable, "-m", "foundation.grow", "--preset", "mini", "--plan", "wide", *places]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    state = load_state(tmp_path / "state")
    assert state is not None and state.progress.step == 0
    assert state.progress.run["grown_from"] == "nano"
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 1 and "holds a state already" in again.stderr
