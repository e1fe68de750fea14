"""The first command on a new machine: `python -m foundation.check`. Under two minutes.

Prints one JSON line for each measurement: the prior's datasets per second, forward and backward of the small and the medium
model (eager and compiled), the optimiser's step, bfloat16 against float32, and what 27 minutes would hold. Each part is
skipped when the clock does not allow it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from foundation.model.config import PRESETS, Task
from foundation.model.network import Network
from foundation.prior.sample import BatchSpec, TaskBatch, sample_batch
from foundation.training.clock import Clock
from foundation.training.optimiser import Optimiser, OptimiserOptions

# Of phase B: its mean is 819 rows and 17 columns.
ROWS, LABELLED, COLUMNS = 820, 500, 17
GPU_DATASETS, CPU_DATASETS = 64, 2
WINDOW_SECONDS = 27 * 60


class Check:
    """The measurements of one device."""

    def __init__(self, device: str, clock: Clock, presets: list[str]) -> None:
        self.device, self.clock, self.presets = torch.device(device), clock, presets
        self.on_gpu = self.device.type == "cuda"
        self.datasets = GPU_DATASETS if self.on_gpu else CPU_DATASETS
        self.dtype = torch.bfloat16 if self.on_gpu else torch.float32

    def run(self) -> None:
        """Everything, the most useful first."""
        self.environment()
        self.prior()
        if self.on_gpu and self.clock.has(20):
            self.attention()
        batches = {task: self._batch(task) for task in ("classification", "regression")}
        for preset in self.presets:
            for compiled in (False, True):
                if not self.clock.has(30 if compiled else 10):
                    continue
                try:
                    self.model(preset, batches, compiled)
                except torch.OutOfMemoryError as error:
                    say(event="model", preset=preset, compiled=compiled, failed=str(error).splitlines()[0])
        if self.clock.has(10):
            self.precision(batches["classification"])
        say(event="done", clock=round(self.clock.elapsed, 1))

    def environment(self) -> None:
        """Versions, and the device's own speed at a large matrix product and a copy."""
        name = torch.cuda.get_device_name() if self.on_gpu else "cpu"
        size = 8192 if self.on_gpu else 512
        a = torch.randn(size, size, device=self.device, dtype=self.dtype)
        seconds = self._time(lambda: a @ a, 5)
        copied = self._time(lambda: a.clone(), 10)
        say(
            event="environment",
            torch=torch.__version__,
            device=name,
            matmul_tflops=round(2 * size**3 / seconds / 1e12, 2),
            copy_tb_per_second=round(2 * a.nbytes / copied / 1e12, 3),
        )

    def prior(self) -> None:
        """Kept datasets per second, filter and channels included."""
        counts = (64, 320) if self.on_gpu else (8,)
        for task in ("classification", "regression"):
            for rows, columns in ((384, 8), (1024, 17), (2048, 20)):
                for datasets in counts:
                    if not self.clock.has(8):
                        return
                    spec = BatchSpec(task, datasets, rows * 3 // 5, rows - rows * 3 // 5, columns)
                    seconds = self._time(lambda spec=spec: sample_batch(spec, [1, 2], self.device), 2)
                    rate = round(datasets / seconds, 1)
                    say(event="prior", task=task, rows=rows, columns=columns, group=datasets, datasets_per_second=rate)

    def attention(self) -> None:
        """Forward and backward of a row stage's attention by kernel: many tiny problems."""
        shape = (self.datasets, ROWS * 4, COLUMNS, 32)
        q, k, v = (torch.randn(shape, device=self.device, dtype=self.dtype, requires_grad=True) for _ in range(3))
        for backend in (
            SDPBackend.FLASH_ATTENTION,
            SDPBackend.EFFICIENT_ATTENTION,
            SDPBackend.CUDNN_ATTENTION,
            SDPBackend.MATH,
        ):

            def both(backend: SDPBackend = backend) -> None:
                with sdpa_kernel(backend):
                    torch.nn.functional.scaled_dot_product_attention(q, k, v).sum().backward()

            try:
                say(event="attention", kernel=backend.name, seconds=round(self._time(both, 3), 4))
            except RuntimeError as error:
                say(event="attention", kernel=backend.name, failed=str(error).splitlines()[0])

        def plain() -> None:
            torch.matmul(torch.softmax(q @ k.transpose(-1, -2) * 32**-0.5, -1), v).sum().backward()

        say(event="attention", kernel="plain", seconds=round(self._time(plain, 3), 4))

    def model(self, preset: str, batches: dict[Task, TaskBatch], compiled: bool) -> None:
        """Seconds of forward and backward, with the optimiser's step apart."""
        torch._dynamo.reset()
        network = Network(PRESETS[preset], self.dtype).to(self.device)
        optimiser = Optimiser(network, OptimiserOptions())
        started = time.monotonic()
        if compiled:
            network.compile_blocks()
        for task, batch in batches.items():
            network.losses(batch.tensors, task).mean().backward()
        self._wait()
        first = time.monotonic() - started
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats()
        for task, batch in batches.items():

            def pass_both(task: Task = task, batch: TaskBatch = batch) -> None:
                network.losses(batch.tensors, task).mean().backward()

            seconds = self._time(pass_both, 5 if self.on_gpu else 1)
            stepped = self._time(lambda: optimiser.step(0.0), 3)
            total = seconds + stepped * self.datasets / 64
            say(
                event="model",
                preset=preset,
                task=task,
                compiled=compiled,
                first_seconds=round(first, 1),
                seconds=round(seconds, 4),
                optimiser_seconds=round(stepped, 4),
                datasets_per_second=round(self.datasets / total, 1),
                cells_per_second=round(self.datasets * ROWS * COLUMNS / total),
                datasets_in_27_minutes=round(WINDOW_SECONDS * self.datasets / total),
                steps_in_27_minutes=round(WINDOW_SECONDS * self.datasets / total / 64),
                gpu_gib=round(torch.cuda.max_memory_allocated() / 2**30, 2) if self.on_gpu else None,
            )

    def precision(self, batch: TaskBatch) -> None:
        """Loss of one batch in both types, with noise on all weights so that every part acts."""
        torch.manual_seed(1)
        network = Network(PRESETS[self.presets[0]]).to(self.device)
        losses = {}
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter), alpha=0.02)
            for dtype in (torch.float32, torch.bfloat16):
                network.dtype = dtype
                losses[str(dtype).removeprefix("torch.")] = network.losses(batch.tensors, "classification").mean().item()
        say(event="precision", **losses)

    def _batch(self, task: Task) -> TaskBatch:
        spec = BatchSpec(task, self.datasets, LABELLED, ROWS - LABELLED, COLUMNS)
        return sample_batch(spec, [3, 4], self.device)

    def _time(self, action: Callable[[], object], repeats: int) -> float:
        action()
        self._wait()
        start = time.monotonic()
        for _ in range(repeats):
            action()
        self._wait()
        return (time.monotonic() - start) / repeats

    def _wait(self) -> None:
        if self.on_gpu:
            torch.cuda.synchronize()


def say(**fields: object) -> None:
    """Print one JSON line."""
    print(json.dumps(fields), flush=True)


def main() -> None:
    """Parse arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--presets", default="small,medium")
    parser.add_argument("--seconds", type=float, default=115)
    arguments = parser.parse_args()
    if arguments.device == "cuda":
        torch.set_float32_matmul_precision("high")
    else:
        torch.set_num_threads(1)
    Check(arguments.device, Clock(arguments.seconds), arguments.presets.split(",")).run()


if __name__ == "__main__":
    main()
