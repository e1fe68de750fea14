"""A state's averaged weights as a model folder: `python -m foundation.export --state DIR --name NAME --out models/NAME`.

Needs NumPy alone. Writes `manifest.json`, `model.safetensors` and a card `README.md` that says how it was trained; its
quality is for the evaluation to add.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from foundation.model.checkpoint import save_model
from foundation.model.config import PRESETS
from foundation.training.shapes import trained_range
from foundation.training.state import State, load_state


def export(state: State, name: str, version: str, out: Path, half: bool = False) -> None:
    """Write the model folder."""
    progress = state.progress
    config = PRESETS[progress.run["preset"]]
    ranges = trained_range(progress.run["plan"], progress.seconds / progress.budget_seconds)
    training = {
        "data": "synthetic only, drawn from the prior in foundation/prior",
        "steps": progress.step,
        "datasets": progress.datasets,
        "seconds": round(progress.seconds),
        "seed": progress.run["seed"],
        "run": progress.run,
        "probes": progress.probes,
    }
    save_model(
        out,
        config,
        state.average,
        name=name,
        version=version,
        trained_range=ranges,
        training=training,
        half=half,
    )
    count = sum(value.size for value in state.average.values())
    (out / "README.md").write_text(_card(name, count, ranges, training, half))


def _card(name: str, count: int, ranges: dict[str, tuple[int, int]], training: dict[str, object], half: bool) -> str:
    rows, columns, classes = (ranges[key] for key in ("rows", "columns", "classes"))
    return f"""# {name}

A prior-data fitted network for tables, trained by this project on synthetic tables alone.

| | |
| --- | --- |
| Licence | Apache-2.0, weights and code |
| Weights | {count:,} numbers, {"float16" if half else "float32"} |
| Architecture | `interleaved-1` (see [the note](../../docs/decisions/architecture.md)); sizes in `manifest.json` |
| Tasks | classification (at most 64 classes, trained on at most {classes[1]}) and regression (255 quantiles) |
| Trained on | {training["datasets"]:,} synthetic tables of {rows[0]} to {rows[1]} labelled rows and {columns[0]} to \
{columns[1]} columns; no real data in any form |
| Training | {training["steps"]:,} steps in {training["seconds"]:,} seconds; run and seed are in `manifest.json` |

## Held-out synthetic probes

```json
{json.dumps(training["probes"], indent=1)}
```
"""


def main() -> None:
    """Parse arguments and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", action="store_true", help="store float16")
    arguments = parser.parse_args()
    state = load_state(arguments.state)
    if state is None:
        raise SystemExit(f"{arguments.state} holds no state.json")
    export(state, arguments.name, arguments.version, arguments.out, arguments.half)


if __name__ == "__main__":
    main()
