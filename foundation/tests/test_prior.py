"""Every draw is a fair task: finite, learnable by construction, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foundation.prior.draw import Draw, importances, shares, standardise
from foundation.prior.families.rules import parity
from foundation.prior.learnability import measure_learnability
from foundation.prior.mechanisms import MECHANISMS
from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, sample_batch
from foundation.prior.targets import draw_class_counts, merge_rare_classes


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_each_family_gives_finite_tasks(family: str, task: str) -> None:
    batch = sample_batch(BatchSpec(task, 6, 60, 20, 5), [1, 2], family=family)
    tensors = batch.tensors
    assert tensors["x_train"].shape == (6, 60, 5, 4)
    assert tensors["x_test"].shape == (6, 20, 5, 4)
    for name in ("x_train", "x_test", "y_train", "y_test", "column_ids"):
        assert torch.isfinite(tensors[name].float()).all(), name
    assert tensors["x_train"][..., 1].min() >= 0 and tensors["x_train"][..., 1].max() <= 1
    kept = tensors["weight"] > 0
    assert kept.any()
    # Every column says something: no z channel of the training rows is constant.
    assert (tensors["x_train"][..., 0].std(1)[kept] > 0).float().mean() > 0.97


@pytest.mark.parametrize("features", [1, 2, 40])
@pytest.mark.parametrize("stage", ["easy", "general"])
def test_narrow_and_wide_tables_can_be_drawn(stage: str, features: int) -> None:
    for task in ("classification", "regression"):
        batch = sample_batch(BatchSpec(task, 10, 30, 4, features, stage), [3])
        assert batch.tensors["x_train"].shape == (10, 30, features, 4)


def test_the_same_seed_gives_the_same_datasets_and_another_seed_others() -> None:
    spec = BatchSpec("classification", 5, 40, 10, 6)
    first, second, other = (sample_batch(spec, seed) for seed in ([1, 7], [1, 7], [1, 8]))
    for name, tensor in first.tensors.items():
        assert torch.equal(tensor, second.tensors[name]), name
    assert not torch.equal(first.tensors["x_train"], other.tensors["x_train"])


def test_classes_of_query_rows_occur_in_the_training_rows() -> None:
    batch = sample_batch(BatchSpec("classification", 40, 80, 30, 4, max_classes=10), [5])
    for i in range(40):
        train, test = (set(batch.tensors[name][i].tolist()) for name in ("y_train", "y_test"))
        assert test <= train
        assert len(train) == batch.classes[i]
        assert min(batch.tensors["y_train"][i].bincount()[list(train)]) >= 2
    assert len({tuple(sorted(set(row.tolist()))) for row in batch.tensors["y_train"]}) > 20


def test_datasets_of_few_classes_share_few_slots() -> None:
    batch = sample_batch(BatchSpec("classification", 60, 120, 30, 4, max_classes=30, class_slots=6), [5])
    highest = batch.tensors["y_train"].amax(1)
    few = batch.classes <= 6
    assert 0 < few.sum() < 60
    assert highest[few].max() == 5
    assert highest[~few].min() > 6
    assert len(set(batch.tensors["y_train"][few].flatten().tolist())) == 6


def test_many_classes_come_up_where_they_are_allowed() -> None:
    counts = draw_class_counts(Draw([1]), 4000, 40)
    assert counts.min() == 2 and 30 < counts.max() <= 40
    assert np.mean(counts > 10) == pytest.approx(0.1, abs=0.02)
    assert draw_class_counts(Draw([1]), 100, 2).max() == 2


def test_regression_targets_are_standardised_by_the_training_rows() -> None:
    batch = sample_batch(BatchSpec("regression", 20, 200, 50, 4), [6])
    y = batch.tensors["y_train"]
    assert y.abs().max() <= 8
    assert y.mean(1).abs().max() < 0.2 and (y.std(1) - 1).abs().max() < 0.5


def test_dirt_is_there_in_the_general_stage_only() -> None:
    general = sample_batch(BatchSpec("classification", 60, 120, 10, 6), [7]).tensors["x_train"]
    easy = sample_batch(BatchSpec("classification", 60, 120, 10, 6, "easy"), [7]).tensors["x_train"]
    assert 0.005 < general[..., 2].mean() < 0.2
    assert general[..., 3].mean() > 0.1
    assert easy[..., 2:].abs().max() == 0


@pytest.mark.parametrize("name", MECHANISMS)
def test_mechanisms_give_standardised_functions_of_their_inputs(name: str) -> None:
    draw = Draw([8])
    x = standardise(draw.normal(7, 3, 50))
    x = torch.cat([x, x], -1)
    out = MECHANISMS[name](draw, x, 4)
    assert out.shape == (7, 4, 100)
    assert out.mean(-1).abs().max() < 0.05
    assert torch.allclose(out[..., :50], out[..., 50:], atol=1e-4)
    assert (out.std(-1) > 0.3).float().mean() > 0.6


def test_the_filter_tells_noise_from_signal_and_cannot_see_parity() -> None:
    draw = Draw([9])
    x = draw.normal(30, 4, 400)
    signal = ((x[:, 0] + 0.5 * draw.normal(30, 400)) > 0).long()
    noise = (draw.normal(30, 400) > 0).long()
    codes = draw.integers(0, 2, 30, 16, 400)
    odd = parity(draw, codes, torch.full((30, 16), 2), torch.full((30,), 2))
    for y, z, low, high in ((signal, x, 0.9, 1.0), (noise, x, 0.0, 0.2), (odd, standardise(codes.float()), 0.0, 0.5)):
        skill, deviation = measure_learnability(draw, z, y, 2)
        accepted = ((skill > 0.01) & (deviation > 1.645)).float().mean()
        assert low <= accepted <= high


def test_rare_classes_become_the_most_frequent_one() -> None:
    labels = torch.tensor([[0, 0, 0, 2, 2, 3, 0, 3]])
    merged, count = merge_rare_classes(labels, 5, 6)
    assert merged.tolist() == [[0, 0, 0, 1, 1, 0, 0, 0]]
    assert count.tolist() == [2]


def test_shares_and_importances_keep_their_budget() -> None:
    draw = Draw([10])
    used = torch.tensor([[2], [5]])
    parts = shares(draw, 2, 5, torch.full((2, 1), 0.5), 0.1, used)
    assert torch.allclose(parts.sum(1), torch.ones(2))
    assert (parts[0, 2:] == 0).all() and (parts[1] > 0).all()
    assert torch.allclose(importances(draw, 50, 9).norm(dim=1), torch.ones(50))
