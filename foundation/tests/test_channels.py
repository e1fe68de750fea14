"""Cells are prepared as packages/tabular prepares them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from foundation.model import safetensors
from foundation.prior.channels import cell_channels
from foundation.tests.typescript import answer, needs_node

TRAIN, ROWS = 150, 230


def make_columns() -> np.ndarray:
    """Columns of many kinds, one in each row."""
    random = np.random.default_rng(5)
    normal = random.normal(size=(9, ROWS))
    columns = [
        normal[0],
        np.exp(2 * normal[1]),
        random.standard_cauchy(ROWS),
        np.round(normal[2] * 2),
        random.integers(0, 6, ROWS).astype(float),
        np.where(random.random(ROWS) < 0.3, np.nan, normal[3]),
        np.where(random.random(ROWS) < 0.99, 0.0, 1.0),
        np.full(ROWS, 3.0),
        normal[4] + 1e4,
        np.where(np.arange(ROWS) < TRAIN, np.nan, normal[5]),
        np.where(np.arange(ROWS) == 0, 1e6, normal[6]),
    ]
    return np.stack(columns).astype(np.float32)


@needs_node
@pytest.mark.parametrize("variant", ["standard", "quantile"])
def test_channels_are_those_of_the_typescript(variant: str, tmp_path: Path) -> None:
    values = make_columns()
    categorical = np.zeros(len(values), dtype=np.float32)
    categorical[4] = 1
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    inputs = {"values": values, "categorical": categorical, "train": np.array([TRAIN], dtype=np.float32)}
    source.write_bytes(safetensors.encode(inputs))
    answer("channels", source, target)
    expected = safetensors.read(target)[variant].transpose(1, 0, 2)
    quantile = torch.full((len(values),), variant == "quantile")
    own, _ = cell_channels(torch.from_numpy(values), torch.from_numpy(categorical) == 1, TRAIN, quantile, retype=False)
    worst = np.abs(own.numpy() - expected).max((1, 2))
    assert (worst < 2e-4).all(), worst


def channels_of(column: list[float], categorical: bool, train: int) -> torch.Tensor:
    values = torch.tensor([column])
    flags = torch.tensor([categorical])
    return cell_channels(values, flags, train, torch.tensor([False]))[0][0]


def test_codes_become_dense_and_unseen_codes_missing() -> None:
    cells = channels_of([7.0, 3.0, 7.0, 3.0, 5.0, 7.0], True, 4)
    assert cells[:, 3].tolist() == [1.0] * 6
    assert cells[4, 2] == 1
    assert cells[0, 0] == -cells[1, 0]
    assert cells[5].tolist() == cells[0].tolist()


def test_numeric_columns_of_three_values_are_categories_in_long_tables_only() -> None:
    short, long = ([0.0, 1.0, 5.0] * k for k in (20, 50))
    assert channels_of(short, False, 60)[0, 3] == 0
    assert channels_of(long, False, 150)[0, 3] == 1


def test_categories_of_many_levels_are_numbers() -> None:
    levels = [float(i % 31) for i in range(124)]
    assert channels_of(levels, True, 124)[0, 3] == 0
    assert channels_of([value % 30 for value in levels], True, 124)[0, 3] == 1
