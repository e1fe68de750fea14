"""Draws the next round while this one is trained: the prior's many small kernels then cost next to nothing on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from foundation.model.config import Task
from foundation.prior.sample import TaskBatch

Batches = dict[Task, TaskBatch]


class Feed:
    """One thread, and on a GPU one stream of its own; without `ahead` everything is drawn when it is asked for."""

    def __init__(self, device: torch.device, ahead: bool) -> None:
        self.executor = ThreadPoolExecutor(1) if ahead else None
        self.stream = torch.cuda.Stream(device) if ahead and device.type == "cuda" else None
        self.pending: Future[Batches] | None = None

    def start(self, draw: Callable[[], Batches]) -> None:
        """Begin to draw the round that the next `take` returns."""
        if self.executor is not None:
            self.pending = self.executor.submit(self._draw, draw)

    def take(self, draw: Callable[[], Batches]) -> Batches:
        """The round that was begun, or else `draw()` now; its tensors are ready for the current stream."""
        if self.pending is None:
            return draw()
        batches = self.pending.result()
        self.pending = None
        if self.stream is not None:
            current = torch.cuda.current_stream()
            current.wait_stream(self.stream)
            for batch in batches.values():
                for tensor in batch.all_tensors():
                    tensor.record_stream(current)
        return batches

    def close(self) -> None:
        """Wait for what was begun, and drop it."""
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)

    def _draw(self, draw: Callable[[], Batches]) -> Batches:
        if self.stream is None:
            return draw()
        with torch.cuda.stream(self.stream):
            batches = draw()
        # The host waits here, in this thread: the round is complete when it is taken.
        self.stream.synchronize()
        return batches
