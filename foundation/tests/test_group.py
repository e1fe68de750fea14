"""Processes that train together hold the same weights, and end with the one that leads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from foundation.tests.test_training import RUN, options
from foundation.tests.typescript import ROOT
from foundation.training.clock import Clock
from foundation.training.group import Group, run_in_group
from foundation.training.trainer import Trainer


def _average(group: Group, folder: Path) -> None:
    weights = [nn.Parameter(torch.zeros(2, 3)), nn.Parameter(torch.zeros(4))]
    weights[0].grad = torch.full((2, 3), group.number + 1.0)
    if group.leads:
        weights[1].grad = torch.arange(4.0)
    group.average_gradients(weights)
    agreed = group.agree(group.number, group.number + 0.5)
    gradients = [weight.grad.tolist() for weight in weights]
    (folder / f"{group.number}.json").write_text(json.dumps([gradients, agreed]))


def test_gradients_are_averaged_and_a_missing_one_counts_as_zero(tmp_path: Path) -> None:
    run_in_group(2, _average, tmp_path)
    for number in range(2):
        gradients, agreed = json.loads((tmp_path / f"{number}.json").read_text())
        assert gradients == [[[1.5] * 3] * 2, [0.0, 0.5, 1.0, 1.5]]
        assert agreed == [0.0, 0.5]


def _train(group: Group, folder: Path) -> None:
    torch.set_num_threads(1)
    trainer = Trainer(dict(RUN), 1e6, options(folder, 2), Clock(1e6), group)
    trainer.run()
    weights = {name: value.numpy() for name, value in trainer.network.state_dict().items()}
    np.savez(folder / f"process-{group.number}.npz", **weights)


def test_processes_keep_the_same_weights_and_share_the_datasets_of_a_step(tmp_path: Path) -> None:
    run_in_group(2, _train, tmp_path)
    first, second = (np.load(tmp_path / f"process-{number}.npz") for number in range(2))
    assert all((first[name] == second[name]).all() for name in first.files)
    state = json.loads((tmp_path / "state" / "state.json").read_text())
    assert (state["step"], state["datasets"]) == (6, 6 * 48)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")
def test_the_others_end_when_the_one_that_leads_is_killed(tmp_path: Path) -> None:
    full = "--preset tiny --plan nano --device cpu --workers 2 --minutes 5 --budget-minutes 9999 --log-seconds 0".split()
    command = [sys.executable, "-m", "foundation.train", *full, "--state", str(tmp_path / "state")]
    leader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = tmp_path / "state.log.jsonl"
    _wait(lambda: log.exists() and '"progress"' in log.read_text())
    children = [int(n) for n in Path(f"/proc/{leader.pid}/task/{leader.pid}/children").read_text().split()]
    assert len(children) >= 1
    leader.send_signal(signal.SIGKILL)
    leader.wait()
    _wait(lambda: not any(_runs(child) for child in children))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _wait(done: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
