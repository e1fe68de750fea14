"""A state's averaged weights as a model folder: `python -m foundation.export --state DIR --name NAME --out models/NAME`.

Needs NumPy alone. Writes `manifest.json`, `model.safetensors` and a card `README.md` that says how it was trained; its
quality is for the evaluation to add.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from foundation.model.checkpoint import LIMITS, save_model
from foundation.model.config import PRESETS
from foundation.training.shapes import trained_range
from foundation.training.state import State, load_state


def export(
    state: State,
    name: str,
    version: str,
    out: Path,
    half: bool = False,
    limits: dict[str, int] | None = None,
) -> None:
    """Write the model folder; `limits` are what was measured on real tables (see `save_model`)."""
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
        limits=limits,
        class_slots=progress.run.get("class_slots"),
        ridge_columns=bool(progress.run.get("ridge_columns")),
        half=half,
    )
    count = sum(value.size for value in state.average.values())
    (out / "README.md").write_text(_card(name, count, ranges, training, limits, half))


def _card(
    name: str,
    count: int,
    ranges: dict[str, tuple[int, int]],
    training: dict[str, object],
    limits: dict[str, int] | None,
    half: bool,
) -> str:
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
| Limits | {_limits(limits)} |
| Training | {training["steps"]:,} steps in {training["seconds"]:,} seconds; run and seed are in `manifest.json` |

## Held-out synthetic probes

```json
{json.dumps(training["probes"], indent=1)}
```
"""


def _limits(limits: dict[str, int] | None) -> str:
    if limits is None:
        return "the trained range; none was measured beyond it"
    return f"{limits['rows']:,} labelled rows, {limits['columns']} columns, {limits['classes']} classes"


def main() -> None:
    """Parse arguments and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", action="store_true", help="store float16")
    parser.add_argument(
        "--limits",
        type=int,
        nargs=3,
        metavar=("ROWS", "COLUMNS", "CLASSES"),
        help="how far the model was measured on real tables; default: none, so that the trained range counts",
    )
    arguments = parser.parse_args()
    state = load_state(arguments.state)
    if state is None:
        raise SystemExit(f"{arguments.state} holds no state.json")
    if arguments.limits and min(arguments.limits) < 1:
        parser.error(f"--limits takes whole numbers of at least 1, got {arguments.limits}")
    limits = dict(zip(LIMITS, arguments.limits, strict=True)) if arguments.limits else None
    export(state, arguments.name, arguments.version, arguments.out, arguments.half, limits)


if __name__ == "__main__":
    main()
