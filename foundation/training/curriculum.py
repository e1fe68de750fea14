"""What each round trains on: one table shape for each task, from the palette of the phase."""

from __future__ import annotations

import numpy as np

from foundation.model.config import CLASS_SLOTS, Task
from foundation.prior.sample import BatchSpec
from foundation.training.shapes import Phase, palette


def plan_round(
    phase: Phase,
    seed: int,
    index: int,
    steps: dict[Task, int],
    processes: int = 1,
    class_slots: int = CLASS_SLOTS,
    ridge: bool = False,
) -> dict[Task, BatchSpec]:
    """The groups of a round: for each task one shape, with the datasets of all its steps that one process draws."""
    host = np.random.default_rng([seed, index, 1])
    shapes = palette(phase)
    specs: dict[Task, BatchSpec] = {}
    for task, count in steps.items():
        train, test, columns = shapes[host.integers(len(shapes))]
        datasets = phase.datasets // processes * count
        specs[task] = BatchSpec(task, datasets, train, test, columns, phase.stage, phase.max_classes, class_slots, ridge)
    return specs
