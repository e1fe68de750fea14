"""Held-out synthetic tasks, the same at every evaluation: tables of the general prior, and single mechanisms.

The mechanisms tell what a model has learned to see; XOR is the first to move once columns and rows interact.
"""

from __future__ import annotations

import torch
from torch import Tensor

from foundation.model.config import Task
from foundation.model.heads import pinball_loss
from foundation.model.network import Network
from foundation.prior.baseline import marginal_loss
from foundation.prior.channels import cell_channels
from foundation.prior.draw import Draw
from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, sample_batch

HELD_OUT_SEED = 777_000
SHAPES = ((50, 4), (100, 8), (200, 5), (300, 12), (700, 20))
QUERY_ROWS = 60
COLUMNS = 10


def evaluate(
    network: Network, device: torch.device, datasets: int = 32, train_rows: int = 700, *, ridge: bool = False
) -> dict[str, float]:
    """Loss over that of ignoring the columns, by task and family, and accuracies (or such ratios) by mechanism.

    `ridge` gives the tables of the prior ridge columns; the mechanisms never have them.
    """
    # Gradients stay on, though none is taken: compiled blocks would be compiled again for a network without them.
    return {**_general(network, device, datasets, train_rows, ridge), **_mechanisms(network, device, datasets)}


def _general(network: Network, device: torch.device, datasets: int, train_rows: int, ridge: bool) -> dict[str, float]:
    sums: dict[str, Tensor] = {}
    for t, task in enumerate(("classification", "regression")):
        for s, (train, columns) in enumerate(SHAPES):
            if train > train_rows:
                continue
            spec = BatchSpec(task, datasets, train, QUERY_ROWS, columns, max_classes=10, ridge=ridge)
            batch = sample_batch(spec, [HELD_OUT_SEED, t, s], device)
            pairs = torch.stack([network.losses(batch.tensors, task).detach(), batch.baseline], 1).double().cpu()
            for pair, family in zip(pairs, batch.families.tolist(), strict=True):
                for name in (task, f"{task} {FAMILY_NAMES[family]}"):
                    sums[name] = sums.get(name, torch.zeros(2, dtype=torch.float64)) + pair
    return {name: round(float(loss / baseline), 4) for name, (loss, baseline) in sorted(sums.items())}


def _mechanisms(network: Network, device: torch.device, datasets: int) -> dict[str, float]:
    results = {}
    for number, (name, (task, make)) in enumerate(PROBES.items()):
        draw = Draw([HELD_OUT_SEED, 99, number], device)
        train, rows = 300, 300 + QUERY_ROWS
        x, y, categorical = make(draw, draw.normal(datasets, COLUMNS, rows))
        flat = x.reshape(-1, rows)
        standard = torch.zeros(len(flat), dtype=torch.bool, device=device)
        cells, _ = cell_channels(flat, categorical.reshape(-1), train, standard)
        cells = cells.reshape(datasets, COLUMNS, rows, 4).transpose(1, 2)
        if task == "regression":
            y = (y - y[:, :train].mean(1, keepdim=True)) / y[:, :train].std(1, keepdim=True)
        else:
            y = y.long() + 7
        ids = draw.normal(datasets, COLUMNS, 16)
        answers = network(cells[:, :train], cells[:, train:], y[:, :train], ids, task).detach()
        truth = y[:, train:]
        if task == "classification":
            results[f"probe {name}"] = round((answers.argmax(-1) == truth).float().mean().item(), 4)
        else:
            loss = pinball_loss(answers, truth)
            results[f"probe {name} (crps ratio)"] = round((loss / marginal_loss(y[:, :train], truth)).mean().item(), 4)
    return results


Made = tuple[Tensor, Tensor, Tensor]


def _plain(x: Tensor) -> Tensor:
    return torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)


def _linear(draw: Draw, x: Tensor) -> Made:
    weights = draw.normal(len(x), COLUMNS, 1)
    return x, ((x * weights).sum(1) > 0).long(), _plain(x)


def _threshold(draw: Draw, x: Tensor) -> Made:
    return x, (x[:, 3] > draw.uniform(len(x), 1, low=-0.5, high=0.5)).long(), _plain(x)


def _xor(draw: Draw, x: Tensor) -> Made:
    return x, ((x[:, 1] > 0) ^ (x[:, 6] > 0)).long(), _plain(x)


def _parity(draw: Draw, x: Tensor) -> Made:
    return x, ((x[:, 0] > 0).long() + (x[:, 4] > 0) + (x[:, 7] > 0)) % 2, _plain(x)


def _lookup(draw: Draw, x: Tensor) -> Made:
    codes = draw.integers(0, 5, *x.shape)
    table = draw.integers(0, 2, len(x), 25)
    return codes.float(), table.gather(1, codes[:, 2] * 5 + codes[:, 5]), torch.ones_like(_plain(x))


def _random_effect(draw: Draw, x: Tensor) -> Made:
    levels = 25
    codes = draw.integers(0, levels, len(x), x.shape[2])
    y = draw.normal(len(x), levels).gather(1, codes) > 0
    x = torch.cat([codes.unsqueeze(1).float(), x[:, 1:]], 1)
    categorical = _plain(x)
    categorical[:, 0] = True
    return x, y.long(), categorical


def _missing(draw: Draw, x: Tensor) -> Made:
    weights = draw.normal(len(x), COLUMNS, 1)
    y = ((x * weights).sum(1) > 0).long()
    return torch.where(draw.chance(0.3, *x.shape), torch.nan, x), y, _plain(x)


def _smooth(draw: Draw, x: Tensor) -> Made:
    return x, torch.sin(2 * x[:, 0]) + torch.cos(1.5 * x[:, 1]), _plain(x)


def _heavy_tails(draw: Draw, x: Tensor) -> Made:
    wild = torch.sinh(1.5 * x)
    return wild, x[:, 0] + 0.5 * x[:, 1] + 0.3 * draw.normal(len(x), x.shape[2]), _plain(x)


PROBES: dict[str, tuple[Task, object]] = {
    "linear": ("classification", _linear),
    "threshold": ("classification", _threshold),
    "xor 2 of 10": ("classification", _xor),
    "parity 3 of 10": ("classification", _parity),
    "lookup 5 x 5": ("classification", _lookup),
    "random effect of 25 levels": ("classification", _random_effect),
    "30 % missing": ("classification", _missing),
    "smooth in 2 of 10": ("regression", _smooth),
    "heavy tails": ("regression", _heavy_tails),
}
