"""Datasets per second by family: `python -m foundation.prior.bench --rows 1024`."""

from __future__ import annotations

import argparse
import json
import time

import torch

from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, sample_batch

FEATURES = (4, 8, 16, 32)


def measure(spec: BatchSpec, device: str, repeats: int, family: str | None) -> tuple[float, float]:
    """Kept datasets per second with filter and channels, and the share that the filter accepted."""
    sample_batch(spec, [0, 999], device, family=family)
    _wait(device)
    # On a CPU its own seconds: those of one core that other work does not take.
    now = time.perf_counter if device == "cuda" else time.process_time
    start, accepted = now(), 0.0
    for i in range(repeats):
        accepted += float(sample_batch(spec, [0, i], device, family=family).accepted)
    _wait(device)
    return spec.datasets * repeats / (now() - start), accepted / repeats


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    """Print one JSON line for each family and task, over tables of 4 to 32 columns, and one for the mixture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--datasets", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for family in (None, *FAMILY_NAMES):
        for task in ("classification", "regression"):
            rates, shares = [], []
            for features in FEATURES:
                test = arguments.rows // 4
                spec = BatchSpec(task, arguments.datasets, arguments.rows - test, test, features)
                rate, share = measure(spec, arguments.device, arguments.repeats, family)
                rates.append(rate)
                shares.append(share)
            mean = len(rates) / sum(1 / rate for rate in rates)
            line = {
                "family": family or "all",
                "task": task,
                "datasets_per_second": round(mean, 1),
                "by_columns": {str(f): round(r, 1) for f, r in zip(FEATURES, rates, strict=True)},
                "accepted": round(sum(shares) / len(shares), 3),
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
