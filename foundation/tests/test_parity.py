"""The PyTorch module and the TypeScript graphs are one architecture: same weights, same answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from foundation.model import safetensors, stages
from foundation.model.checkpoint import load_model, save_model
from foundation.model.config import PRESETS, TASKS, ModelConfig
from foundation.model.network import Network, is_matrix
from foundation.tests.typescript import ROOT, answer, needs_node

TOLERANCE = 1e-4
RANGES = {"rows": (8, 100), "columns": (1, 10), "classes": (2, 10)}


def make_inputs(columns: int, train: int = 50, test: int = 9, batch: int = 2) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(columns)
    cells = torch.randn(batch, train + test, columns, 4, generator=generator)
    cells[..., 1] = torch.rand(cells.shape[:-1], generator=generator)
    cells[..., 2:] = (cells[..., 2:] > 1).float()
    return {
        "x_train": cells[:, :train],
        "x_test": cells[:, train:],
        "column_ids": torch.randn(batch, columns, 16, generator=generator),
        "classification": torch.randint(0, 7, (batch, train), generator=generator) * 5,
        "regression": torch.randn(batch, train, generator=generator),
    }


def noisy(config: ModelConfig) -> Network:
    """A model whose every part acts on the answer, the residual branches that start at zero included."""
    torch.manual_seed(3)
    network = Network(config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return network


@torch.no_grad()
def compare(folder: Path, network: Network, inputs: dict[str, torch.Tensor], scratch: Path) -> None:
    one_hot = torch.nn.functional.one_hot(inputs["classification"], 64).float()
    tensors = {
        **{name: inputs[name] for name in ("x_train", "x_test", "column_ids")},
        "y_classification": one_hot,
        "y_regression": inputs["regression"].unsqueeze(-1),
    }
    source, target = scratch / "inputs.safetensors", scratch / "outputs.safetensors"
    source.write_bytes(safetensors.encode({name: value.numpy() for name, value in tensors.items()}))
    answer("outputs", folder, source, target)
    expected = safetensors.read(target)
    for task in TASKS:
        own = network(inputs["x_train"], inputs["x_test"], inputs[task], inputs["column_ids"], task).numpy()
        assert own.shape == expected[task].shape
        if task == "classification":
            own, expected[task] = np.exp(own), np.exp(expected[task])
        assert np.abs(own - expected[task]).max() < TOLERANCE


@needs_node
@pytest.mark.parametrize("columns", [1, 2, 3, 4, 7])
def test_the_released_nano_answers_as_it_does_in_onnx_runtime(columns: int, tmp_path: Path) -> None:
    folder = ROOT / "models" / "nano"
    config, weights = load_model(folder)
    network = Network(config)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    compare(folder, network, make_inputs(columns), tmp_path)


@torch.no_grad()
def test_plain_attention_in_rows_is_the_fused_one(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = make_inputs(6)
    network = noisy(PRESETS["nano"])
    arguments = [inputs[name] for name in ("x_train", "x_test", "regression", "column_ids")]
    fused = network(*arguments, "regression")
    monkeypatch.setattr(stages, "ROW_ATTENTION", "plain")
    assert torch.allclose(network(*arguments, "regression"), fused, atol=1e-5)


@needs_node
@pytest.mark.parametrize("preset", ["tiny", "small", "medium"])
def test_weights_made_here_answer_the_same_in_onnx_runtime(preset: str, tmp_path: Path) -> None:
    network = noisy(PRESETS[preset])
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    folder = tmp_path / "model"
    save_model(folder, PRESETS[preset], weights, name="noisy", version="0.0.1", trained_range=RANGES, training={})
    compare(folder, network, make_inputs(6), tmp_path)


@needs_node
@pytest.mark.parametrize("preset", ["nano", "small", "medium"])
def test_every_weight_has_the_name_shape_and_role_of_the_typescript(preset: str) -> None:
    specs = json.loads(answer("specs", preset))
    own = {name: list(value.shape) for name, value in Network(PRESETS[preset]).named_parameters()}
    assert own == {spec["name"]: spec["shape"] for spec in specs}
    for spec in specs:
        assert is_matrix(spec["name"]) == (spec["role"] == "matrix"), spec["name"]


@needs_node
@pytest.mark.parametrize("preset", ["nano", "small"])
def test_weights_start_as_they_do_in_typescript(preset: str) -> None:
    specs = {spec["name"]: spec["init"] for spec in json.loads(answer("specs", preset))}
    torch.manual_seed(0)
    for name, value in Network(PRESETS[preset]).named_parameters():
        init = specs[name]
        if init["kind"] == "zeros":
            assert value.abs().max() == 0, name
        elif value.numel() > 200 and init["kind"] in ("fan-in", "normal"):
            sd = init.get("sd", value.shape[0] ** -0.5)
            assert value.std().item() == pytest.approx(sd, rel=0.25), name


def test_half_precision_weights_are_read_back(tmp_path: Path) -> None:
    network = noisy(PRESETS["tiny"])
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    save_model(
        tmp_path, PRESETS["tiny"], weights, name="half", version="1.0.0", trained_range=RANGES, training={}, half=True
    )
    config, loaded = load_model(tmp_path)
    assert config == PRESETS["tiny"]
    for name, value in loaded.items():
        assert np.abs(value.astype(np.float32) - weights[name]).max() < 4e-3


@torch.no_grad()
def test_bfloat16_stays_near_float32() -> None:
    inputs = make_inputs(5)
    network = noisy(PRESETS["nano"])
    arguments = [inputs[name] for name in ("x_train", "x_test", "classification", "column_ids")]
    exact = network(*arguments, "classification").exp()
    network.dtype = torch.bfloat16
    assert (network(*arguments, "classification").exp() - exact).abs().max() < 0.05
