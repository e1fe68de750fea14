"""Ridge columns: they leak nothing, say what there is to say, and are those of the TypeScript."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from foundation.model import safetensors
from foundation.prior import ridge
from foundation.prior.channels import cell_channels
from foundation.prior.draw import Draw
from foundation.prior.sample import BatchSpec, sample_batch
from foundation.tests.typescript import answer, needs_node


def _table(rows: int = 60, columns: int = 4) -> torch.Tensor:
    draw = Draw([5])
    values = draw.normal(columns, rows)
    values[1] = draw.integers(0, 5, rows).float()
    values[2, ::7] = torch.nan
    categorical = torch.tensor([False, True, False, False])
    cells, _ = cell_channels(values, categorical, 40, torch.zeros(columns, dtype=torch.bool))
    return cells.transpose(0, 1)


@pytest.mark.parametrize("width", [12, 90])
def test_a_labelled_row_is_answered_without_its_own_label(width: int) -> None:
    draw = Draw([1, width])
    x, target = draw.normal(50, width).double(), draw.normal(30, 2).double()
    error, answers = ridge._ridge(x, target)
    # The penalty that was chosen is the one whose regression on all labelled rows gives the answers of the others.
    for penalty in ridge.PENALTIES:
        refit = _refit(x[:30], target, x[30:], penalty, target.mean(0))
        if torch.allclose(refit, answers[30:], atol=1e-6):
            break
    else:
        pytest.fail("no penalty gives these answers")
    for row in (0, 13, 29):
        others = torch.arange(30) != row
        expected = _refit(x[:30][others], target[others], x[row : row + 1], penalty, target.mean(0))
        assert torch.allclose(answers[row : row + 1], expected, atol=1e-6)
    assert error == pytest.approx(float((target - answers[:30]).square().mean()), rel=1e-6)


def _refit(x: torch.Tensor, y: torch.Tensor, asked: torch.Tensor, penalty: float, middle: torch.Tensor) -> torch.Tensor:
    mean = x.mean(0)
    centred = x - mean
    gram = centred.T @ centred + penalty * torch.eye(x.shape[1], dtype=x.dtype)
    return middle + (asked - mean) @ torch.linalg.solve(gram, centred.T @ (y - y.mean(0)))


def test_a_linear_target_is_read_off_one_column() -> None:
    draw = Draw([3])
    cells = torch.zeros(300, 6, 4)
    cells[..., 0] = draw.normal(300, 6)
    cells[..., 1] = torch.special.ndtr(cells[..., 0])
    y = cells[..., 0] @ torch.tensor([1.0, -2.0, 0.5, 0.0, 0.0, 3.0])
    values = ridge.ridge_columns(draw, cells, y, 0, 200)
    assert values.shape == (300, 1)
    assert torch.corrcoef(torch.stack([values[200:, 0], y[200:]]))[0, 1] > 0.999


@pytest.mark.parametrize("train", [40, 200])
def test_where_there_is_nothing_to_find_labels_do_not_show(train: int) -> None:
    for seed in range(20):
        draw = Draw([4, seed])
        cells = torch.zeros(300, 5, 4)
        cells[..., 0] = draw.normal(300, 5)
        y = draw.integers(0, 3, 300)
        values = ridge.ridge_columns(draw, cells, y, 3, train)
        # What is left is noise that happened to help; none is turned against its own labels.
        own = torch.nn.functional.one_hot(y[:train], 3).float()
        related = torch.corrcoef(torch.cat([values[:train], own], 1).T)[: values.shape[1], values.shape[1] :]
        assert values.shape[1] == 0 or 0 < related.amax() < 5 / train**0.5


def test_one_column_for_two_classes_one_for_each_of_ten_none_for_more() -> None:
    draw = Draw([6])
    for classes, columns in ((0, 1), (2, 1), (3, 3), (10, 10), (11, 0)):
        y = draw.integers(0, max(classes, 2), 400)
        # One column for each class, which is near 1 for its rows.
        values = torch.nn.functional.one_hot(y, max(classes, 2)).T + 0.1 * draw.normal(max(classes, 2), 400)
        cells, _ = cell_channels(
            values.contiguous(), torch.zeros(len(values), dtype=torch.bool), 300, torch.tensor(False).expand(len(values))
        )
        found = ridge.ridge_columns(draw, cells.transpose(0, 1), y if classes else y.float(), classes, 300)
        assert found.shape == (400, columns)
        for k in range(columns):
            truth = y if classes in (0, 2) else (y == k)
            assert torch.corrcoef(torch.stack([found[300:, k], truth[300:].float()]))[0, 1] > 0.8


def test_missing_cells_and_categories_stay_finite() -> None:
    draw, cells = Draw([9]), _table()
    y = (cells[:, 0, 0] > 0).long()
    values = ridge.ridge_columns(draw, cells, y, 2, 40)
    assert values.shape == (60, 1)
    assert torch.isfinite(values).all()


def test_categories_are_told_apart_whatever_their_codes() -> None:
    draw = Draw([7])
    codes = draw.integers(0, 6, 400).float()
    cells, _ = cell_channels(codes[None], torch.tensor([True]), 300, torch.tensor([False]))
    y = torch.tensor([0.0, 5.0, -5.0, 2.0, -1.0, 3.0])[codes.long()]
    values = ridge.ridge_columns(draw, cells.transpose(0, 1), y, 0, 300)
    assert torch.allclose(values[300:, 0], y[300:], atol=0.05)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_batch_holds_them_between_its_columns(task: str) -> None:
    spec = BatchSpec(task, 6, 60, 20, 5, max_classes=6, ridge=True)
    batch = sample_batch(spec, [8], unfiltered=True)
    most = [max(1, k) if k != 2 else 1 for k in batch.classes.tolist()]
    assert all(5 <= width <= 5 + k for width, k in zip(batch.widths.tolist(), most, strict=True))
    assert batch.widths.max() > 5
    assert all(torch.isfinite(tensor).all() for tensor in batch.all_tensors())
    widest = int(batch.widths.max())
    assert batch.tensors["x_train"].shape == (6, 60, widest, 4)
    for b, width in enumerate(batch.widths.tolist()):
        one = batch.take(torch.tensor([b]))
        assert one["x_train"].shape[2] == one["x_test"].shape[2] == one["column_ids"].shape[1] == width
        beyond = batch.tensors["x_train"][b, :, width:]
        assert torch.equal(beyond, torch.tensor([0.0, 0.5, 0.0, 0.0]).expand_as(beyond))
    plain = sample_batch(BatchSpec(task, 6, 60, 20, 5, max_classes=6), [8], unfiltered=True)
    assert torch.equal(plain.classes, batch.classes)
    assert torch.equal(
        plain.tensors["y_train"] if task == "regression" else plain.baseline,
        batch.tensors["y_train"] if task == "regression" else batch.baseline,
    )


@needs_node
def test_they_are_those_of_the_typescript(tmp_path: Path) -> None:
    rows, train = 260, 200
    random = np.random.default_rng(2)
    values = random.normal(size=(5, rows)).astype(np.float32)
    values[2] = random.integers(0, 4, rows)
    values[3, ::9] = np.nan
    categorical = np.array([0, 0, 1, 0, 0], dtype=np.float32)
    y = 2 * values[0] - values[1] + np.array([1.0, -2.0, 0.5, 3.0])[values[2].astype(int)] + 2 * np.isnan(values[3])
    y = ((y - y[:train].mean()) / y[:train].std()).astype(np.float32)
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    sizes = {"train": np.array([train], dtype=np.float32)}
    source.write_bytes(safetensors.encode({"values": values, "categorical": categorical, "y": y[:train], **sizes}))
    answer("ridge", source, target)
    expected = safetensors.read(target)["ridge"][0]
    cells, _ = cell_channels(
        torch.from_numpy(values), torch.from_numpy(categorical) == 1, train, torch.zeros(5, dtype=torch.bool)
    )
    own = ridge.ridge_columns(Draw([1]), cells.transpose(0, 1), torch.from_numpy(y), 0, train)[:, 0].numpy()
    assert np.abs(own - expected).max() < 2e-3
    assert np.corrcoef(own[train:], y[train:])[0, 1] > 0.99
