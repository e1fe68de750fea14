"""The training loop: rounds of a few steps, saved at their ends, ended by a clock.

A round draws one group of datasets for each task and steps through both. What it draws follows from the run's seed and
the round's number, so a run that is resumed goes on with data that it has not seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foundation.model.config import CLASS_SLOTS, PRESETS, TASKS, Task
from foundation.model.network import Network
from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, TaskBatch, sample_batch
from foundation.training.clock import Clock
from foundation.training.curriculum import plan_round
from foundation.training.feed import Batches, Feed
from foundation.training.group import Group
from foundation.training.optimiser import Optimiser, OptimiserOptions
from foundation.training.probes import evaluate
from foundation.training.shapes import PLANS, learning_rate_factor, phase_at
from foundation.training.state import Arrays, Progress, State, copy_state, load_state, save_state

LOOSE_STEPS = 500
SAVE_RESERVE_SECONDS = 6.0
IDENTITY = ("preset", "plan", "seed")
"""What makes a run; its steps by task and its learning rates may change between commands (a fork for one task)."""


@dataclass(frozen=True)
class TrainerOptions:
    """How a command runs; none of it changes what the run is."""

    state: Path
    out: Path | None
    device: torch.device
    dtype: torch.dtype
    compile: bool
    cells_per_micro_batch: int
    save_seconds: float = 240.0
    log_seconds: float = 15.0
    probe_seconds: float = 300.0
    probe_datasets: int = 32
    max_rounds: int | None = None
    ahead: bool = False
    """Draw the next round while this one is trained."""


class Trainer:
    """One command of a run."""

    def __init__(
        self, run: dict[str, Any], budget_seconds: float, options: TrainerOptions, clock: Clock, group: Group | None = None
    ) -> None:
        self.options, self.clock, self.group = options, clock, group or Group()
        # On a CPU that other work shares, its own seconds are the fair measure of a budget.
        self.now = time.process_time if options.device.type == "cpu" else time.monotonic
        self.plan = PLANS[run["plan"]]
        self.steps_per_round: dict[Task, int] = {task: run["steps"][task] for task in TASKS if run["steps"][task]}
        torch.manual_seed(run["seed"])
        self.network = Network(PRESETS[run["preset"]], options.dtype).to(options.device)
        self.progress, self.stable = self._start(run, budget_seconds)
        self.optimiser = Optimiser(
            self.network,
            OptimiserOptions(
                muon_learning_rate=run.get("muon_learning_rate") or self.plan.muon_learning_rate,
                adam_learning_rate=run.get("adam_learning_rate") or self.plan.adam_learning_rate,
            ),
        )
        if self.loaded:
            self._load_average(self.loaded.average)
        self.first_step = self.progress.step
        self.most_cells = options.cells_per_micro_batch
        self.feed = Feed(options.device, options.ahead)
        self._reset_meters()

    def run(self) -> None:
        """Train until the clock or the budget ends."""
        self._log({"event": "started", "device": str(self.options.device), "resumed": self.loaded is not None})
        if self.options.compile:
            self._compile()
        saved = logged = probed = time.monotonic()
        longest, self.rounds = 1.0, 0
        while self._goes_on(longest * 1.3 + SAVE_RESERVE_SECONDS):
            start, spent = time.monotonic(), self.now()
            self._round()
            self.rounds += 1
            now = time.monotonic()
            self.progress.seconds += (self.now() - spent) * self.group.size
            longest = max(now - start, 0.8 * longest)
            if not self.group.leads:
                continue
            if now - logged >= self.options.log_seconds:
                self._log_meters()
                logged = time.monotonic()
            if now - probed >= self.options.probe_seconds and self.clock.has(45):
                self._probe()
                probed = time.monotonic()
            if now - saved >= self.options.save_seconds:
                self._save()
                saved = time.monotonic()
        self.feed.close()
        if not self.group.leads:
            return
        self._log_meters()
        self._save()
        if self.clock.has(30) or self._is_finished():
            self._probe()
        self._log({"event": "finished" if self._is_finished() else "paused"})
        self._copy_out()

    def _goes_on(self, next_seconds: float) -> bool:
        """Whether another round fits; the process that leads decides, and its count of the time holds for all."""
        limit = self.options.max_rounds
        fits = self.clock.has(next_seconds) and not self._is_finished() and (limit is None or self.rounds < limit)
        fits, self.progress.seconds = self.group.agree(fits, self.progress.seconds)
        return bool(fits)

    # --- start ---

    def _start(self, run: dict[str, Any], budget_seconds: float) -> tuple[Progress, Arrays | None]:
        self.loaded: State | None = load_state(self.options.state)
        if self.loaded is None:
            return Progress(run=run, budget_seconds=budget_seconds), None
        progress, stable = self.loaded.progress, self.loaded.stable
        for key in IDENTITY:
            if progress.run[key] != run[key]:
                raise ValueError(f"{self.options.state} holds another run: {key} {progress.run[key]}, not {run[key]}")
        # What it was grown from stays known.
        progress.run = {**progress.run, **run}
        weights = self.loaded.weights
        if stable is not None and budget_seconds > progress.budget_seconds:
            # A longer budget, under which the rate does not fall yet: go on from where it had not begun to. Where it
            # does fall, what was learned since is worth more, and today's weights take their place.
            if progress.seconds / budget_seconds < 1 - self.plan.decay_share:
                weights, at = stable, progress.stable_at or {}
                progress.seconds = at.get("seconds", progress.seconds)
            progress.stable_at, stable = None, None
        progress.budget_seconds = budget_seconds
        self.network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        return progress, stable

    def _load_average(self, average: Arrays) -> None:
        for (name, _), target in zip(self.network.named_parameters(), self.optimiser.average, strict=True):
            target.copy_(torch.from_numpy(average[name]))
        # The average has its full memory from the start.
        self.optimiser.updates = self.progress.step

    def _compile(self) -> None:
        """Compile the blocks on two small shapes, outside the training time."""
        start = time.monotonic()
        limits = torch._dynamo.config
        for name in ("recompile_limit", "cache_size_limit"):
            if hasattr(limits, name):
                setattr(limits, name, 64)
        self.network.compile_blocks()
        phase = phase_at(self.plan, self._share())
        for datasets, train, test, columns in ((6, 96, 23, 7), (5, 131, 44, 10)):
            for task in self.steps_per_round:
                spec = BatchSpec(task, datasets, train, test, columns, phase.stage, 3)
                batch = sample_batch(spec, [0, datasets], self.options.device, unfiltered=True)
                self.network.losses(batch.tensors, task).mean().backward()
        self.network.zero_grad(set_to_none=True)
        self._log({"event": "compiled", "seconds_taken": round(time.monotonic() - start, 1)})

    # --- a round ---

    def _round(self) -> None:
        progress = self.progress
        self._keep_stable()
        start = self.now()
        batches = self.feed.take(self._drawing(progress.round))
        self.feed.start(self._drawing(progress.round + 1))
        self.prior_seconds += self.now() - start
        left = dict(self.steps_per_round)
        while any(left.values()):
            for task in left:
                if left[task]:
                    left[task] -= 1
                    count = batches[task].spec.datasets // self.steps_per_round[task]
                    self._step(batches[task], task, left[task] * count, count)
        self.accepted += sum(batch.accepted for batch in batches.values()) / len(batches)
        self.rounds_metered += 1
        progress.round += 1

    def _drawing(self, index: int) -> Callable[[], Batches]:
        """How to draw a round of the phase that it is now."""
        seed, device = self.progress.run["seed"], self.options.device
        phase, run = phase_at(self.plan, self._share()), self.progress.run
        slots, ridge = run.get("class_slots") or CLASS_SLOTS, bool(run.get("ridge_columns"))
        specs = plan_round(phase, seed, index, self.steps_per_round, self.group.size, slots, ridge)
        own = [self.group.number] if self.group.number else []
        return lambda: {
            task: sample_batch(spec, [seed, index, i, *own], device) for i, (task, spec) in enumerate(specs.items())
        }

    def _step(self, batch: TaskBatch, task: Task, start: int, count: int) -> None:
        cells = (batch.spec.train + batch.spec.test) * batch.spec.features
        losses = self._backward(batch, task, start, count, cells)
        self.group.average_gradients(self.optimiser.parameters)
        progress = self.progress
        factor = learning_rate_factor(
            self.plan, self._share(), progress.step - self.first_step + 1, resumed=self.first_step > 0
        )
        norm = self.optimiser.step(factor, loose=progress.step < LOOSE_STEPS)
        progress.step += 1
        progress.datasets += count * self.group.size
        self.factor = factor
        self._meter(losses, batch, task, start, norm, count * cells)

    def _backward(self, batch: TaskBatch, task: Task, start: int, count: int, cells: int) -> Tensor:
        """Add the gradients of some datasets, in parts that fit the memory; returns their losses."""
        micro = max(1, min(count, self.most_cells // cells))
        # Datasets of as many columns together.
        order = start + torch.argsort(batch.widths[start : start + count], stable=True)
        losses = torch.zeros(count, device=batch.baseline.device)
        try:
            for part in order.split(micro):
                tensors = batch.take(part)
                loss = self.network.losses(tensors, task)
                losses[part - start] = loss.detach()
                if task == "classification":
                    loss = loss / torch.log(batch.classes[part.to(loss.device)].clamp(min=2))
                (torch.nan_to_num(loss * tensors["weight"]).sum() / count).backward()
            return losses
        except torch.OutOfMemoryError:
            if micro == 1:
                raise
        # Outside the handler, which would hold on to the tensors of the pass that failed.
        self.network.zero_grad(set_to_none=True)
        if self.options.device.type == "cuda":
            torch.cuda.empty_cache()
        self.most_cells = micro * cells // 2
        self._log({"event": "out of memory", "cells_per_micro_batch": self.most_cells})
        return self._backward(batch, task, start, count, cells)

    def _keep_stable(self) -> None:
        """Before the learning rate begins to fall, remember the weights from which a longer run could go on."""
        if self.stable is None and self._share() >= 1 - self.plan.decay_share:
            self.stable = self._arrays([parameter.detach() for parameter in self.optimiser.parameters])
            self.progress.stable_at = {"seconds": self.progress.seconds, "step": self.progress.step}

    def _share(self) -> float:
        return self.progress.seconds / self.progress.budget_seconds

    def _is_finished(self) -> bool:
        return self._share() >= 1

    # --- meters ---

    def _reset_meters(self) -> None:
        families = len(FAMILY_NAMES)
        self.sums = {task: torch.zeros(3, families, device=self.options.device) for task in TASKS}
        self.norms = torch.zeros(2, device=self.options.device)
        self.cells = self.datasets = self.rounds_metered = 0
        self.accepted: Tensor | float = 0.0
        self.prior_seconds, self.factor = 0.0, 0.0
        self.metered_since = self.progress.seconds

    def _meter(self, losses: Tensor, batch: TaskBatch, task: Task, start: int, norm: Tensor, cells: int) -> None:
        members = batch.families[start : start + len(losses)]
        baseline = batch.baseline[start : start + len(losses)].clamp(min=1e-6)
        kept = torch.isfinite(losses) & (batch.tensors["weight"][start : start + len(losses)] > 0)
        losses = torch.where(kept, losses, 0.0)
        self.sums[task].index_add_(1, members, torch.stack([baseline * kept, losses, kept.float()]))
        self.norms += torch.stack([norm, torch.ones_like(norm)])
        self.cells += cells * self.group.size
        self.datasets += len(losses) * self.group.size

    def _log_meters(self) -> None:
        seconds = max(self.progress.seconds - self.metered_since, 1e-6)
        event: dict[str, Any] = {"event": "progress", "phase": phase_at(self.plan, self._share()).name}
        for task, sums in self.sums.items():
            baseline, loss, count = sums.double().cpu().numpy()
            if count.sum() == 0:
                continue
            event[task] = {"ratio": round(loss.sum() / baseline.sum(), 4), "loss": round(loss.sum() / count.sum(), 4)}
            event[f"{task}_families"] = {
                name: round(float(loss[i] / baseline[i]), 3) for i, name in enumerate(FAMILY_NAMES) if count[i]
            }
        norm, steps = self.norms.tolist()
        event |= {
            "gradient_norm": round(norm / max(steps, 1), 4),
            "skipped": int(self.optimiser.skipped),
            "factor": round(self.factor, 4),
            "datasets_per_second": round(self.datasets / seconds, 1),
            "cells_per_second": round(self.cells / seconds),
            "prior_share": round(self.prior_seconds / seconds, 3),
            "accepted": round(float(self.accepted) / max(self.rounds_metered, 1), 3),
        }
        if self.options.device.type == "cuda":
            event["gpu_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 1)
        self._reset_meters()
        self._log(event)

    def _probe(self) -> None:
        start = time.monotonic()
        self.optimiser.swap_average()
        ridge = bool(self.progress.run.get("ridge_columns"))
        results = evaluate(self.network, self.options.device, self.options.probe_datasets, ridge=ridge)
        self.optimiser.swap_average()
        self.progress.probes = {"step": self.progress.step, **results}
        self._log({"event": "probes", "took": round(time.monotonic() - start, 1), **results})

    def _log(self, event: dict[str, Any]) -> None:
        if not self.group.leads:
            return
        progress = self.progress
        line = json.dumps(
            {
                **event,
                "step": progress.step,
                "datasets": progress.datasets,
                "trained_seconds": round(progress.seconds, 1),
                "clock": round(self.clock.elapsed, 1),
            }
        )
        print(line, flush=True)
        log = _log_path(self.options.state)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(line + "\n")

    # --- state ---

    def _arrays(self, tensors: list[Tensor]) -> Arrays:
        names = [name for name, _ in self.network.named_parameters()]
        return {name: tensor.float().cpu().numpy() for name, tensor in zip(names, tensors, strict=True)}

    def _save(self) -> None:
        weights = self._arrays([parameter.detach() for parameter in self.optimiser.parameters])
        if not all(np.isfinite(value).all() for value in weights.values()):
            raise FloatingPointError(f"weights are not finite at step {self.progress.step}; the last state is kept")
        average = self._arrays(self.optimiser.average)
        save_state(self.options.state, State(self.progress, weights, average, self.stable))
        self._log({"event": "saved"})
        self._copy_out()

    def _copy_out(self) -> None:
        if self.options.out is None:
            return
        copy_state(self.options.state, self.options.out)
        (self.options.out / "log.jsonl").write_text(_log_path(self.options.state).read_text())


def _log_path(state: Path) -> Path:
    return state.with_name(state.name + ".log.jsonl")
