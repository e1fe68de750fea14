"""Several processes on one CPU that train one model: each draws its own datasets, and they average their gradients.

Threads inside PyTorch's kernels gain nothing at widths of 32 or 64 (measured: two threads are as fast as one); a process
for each core does.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

from foundation.training.optimiser import gradients_of


class Group:
    """The processes of a command; the one with number 0 decides, writes and reports."""

    def __init__(self, number: int = 0, size: int = 1) -> None:
        self.number, self.size = number, size

    @property
    def leads(self) -> bool:
        """Whether this process decides, writes and reports."""
        return self.number == 0

    def average_gradients(self, parameters: list[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes, in one message. A missing gradient counts as zero."""
        if self.size == 1:
            return
        gradients = gradients_of(parameters)
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def agree(self, *values: float) -> list[float]:
        """The values of the leading process, in every process."""
        if self.size == 1:
            return list(values)
        shared = torch.tensor(values, dtype=torch.float64)
        dist.broadcast(shared, 0)
        return shared.tolist()


def run_in_group(size: int, work: Callable[[Group, Any], None], argument: Any) -> None:
    """Run `work(group, argument)` in `size` processes; this one leads. Both must be picklable.

    The others end with this one: when it is killed, their next message fails.
    """
    if size == 1:
        work(Group(), argument)
        return
    # All processes are on this machine.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        place = f"file://{folder}/meeting"
        context = mp.get_context("spawn")
        others = [
            context.Process(target=_follow, args=(n, size, place, work, argument), daemon=True) for n in range(1, size)
        ]
        for process in others:
            process.start()
        dist.init_process_group("gloo", init_method=place, rank=0, world_size=size)
        try:
            work(Group(0, size), argument)
        finally:
            dist.destroy_process_group()
            for process in others:
                process.join(10)


def _follow(number: int, size: int, place: str, work: Callable[[Group, Any], None], argument: Any) -> None:
    # Signals to the whole group of processes reach the one that leads, which ends the others at the end of a round.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=place, rank=number, world_size=size)
    work(Group(number, size), argument)
    dist.destroy_process_group()
