"""How hard the prior's tasks are, by tree ensembles: `python -m foundation.prior.difficulty --tasks 150`.

Needs scikit-learn. Prints quartiles beside the targets, and by family the share of tasks that the oracle can do better than
by ignoring the columns.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, r2_score

from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, sample_batch

SHAPES = ((120, 4), (250, 8), (400, 14), (400, 20))
QUERY_ROWS = 150
TARGETS = {"classification": "0.35 / 0.65 / 0.90 of the frequencies' entropy", "regression": "R2 0.30 / 0.60 / 0.85"}


def score(task: str, tables: tuple[np.ndarray, np.ndarray], targets: tuple[np.ndarray, np.ndarray], base: float) -> float:
    """Cross-entropy of extra-trees over that of the frequencies, or R2 of the better of two tree ensembles."""
    (x, x_query), (y, y_query) = tables, targets
    if task == "classification":
        model = ExtraTreesClassifier(60, min_samples_leaf=2, random_state=0).fit(x, y)
        probabilities = 0.98 * model.predict_proba(x_query) + 0.02 / len(model.classes_)
        return log_loss(y_query, probabilities, labels=model.classes_) / base
    models = (
        ExtraTreesRegressor(60, min_samples_leaf=2, random_state=0),
        HistGradientBoostingRegressor(max_iter=60, early_stopping=False, random_state=0),
    )
    return max(r2_score(y_query, model.fit(x, y).predict(x_query)) for model in models)


def main() -> None:
    """Draw, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=300, help="of each kind")
    parser.add_argument("--family", choices=FAMILY_NAMES, help="one family alone")
    parser.add_argument("--times", type=int, default=1, help="so many times the training rows: what trees find only slowly")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for task in ("classification", "regression"):
        scores, families, shares = [], [], []
        each = -(-arguments.tasks // len(SHAPES))
        for s, (train, columns) in enumerate(SHAPES):
            batch = sample_batch(
                BatchSpec(task, each, train * arguments.times, QUERY_ROWS, columns), [4242, s], family=arguments.family
            )
            shares.append(float(batch.accepted))
            tensors = {name: tensor.numpy() for name, tensor in batch.tensors.items()}
            for i in range(each):
                x, x_query = (tensors[name][i, :, :, [0, 2]].transpose(1, 0, 2) for name in ("x_train", "x_test"))
                tables = tuple(cells.reshape(len(cells), -1) for cells in (x, x_query))
                targets = (tensors["y_train"][i], tensors["y_test"][i])
                if tensors["weight"][i] > 0:
                    scores.append(score(task, tables, targets, float(batch.baseline[i])))
                    families.append(FAMILY_NAMES[batch.families[i]])
        quartiles = np.quantile(scores, (0.25, 0.5, 0.75)).round(3).tolist()
        better = [value < 0.97 if task == "classification" else value > 0.03 for value in scores]
        print(
            json.dumps(
                {
                    "task": task,
                    "tasks": len(scores),
                    "quartiles": quartiles,
                    "target": TARGETS[task],
                    "accepted": round(float(np.mean(shares)), 3),
                    "learnable": round(float(np.mean(better)), 3),
                    "learnable_by_family": {
                        name: round(float(np.mean([b for b, f in zip(better, families, strict=True) if f == name])), 2)
                        for name in sorted(set(families))
                    },
                    "median_by_family": {
                        name: round(float(np.median([v for v, f in zip(scores, families, strict=True) if f == name])), 2)
                        for name in sorted(set(families))
                    },
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
