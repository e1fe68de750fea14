"""Makes tables in corners that the selection data does not reach: 40 classes, and 100 columns of which most say nothing.

    python bench/baselines/corner_tables.py --data DIR --out CORNERS

Tables of DIR are changed: `NAME_40_classes` cuts a numeric target into 40 classes of equal size, named so that their order is
lost; `NAME_100_columns` adds copies of the table's own columns in shuffled row order, so that they look like the others and
hold nothing. CORNERS has the layout of DIR without stored results; `run.py` and `posterior bench quality` both take it.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd

CLASSES = 40
COLUMNS = 100
MIN_ROWS = 3000
TEST_ROWS = 1000
TRAIN_ROWS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    entries = []
    for info in json.loads((args.data / "index.json").read_text())["datasets"]:
        if info["rows"] < MIN_ROWS:
            continue
        table = pd.read_csv(args.data / info["file"], keep_default_na=False, dtype=str)
        rng = np.random.default_rng(len(entries))
        if info["task"] == "regression" and table["target"].nunique() >= MIN_ROWS:
            entries.append(write(args.out, info, f"{info['name']}_40_classes", many_classes(table, rng), CLASSES))
        if info["features"] <= 25:
            wide = many_columns(table, rng)
            entries.append(write(args.out, info, f"{info['name']}_100_columns", wide, info["n_classes"]))
    (args.out / "index.json").write_text(json.dumps({"datasets": entries}, indent=1) + "\n")
    with gzip.open(args.out / "baselines.json.gz", "wt") as file:
        json.dump({"results": []}, file)
    print(f"{len(entries)} tables in {args.out}")


def many_classes(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The target in 40 classes of equal size."""
    rank = table["target"].astype(float).rank(method="first").to_numpy() - 1
    names = rng.permutation([f"class_{k:02d}" for k in range(CLASSES)])
    return table.assign(target=names[(rank * CLASSES // len(table)).astype(int)])


def many_columns(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Shuffled copies beside the columns, all of them in a random order."""
    features = [name for name in table.columns if name != "target"]
    columns = {name: table[name].to_numpy() for name in features}
    for k in range(COLUMNS - len(features)):
        source = features[k % len(features)]
        columns[f"{source}_shuffled_{k // len(features)}"] = rng.permutation(table[source].to_numpy())
    order = rng.permutation(list(columns))
    return pd.DataFrame({**{name: columns[name] for name in order}, "target": table["target"]})


def write(folder: Path, info: dict, name: str, table: pd.DataFrame, n_classes: int | None) -> dict:
    """Write a table; its entry of the index."""
    table.to_csv(folder / f"{name}.csv.gz", index=False)
    categorical = [
        column for column in table.columns if column.split("_shuffled_")[0] in info["categorical_columns"]
    ]
    sizes = {"train": TRAIN_ROWS, "test": TEST_ROWS}
    return {
        "name": name,
        "file": f"{name}.csv.gz",
        "task": "classification" if n_classes else "regression",
        "rows": len(table),
        "features": table.shape[1] - 1,
        "categorical_columns": categorical,
        "n_classes": n_classes,
        "missing_fraction": info["missing_fraction"],
        "splits": [{"seed": seed, **sizes} for seed in range(3)],
    }


if __name__ == "__main__":
    main()
