"""Reads the selection data: one table, its columns typed by the index, and the fixed splits of the stored baselines.

The splits are scikit-learn's `train_test_split`, as `splits.ts` of the harness rebuilds it: test rows first, then, when more
than 2,000 rows are left, 2,000 training rows drawn with seed 0. `agrees_with_prior` checks a split by the stored figure of
the prior, which depends on nothing else.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

MISSING_CATEGORY = "__missing__"
CLIP = 1e-6


@dataclass(frozen=True)
class Dataset:
    """`x`: float columns (missing = NaN) and string columns (missing = MISSING_CATEGORY). `y`: class codes or floats."""

    name: str
    task: str
    x: pd.DataFrame
    categorical: list[str]
    y: np.ndarray
    n_classes: int
    sizes: dict[int, tuple[int, int]]


def read_index(folder: Path) -> list[dict]:
    """Every entry of index.json."""
    return json.loads((folder / "index.json").read_text())["datasets"]


def read_prior(folder: Path) -> dict[tuple[str, int], float]:
    """The stored figure of the prior, log loss or RMSE, by dataset and seed."""
    with gzip.open(folder / "baselines.json.gz") as file:
        rows = json.load(file)["results"]
    return {(r["dataset"], r["seed"]): r.get("logloss", r.get("rmse")) for r in rows if r["model"] == "prior"}


def read_dataset(folder: Path, info: dict) -> Dataset:
    """Read one table. Classes are coded in code point order of their names."""
    is_class = info["task"] == "classification"
    categorical = info["categorical_columns"]
    texts = {name: str for name in [*categorical, *(["target"] if is_class else [])]}
    table = pd.read_csv(folder / info["file"], keep_default_na=False, na_values=[""], dtype=texts)
    target = table.pop("target")
    x = pd.DataFrame(
        {
            name: table[name].astype(object).where(table[name].notna(), MISSING_CATEGORY)
            if name in categorical
            else table[name].astype(float)
            for name in table.columns
        }
    )
    if is_class:
        classes, y = np.unique(target.to_numpy(dtype=str), return_inverse=True)
        n_classes = len(classes)
    else:
        y, n_classes = target.to_numpy(dtype=float), 0
    sizes = {split["seed"]: (split["train"], split["test"]) for split in info["splits"]}
    return Dataset(info["name"], info["task"], x, categorical, y, n_classes, sizes)


def split_rows(data: Dataset, seed: int, train_rows: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows of one seed; `train_rows` is another limit of training rows than that of the stored splits."""
    train_size, test_size = data.sizes[seed]
    if train_rows is not None:
        train_size = min(train_rows, len(data.y) - test_size)
    labels = data.y if data.task == "classification" else None
    rest, test = train_test_split(np.arange(len(data.y)), test_size=test_size, random_state=seed, stratify=labels)
    if len(rest) > train_size:
        labels = None if labels is None else labels[rest]
        rest, _ = train_test_split(rest, train_size=train_size, random_state=0, stratify=labels)
    return rest, test


def agrees_with_prior(data: Dataset, train: np.ndarray, test: np.ndarray, stored: float) -> bool:
    """Whether predicting class shares, or the mean, of `train` gives the stored figure on `test`."""
    y = data.y
    if data.task == "classification":
        share = np.bincount(y[train], minlength=data.n_classes) / len(train)
        own = -np.log(np.maximum(share, CLIP)[y[test]]).mean()
    else:
        own = np.sqrt(((y[test] - y[train].mean()) ** 2).mean())
    return abs(own - stored) <= 2e-6 * max(1.0, abs(stored))
