"""Runs baselines over the fixed splits and appends one JSON line per split to `results/MODEL.jsonl`.

    python bench/baselines/run.py --data DIR --models catboost,lightgbm --seeds 0,1,2 --sets all

The first line of a file records how its results came about: versions, settings, search space and budget. A run with another
protocol is refused; splits that are there already are skipped, so a stopped run goes on where it was.
"""

import argparse
import json
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import metrics
import models
import search
import tables

LIBRARIES = ("catboost", "lightgbm", "scikit-learn", "numpy", "pandas", "scipy")


def main() -> None:
    args = parse_args()
    prior = tables.read_prior(args.data)
    todo = choose(tables.read_index(args.data), args.sets)
    todo.sort(key=lambda info: info["splits"][0]["train"] * info["features"] * (info["n_classes"] or 1))
    for seed in args.seeds:
        for name in args.models:
            rows = f"-{args.train_rows}-rows" if args.train_rows else ""
            file = args.out / f"{name}{rows}.jsonl"
            done = open_results(file, protocol_of(name, args))
            for info in todo:
                wrong_task = name in models.QUANTILE_MODELS and info["task"] != "regression"
                if wrong_task or (info["name"], seed) in done:
                    continue
                result = judge(args, info, name, seed, prior)
                with file.open("a") as out:
                    out.write(json.dumps(result) + "\n")
                print(f"{name} {info['name']} seed {seed}: {result['fit_seconds']:.1f} s", flush=True)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--models", type=lambda text: text.split(","), default=["catboost", "lightgbm"])
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[0, 1, 2])
    parser.add_argument("--sets", default="all", help="all, small (at most 700 rows, 20 features), a task, or names")
    parser.add_argument("--train-rows", type=int, help="most training rows, instead of those of the stored splits")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trials", type=int, default=12, help="points of a search, the default settings included")
    parser.add_argument("--inner-folds", type=int, default=3)
    args = parser.parse_args()
    unknown = set(args.models) - set(models.MODELS)
    if unknown:
        parser.error(f"unknown models {sorted(unknown)}; there are {', '.join(models.MODELS)}")
    args.out.mkdir(parents=True, exist_ok=True)
    return args


def choose(index: list[dict], sets: str) -> list[dict]:
    """The datasets that `--sets` names."""
    if sets == "all":
        return index
    if sets == "small":
        return [i for i in index if i["features"] <= 20 and all(s["train"] <= 700 for s in i["splits"])]
    if sets in ("classification", "regression"):
        return [info for info in index if info["task"] == sets]
    names = set(sets.split(","))
    unknown = names - {info["name"] for info in index}
    if unknown:
        raise SystemExit(f"no dataset {sorted(unknown)} in the index")
    return [info for info in index if info["name"] in names]


def protocol_of(name: str, args: argparse.Namespace) -> dict:
    """What another machine needs to get the same figures."""
    protocol = {
        "protocol": name,
        "versions": {"python": platform.python_version(), **{library: version(library) for library in LIBRARIES}},
        "settings": models.SETTINGS.get(name, "library defaults; random_state = seed of the split"),
        "threads": args.threads,
        **({"train_rows": args.train_rows} if args.train_rows else {}),
    }
    if name in models.TUNED_MODELS:
        protocol["search"] = {
            "method": "random search, the defaults as trial 0; inner folds shuffled by the seed of the split",
            "trials": args.trials,
            "inner_folds": args.inner_folds,
            "max_trees": search.MAX_TREES,
            "early_stopping_trees": search.PATIENCE,
            "space": {key: list(value) for key, value in search.SPACES[models.TUNED_MODELS[name]].items()},
        }
    return protocol


def open_results(file: Path, protocol: dict) -> set[tuple[str, int]]:
    """Splits that the file holds. A new file gets its protocol line; one with another protocol is refused."""
    if not file.exists():
        file.write_text(json.dumps(protocol) + "\n")
        return set()
    head, *lines = file.read_text().splitlines()
    if json.loads(head) != protocol:
        raise SystemExit(f"{file} was made with another protocol; give another --out or the same settings\n{head}\n{json.dumps(protocol)}")
    return {(row["dataset"], row["seed"]) for row in map(json.loads, lines)}


def judge(args: argparse.Namespace, info: dict, name: str, seed: int, prior: dict) -> dict:
    """Fit, predict and score one split."""
    data = tables.read_dataset(args.data, info)
    train, test = tables.split_rows(data, seed, args.train_rows)
    stored = prior.get((data.name, seed))
    if stored is not None and len(train) == data.sizes[seed][0] and not tables.agrees_with_prior(data, train, test, stored):
        raise SystemExit(f"{data.name}, seed {seed}: the split does not give the stored figure of the prior")
    job = models.Job(
        data.task, data.categorical, data.n_classes, data.x.iloc[train], data.y[train], data.x.iloc[test],
        seed, args.threads, args.trials, args.inner_folds,
    )  # fmt: skip
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = models.MODELS[name](job)
    seconds = time.perf_counter() - start
    truth = data.y[test]
    if data.task == "classification":
        scores = metrics.classification(truth, answer)
    elif name in models.QUANTILE_MODELS:
        scores = {"crps": metrics.crps(truth, answer)}
    else:
        scores = metrics.regression(truth, answer)
    rounded = {key: float(f"{value:.8g}") for key, value in scores.items()}
    return {
        "dataset": data.name, "task": data.task, "model": name, "seed": seed, **rounded,
        "fit_seconds": round(seconds, 3),
    }  # fmt: skip


if __name__ == "__main__":
    main()
