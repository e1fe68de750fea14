"""The course of a run: phases with their table shapes, and the learning rate. NumPy alone.

Phases are shares of the whole budget of training time, so that a run on another machine goes through the same course.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PALETTE = 24


@dataclass(frozen=True)
class Phase:
    """Table shapes and tasks of a part of the run; ranges are drawn log-uniformly."""

    name: str
    until: float
    """Share of the budget at which the phase ends."""
    stage: str
    rows: tuple[int, int]
    """Labelled and query rows together."""
    columns: tuple[int, int]
    max_cells: int
    max_classes: int
    datasets: int
    """In one step."""
    labelled: tuple[float, float] = (0.3, 0.9)


@dataclass(frozen=True)
class Plan:
    """A course of phases, and the share of the budget over which the learning rate falls to zero at its end."""

    phases: tuple[Phase, ...]
    decay_share: float
    muon_learning_rate: float = 1e-3
    adam_learning_rate: float = 1e-3
    warmup_steps: int = 500


def _general(name: str, until: float, rows: tuple[int, int], columns: tuple[int, int], cells: int, datasets: int) -> Phase:
    return Phase(name, until, "general", rows, columns, cells, 40, datasets)


_A = Phase("A", 0.03, "easy", (64, 256), (2, 6), 2_000, 3, 512)
_B1 = Phase("B1", 0.2, "general", (128, 512), (2, 20), 10_000, 10, 128)
_C = Phase("C", 0.85, "general", (400, 10_000), (2, 100), 150_000, 40, 32, labelled=(0.7, 0.9))

PLANS: dict[str, Plan] = {
    # A whole training of a few hours.
    "long": Plan(
        (
            _A,
            _B1,
            _general("B2", 0.65, (256, 2048), (2, 60), 40_000, 64),
            _C,
            _general("D", 1.0, (256, 4096), (2, 80), 80_000, 48),
        ),
        decay_share=0.15,
    ),
    # Everything inside one window of half an hour.
    "window": Plan(
        (
            Phase("A", 0.05, "easy", (64, 256), (2, 6), 2_000, 3, 512),
            Phase("B1", 0.25, "general", (128, 512), (2, 20), 10_000, 10, 128),
            _general("B2", 1.0, (256, 2048), (2, 60), 40_000, 64),
        ),
        decay_share=0.25,
        warmup_steps=200,
    ),
    # On a CPU, the nano model.
    "nano": Plan(
        (
            Phase("A", 0.06, "easy", (32, 128), (2, 4), 512, 3, 48, (0.4, 0.85)),
            Phase("B1", 0.25, "general", (48, 256), (2, 12), 2_048, 6, 40, (0.4, 0.85)),
            Phase("B2", 1.0, "general", (64, 900), (2, 24), 8_192, 10, 32, (0.4, 0.85)),
        ),
        decay_share=0.25,
        muon_learning_rate=3e-3,
        adam_learning_rate=3e-3,
        warmup_steps=100,
    ),
    # On a CPU, from the weights of a trained model: the shapes that nano never saw, the longest last.
    "wide": Plan(
        (
            Phase("W19", 0.6, "general", (64, 1200), (3, 60), 9_000, 40, 32, (0.3, 0.9)),
            Phase("L", 1.0, "general", (60, 2600), (3, 100), 24_000, 40, 24, (0.5, 0.9)),
        ),
        decay_share=0.5,
        muon_learning_rate=2e-3,
        adam_learning_rate=2e-3,
        warmup_steps=100,
    ),
}


def phase_at(plan: Plan, progress: float) -> Phase:
    """The phase at this share of the budget; the last one beyond its end."""
    return next((phase for phase in plan.phases if progress < phase.until), plan.phases[-1])


def learning_rate_factor(plan: Plan, progress: float, steps: int, resumed: bool) -> float:
    """Warm-up over the first steps since the start (a short one after resuming), constant, linear fall at the end."""
    warmup = min(1.0, steps / (min(150, plan.warmup_steps) if resumed else plan.warmup_steps))
    return warmup * min(1.0, max(0.0, 1 - progress) / plan.decay_share)


def palette(phase: Phase) -> list[tuple[int, int, int]]:
    """(labelled rows, query rows, columns) of the tables of a phase; the same at every call."""
    host = np.random.default_rng(hash_name(phase.name))
    shapes = []
    # Stratified: each shape has its own part of either range.
    order = host.permutation(PALETTE)
    for i in range(PALETTE):
        columns = round(_between(phase.columns, (i + host.random()) / PALETTE))
        rows = round(_between(phase.rows, (order[i] + host.random()) / PALETTE))
        rows = max(phase.rows[0], min(rows, phase.max_cells // columns))
        labelled = max(8, round(rows * host.uniform(*phase.labelled)))
        shapes.append((labelled, max(4, rows - labelled), columns))
    return shapes


def hash_name(name: str) -> int:
    """A number that stands for a name."""
    return int.from_bytes(name.encode()[:7], "little")


def trained_range(plan: str, progress: float) -> dict[str, tuple[int, int]]:
    """Labelled rows, columns and classes that a run of this plan met up to this share of its budget, least and most."""
    last = PLANS[plan].phases.index(phase_at(PLANS[plan], progress))
    met = PLANS[plan].phases[: last + 1]
    shapes = [shape for phase in met for shape in palette(phase)]
    return {
        "rows": (min(s[0] for s in shapes), max(s[0] for s in shapes)),
        "columns": (min(s[2] for s in shapes), max(s[2] for s in shapes)),
        "classes": (2, max(phase.max_classes for phase in met)),
    }


def _between(bounds: tuple[int, int], share: float) -> float:
    return float(np.exp(np.log(bounds[0]) + share * (np.log(bounds[1]) - np.log(bounds[0]))))
