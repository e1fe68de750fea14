"""Run by `python -m unittest discover bench/baselines`."""

import json
import math
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import metrics
import numpy as np
import run
import search
from scipy.stats import norm
from sklearn.metrics import log_loss, roc_auc_score


class Metrics(unittest.TestCase):
    def test_auc_and_log_loss_are_those_of_scikit_learn(self) -> None:
        rng = np.random.default_rng(0)
        y = rng.integers(0, 4, 200)
        p = rng.dirichlet(np.ones(4), 200)
        scores = metrics.classification(y, p)
        self.assertAlmostEqual(scores["auc"], roc_auc_score(y, p, multi_class="ovo", average="macro"), places=12)
        self.assertAlmostEqual(scores["logloss"], log_loss(y, p), places=4)
        self.assertAlmostEqual(metrics.roc_auc(y % 2, p[:, :2]), roc_auc_score(y % 2, p[:, 1]), places=12)

    def test_crps_of_a_normal_is_the_closed_form(self) -> None:
        y = np.array([0.0, 1.0, -0.5])
        closed = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / math.sqrt(math.pi)
        quantiles = np.tile(norm.ppf(metrics.LEVELS), (3, 1))
        self.assertAlmostEqual(metrics.crps(y, quantiles), closed.mean(), places=3)


class Search(unittest.TestCase):
    def test_draws_stay_in_the_space_and_follow_the_seed(self) -> None:
        for space in search.SPACES.values():
            draws = [search.draw(space, np.random.default_rng(seed)) for seed in (0, 0, 1)]
            self.assertEqual(draws[0], draws[1])
            self.assertNotEqual(draws[0], draws[2])
            for name, (kind, low, high) in space.items():
                self.assertTrue(low <= draws[2][name] <= high)
                self.assertEqual(isinstance(draws[2][name], int), kind == "int")

    def test_the_best_trial_wins_with_the_mean_of_its_trees(self) -> None:
        calls: list[dict] = []

        def fit_fold(point: dict, train: np.ndarray, valid: np.ndarray) -> tuple[float, int]:
            calls.append(point)
            return (0.1 if len(calls) in (3, 4) else 1.0), 10 * len(calls)

        inner = [(np.arange(2), np.arange(2))] * 2
        point, trees = search.random_search(search.SPACES["lightgbm"], inner, 3, 0, fit_fold)
        self.assertEqual(calls[0], {})
        self.assertEqual((point, trees), (calls[2], 35))


class Results(unittest.TestCase):
    def test_a_file_of_another_protocol_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "m.jsonl"
            self.assertEqual(run.open_results(file, {"protocol": "m"}), set())
            with file.open("a") as out:
                out.write(json.dumps({"dataset": "a", "seed": 1}) + "\n")
            self.assertEqual(run.open_results(file, {"protocol": "m"}), {("a", 1)})
            with self.assertRaises(SystemExit):
                run.open_results(file, {"protocol": "m", "threads": 2})


if __name__ == "__main__":
    unittest.main()
