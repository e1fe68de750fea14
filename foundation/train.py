"""Train a model for some minutes: `python -m foundation.train --preset small --minutes 9 --state DIR --out DIR`.

Runs on one GPU or on a CPU. The command ends itself before `--minutes` are over and can be repeated: it goes on with the
state in `--state`. `--budget-minutes` is the training time of all commands together, on which curriculum and learning
rate depend; it may be raised later.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch

from foundation.model import stages
from foundation.model.config import CLASS_SLOTS, PRESETS
from foundation.training.clock import Clock
from foundation.training.group import Group, run_in_group
from foundation.training.shapes import PLANS
from foundation.training.trainer import Trainer, TrainerOptions

GPU_CELLS, CPU_CELLS = 1_200_000, 16_384


def main() -> None:
    """Parse arguments and train."""
    arguments = _parse()
    if arguments.resume and not (arguments.state / "state.json").exists() and (arguments.resume / "state.json").exists():
        shutil.copytree(arguments.resume, arguments.state, dirs_exist_ok=True)
        _keep_log(arguments.state)
    run_in_group(arguments.workers, _train, arguments)


def _train(group: Group, arguments: argparse.Namespace) -> None:
    """One process of the command."""
    clock = Clock(arguments.minutes * 60)
    if group.leads:
        clock.catch_signals()
    device = torch.device(arguments.device)
    on_gpu = device.type == "cuda"
    stages.ROW_ATTENTION = arguments.row_attention
    if on_gpu:
        torch.set_float32_matmul_precision("high")
    else:
        torch.set_num_threads(arguments.threads)
    run = {
        "preset": arguments.preset,
        "plan": arguments.plan,
        "seed": arguments.seed,
        "steps": {"classification": arguments.classification_steps, "regression": arguments.regression_steps},
        "muon_learning_rate": arguments.muon_learning_rate,
        "adam_learning_rate": arguments.adam_learning_rate,
        "class_slots": arguments.class_slots,
        "ridge_columns": arguments.ridge_columns,
    }
    options = TrainerOptions(
        state=arguments.state,
        out=arguments.out,
        device=device,
        dtype=getattr(torch, arguments.dtype or ("bfloat16" if on_gpu else "float32")),
        compile=arguments.compile if arguments.compile is not None else on_gpu,
        cells_per_micro_batch=arguments.cells or (GPU_CELLS if on_gpu else CPU_CELLS),
        save_seconds=arguments.save_minutes * 60,
        log_seconds=arguments.log_seconds,
        probe_seconds=arguments.probe_minutes * 60,
        probe_datasets=arguments.probe_datasets,
        max_rounds=arguments.max_rounds,
        ahead=arguments.ahead if arguments.ahead is not None else on_gpu,
    )
    if group.leads:
        print(json.dumps({"event": "command", "run": run, "budget_minutes": arguments.budget_minutes}), flush=True)
    Trainer(run, arguments.budget_minutes * 60, options, clock, group).run()


def _keep_log(state: Path) -> None:
    """The log travels inside the folder that came out, and lies beside the state while it is written."""
    log = state / "log.jsonl"
    if log.exists():
        log.rename(state.with_name(state.name + ".log.jsonl"))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=sorted(PRESETS), required=True)
    parser.add_argument("--plan", choices=sorted(PLANS), default="window", help="course of the curriculum")
    parser.add_argument("--minutes", type=float, required=True, help="limit of this command, start and saving included")
    parser.add_argument("--budget-minutes", type=float, required=True, help="training time of all commands together")
    parser.add_argument("--state", type=Path, required=True, help="folder of the state; nothing else belongs into it")
    parser.add_argument("--resume", type=Path, help="state to start from when --state holds none yet")
    parser.add_argument("--out", type=Path, help="folder that state and log are copied to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), help="of the residual stream")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, help="default: on a GPU")
    parser.add_argument("--ahead", action=argparse.BooleanOptionalAction, help="draw ahead in a thread; default: on a GPU")
    parser.add_argument("--row-attention", choices=("fused", "plain"), default="fused", help="in row stages")
    parser.add_argument("--cells", type=int, help="cells of a micro-batch")
    parser.add_argument("--threads", type=int, default=1, help="on a CPU, of each process")
    parser.add_argument("--workers", type=int, default=1, help="on a CPU, processes that train together: one for each core")
    parser.add_argument("--classification-steps", type=int, default=3, help="in a round; 0 trains regression alone")
    parser.add_argument("--regression-steps", type=int, default=2, help="in a round; 0 trains classification alone")
    parser.add_argument("--muon-learning-rate", type=float, help="default: the plan's")
    parser.add_argument("--adam-learning-rate", type=float, help="default: the plan's")
    parser.add_argument("--class-slots", type=int, help="slots that datasets of no more classes share; default: all 64")
    parser.add_argument("--ridge-columns", action="store_true", help="each table gets columns of a ridge regression")
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--probe-minutes", type=float, default=5)
    parser.add_argument("--probe-datasets", type=int, default=32)
    parser.add_argument("--log-seconds", type=float, default=15)
    parser.add_argument("--max-rounds", type=int, help="end after so many rounds")
    arguments = parser.parse_args()
    if arguments.class_slots is not None and not 2 <= arguments.class_slots <= CLASS_SLOTS:
        parser.error(f"--class-slots takes a number from 2 to {CLASS_SLOTS}, got {arguments.class_slots}")
    return arguments


if __name__ == "__main__":
    main()
