"""The metrics of the harness (packages/tabular/src/metrics), so that both sides score alike."""

import numpy as np
from scipy.stats import rankdata

CLIP = 1e-6

# Middles of 99 equal steps: the harness scores CRPS on the same levels.
LEVELS = (np.arange(99) + 0.5) / 99


def roc_auc(y: np.ndarray, p: np.ndarray) -> float:
    """ROC AUC; for more classes than two, the one-versus-one macro mean (Hand and Till 2001) over classes in `y`."""
    present = np.unique(y)
    if p.shape[1] == 2:
        return _pair(p[:, 1], y == 1, y == 0)
    pairs = [(a, b) for i, a in enumerate(present) for b in present[i + 1 :]]
    both = [(_pair(p[:, a], y == a, y == b) + _pair(p[:, b], y == b, y == a)) / 2 for a, b in pairs]
    return float(np.mean(both)) if both else float("nan")


def _pair(score: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> float:
    n, m = int(positive.sum()), int(negative.sum())
    if n == 0 or m == 0:
        return float("nan")
    ranks = rankdata(np.concatenate([score[positive], score[negative]]))
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def classification(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    clipped = np.maximum(p, CLIP)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return {
        "auc": roc_auc(y, p),
        "logloss": float(-np.log(clipped[np.arange(len(y)), y]).mean()),
        "accuracy": float((p.argmax(axis=1) == y).mean()),
    }


def regression(y: np.ndarray, mean: np.ndarray) -> dict[str, float]:
    error = y - mean
    return {
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": float(1 - (error**2).mean() / y.var()),
        "mae": float(np.abs(error).mean()),
    }


def crps(y: np.ndarray, quantiles: np.ndarray) -> float:
    """Twice the mean pinball loss over LEVELS (Gneiting and Ranjan 2011). `quantiles`: [rows, levels], in y's unit."""
    miss = y[:, None] - quantiles
    return float(2 * np.maximum(LEVELS * miss, (LEVELS - 1) * miss).mean())
