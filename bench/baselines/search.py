"""Random search with an inner cross-validation (Bergstra and Bengio 2012): the tuned baselines.

Trial 0 is the library's default with early stopping; the others are drawn from SPACES. Each trial is fitted on every inner
fold with at most MAX_TREES trees and stops when the fold's loss has not improved for PATIENCE trees. The trial with the
lowest mean loss (log loss, or squared error) is fitted again on all training rows with the mean number of trees of its folds.
"""

import math
from collections.abc import Callable

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

MAX_TREES = 1000
PATIENCE = 50

# name -> (kind, low, high); kinds: log (log-uniform), uniform, int (log-uniform whole number)
SPACES: dict[str, dict[str, tuple[str, float, float]]] = {
    "catboost": {
        "learning_rate": ("log", 0.01, 0.3),
        "depth": ("int", 3, 8),
        "l2_leaf_reg": ("log", 0.5, 30),
        "random_strength": ("log", 0.1, 10),
        "bagging_temperature": ("uniform", 0, 1),
    },
    "lightgbm": {
        "learning_rate": ("log", 0.01, 0.3),
        "num_leaves": ("int", 4, 128),
        "min_child_samples": ("int", 2, 60),
        "colsample_bytree": ("uniform", 0.4, 1),
        "subsample": ("uniform", 0.5, 1),
        "reg_lambda": ("log", 1e-4, 10),
    },
}


def draw(space: dict[str, tuple[str, float, float]], rng: np.random.Generator) -> dict[str, float]:
    """One point of a space."""
    point: dict[str, float] = {}
    for name, (kind, low, high) in space.items():
        if kind == "uniform":
            point[name] = float(rng.uniform(low, high))
        else:
            value = math.exp(rng.uniform(math.log(low), math.log(high)))
            point[name] = int(round(value)) if kind == "int" else float(value)
    return point


def folds(y: np.ndarray, is_class: bool, count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Inner folds; stratified unless a class has fewer rows than there are folds."""
    stratify = is_class and np.bincount(y).min() >= count
    splitter = (StratifiedKFold if stratify else KFold)(count, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(y)), y))


def random_search(
    space: dict[str, tuple[str, float, float]],
    inner: list[tuple[np.ndarray, np.ndarray]],
    trials: int,
    seed: int,
    fit_fold: Callable[[dict, np.ndarray, np.ndarray], tuple[float, int]],
) -> tuple[dict, int]:
    """`fit_fold(point, train, valid)` gives the best loss and its number of trees. Returns the best point and its trees."""
    rng = np.random.default_rng(seed)
    best: tuple[float, dict, int] | None = None
    for trial in range(trials):
        point = {} if trial == 0 else draw(space, rng)
        scores = [fit_fold(point, train, valid) for train, valid in inner]
        loss = float(np.mean([score for score, _ in scores]))
        trees = max(1, round(float(np.mean([count for _, count in scores]))))
        if best is None or loss < best[0]:
            best = (loss, point, trees)
    assert best is not None
    return best[1], best[2]
