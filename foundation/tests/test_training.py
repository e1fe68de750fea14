"""The trainer learns, resumes, ends in time and exports what the TypeScript loads."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from foundation.export import export
from foundation.model.checkpoint import load_model
from foundation.model.config import PRESETS
from foundation.model.network import Network
from foundation.prior.baseline import frequency_loss
from foundation.prior.sample import BatchSpec, sample_batch
from foundation.tests.typescript import ROOT, answer, needs_node
from foundation.training.clock import Clock
from foundation.training.curriculum import plan_round
from foundation.training.feed import Feed
from foundation.training.muon import orthogonalise
from foundation.training.optimiser import Optimiser, OptimiserOptions
from foundation.training.probes import PROBES, evaluate
from foundation.training.shapes import PLANS, learning_rate_factor, palette, phase_at, trained_range
from foundation.training.state import SHARD_BYTES, Progress, State, load_state, save_state
from foundation.training.trainer import Trainer, TrainerOptions

RUN = {
    "preset": "tiny",
    "plan": "nano",
    "seed": 1,
    "steps": {"classification": 2, "regression": 1},
    "muon_learning_rate": 3e-3,
    "adam_learning_rate": 3e-3,
}


def options(folder: Path, rounds: int) -> TrainerOptions:
    return TrainerOptions(
        state=folder / "state",
        out=folder / "out",
        device=torch.device("cpu"),
        dtype=torch.float32,
        compile=False,
        cells_per_micro_batch=16_384,
        probe_datasets=2,
        max_rounds=rounds,
        ahead=True,
    )


def train(folder: Path, rounds: int, budget_seconds: float = 1e6) -> list[dict]:
    """Events of one command of so many rounds; so large a budget stays in the first phase."""
    Trainer(dict(RUN), budget_seconds, options(folder, rounds), Clock(1e6)).run()
    return [json.loads(line) for line in (folder / "out" / "log.jsonl").read_text().splitlines()]


def test_the_loss_falls_on_easy_tasks() -> None:
    torch.manual_seed(0)
    network = Network(PRESETS["tiny"])
    optimiser = Optimiser(network, OptimiserOptions(5e-3, 1e-2))
    ratios = []
    pool = sample_batch(BatchSpec("classification", 24 * 100, 48, 16, 2, "easy", 2), [1, 1])
    for step in range(100):
        losses = network.losses(pool.take(torch.arange(24 * step, 24 * step + 24)), "classification")
        losses.mean().backward()
        optimiser.step(min(1.0, (step + 1) / 20))
        ratios.append((losses.detach() / pool.baseline[24 * step : 24 * step + 24]).mean().item())
    assert np.mean(ratios[-20:]) < 0.9 * np.mean(ratios[:20])


def test_a_command_writes_a_state_that_the_next_goes_on_from(tmp_path: Path) -> None:
    first = train(tmp_path, 2)
    assert first[0]["resumed"] is False and first[-1]["step"] == 6
    saved = load_state(tmp_path / "out")
    second = train(tmp_path, 1)
    assert [e["resumed"] for e in second if e["event"] == "started"] == [False, True]
    assert second[-1]["step"] == 9 and second[-1]["datasets"] == 9 * 48
    assert saved is not None and saved.progress.round == 2
    after = load_state(tmp_path / "state")
    assert after is not None and after.progress.round == 3
    assert any((after.weights[name] != saved.weights[name]).any() for name in saved.weights)


def test_resuming_stays_near_a_run_without_a_break(tmp_path: Path) -> None:
    train(tmp_path / "whole", 4)
    train(tmp_path / "halves", 2)
    train(tmp_path / "halves", 2)
    batch = sample_batch(BatchSpec("classification", 40, 60, 20, 3, "easy", 2), [99])
    losses = []
    for name in ("whole", "halves"):
        state = load_state(tmp_path / name / "state")
        assert state is not None and state.progress.step == 12
        network = Network(PRESETS["tiny"])
        network.load_state_dict({key: torch.from_numpy(value) for key, value in state.weights.items()})
        with torch.no_grad():
            losses.append(network.losses(batch.tensors, "classification").mean().item())
    assert losses[1] == pytest.approx(losses[0], rel=0.01)


def test_drawing_ahead_gives_the_same_rounds() -> None:
    specs = plan_round(PLANS["nano"].phases[0], 1, 3, {"classification": 1})

    def draw() -> dict:
        return {task: sample_batch(spec, [1, 3], "cpu") for task, spec in specs.items()}

    feed = Feed(torch.device("cpu"), ahead=True)
    feed.start(draw)
    ahead = feed.take(lambda: pytest.fail("the round was begun already"))
    feed.close()
    for drawn, own in zip(ahead["classification"].all_tensors(), draw()["classification"].all_tensors(), strict=True):
        assert torch.equal(drawn, own)


def test_a_step_that_does_not_fit_is_done_in_smaller_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Network.losses
    seen: list[int] = []

    def losses(self: Network, tensors: dict, task: str) -> torch.Tensor:
        seen.append(len(tensors["x_train"]))
        if seen[-1] > 12:
            raise torch.OutOfMemoryError("no memory")
        return whole(self, tensors, task)

    monkeypatch.setattr(Network, "losses", losses)
    trainer = Trainer(dict(RUN), 1e6, options(tmp_path, 1), Clock(1e6))
    batch = sample_batch(BatchSpec("classification", 48, 60, 20, 3, "easy", 2), [1])
    trainer._step(batch, "classification", 0, 48)
    assert seen == [48, 24, 12, 12, 12, 12]
    assert trainer.progress.datasets == 48


def test_another_run_is_refused(tmp_path: Path) -> None:
    train(tmp_path, 1)
    with pytest.raises(ValueError, match="holds another run"):
        Trainer({**RUN, "seed": 2}, 1e6, options(tmp_path, 1), Clock(1e6))


def test_a_larger_budget_goes_on_from_before_the_fall_of_the_learning_rate(tmp_path: Path) -> None:
    events = train(tmp_path, 3, budget_seconds=1e-6)
    assert events[-1]["event"] == "finished"
    state = load_state(tmp_path / "state")
    assert state is not None and state.stable is None
    # One round that ends beyond the budget never fell; let it fall by hand and go on.
    state.stable = {name: value + 1 for name, value in state.weights.items()}
    state.progress.stable_at = {"seconds": 1.0, "step": 3}
    save_state(tmp_path / "state", state)
    trainer = Trainer(dict(RUN), 1e6, options(tmp_path, 1), Clock(1e6))
    assert trainer.progress.seconds == 1.0 and trainer.stable is None
    weight = trainer.network.state_dict()["cells.weight"].numpy()
    assert np.allclose(weight, state.weights["cells.weight"] + 1)


def test_a_budget_that_is_longer_by_little_goes_on_from_what_was_learned_in_the_fall(tmp_path: Path) -> None:
    train(tmp_path, 1)
    state = load_state(tmp_path / "state")
    assert state is not None
    state.stable = {name: value + 1 for name, value in state.weights.items()}
    state.progress.seconds, state.progress.budget_seconds = 95.0, 100.0
    state.progress.stable_at = {"seconds": 1.0, "step": 3}
    save_state(tmp_path / "state", state)
    trainer = Trainer(dict(RUN), 105.0, options(tmp_path, 1), Clock(1e6))
    assert trainer.progress.seconds == 95.0 and trainer.stable is None and trainer.progress.stable_at is None
    assert np.allclose(trainer.network.state_dict()["cells.weight"].numpy(), state.weights["cells.weight"])
    # The same budget again leaves the weights before the fall where they are.
    assert Trainer(dict(RUN), 100.0, options(tmp_path, 1), Clock(1e6)).stable is not None


def test_a_state_of_the_medium_model_leaves_in_small_files(tmp_path: Path) -> None:
    with torch.device("meta"):
        shapes = {name: tuple(value.shape) for name, value in Network(PRESETS["medium"]).named_parameters()}
    arrays = {name: np.full(shape, 0.5, dtype=np.float32) for name, shape in shapes.items()}
    save_state(tmp_path / "state", State(Progress(run=RUN), arrays, arrays, arrays))
    files = list((tmp_path / "state").iterdir())
    assert len(files) <= 7
    assert max(file.stat().st_size for file in files) < 16 * 2**20 and SHARD_BYTES < 16 * 2**20
    assert sum(file.stat().st_size for file in files) <= 60 * 2**20
    loaded = load_state(tmp_path / "state")
    assert loaded is not None and loaded.stable is not None
    assert all((loaded.average[name] == 0.5).all() and loaded.stable[name].shape == shapes[name] for name in shapes)


def test_the_clock_ends_a_command_before_its_limit(tmp_path: Path) -> None:
    now = iter(range(0, 10_000, 15))
    clock = Clock(100, now=lambda: float(next(now)))
    Trainer(dict(RUN), 1e6, options(tmp_path, 1000), clock).run()
    state = load_state(tmp_path / "state")
    assert state is not None and 0 < state.progress.round < 8


def test_a_killed_command_loses_what_came_after_the_last_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saves are due every so many seconds (four minutes unless told otherwise); here after every second round."""
    now = iter(range(0, 10_000, 10))
    rounds = []
    whole = Trainer._round

    def killed(self: Trainer) -> None:
        if len(rounds) == 5:
            raise KeyboardInterrupt
        rounds.append(self.progress.round)
        whole(self)

    monkeypatch.setattr("foundation.training.trainer.time.monotonic", lambda: float(next(now)))
    monkeypatch.setattr(Trainer, "_round", killed)
    settings = replace(options(tmp_path, 1000), save_seconds=55.0, log_seconds=1e9, probe_seconds=1e9)
    with pytest.raises(KeyboardInterrupt):
        Trainer(dict(RUN), 1e6, settings, Clock(1e6)).run()
    state = load_state(tmp_path / "state")
    assert state is not None and 5 - 2 <= state.progress.round < 5
    assert TrainerOptions.save_seconds <= 240
    monkeypatch.undo()
    assert train(tmp_path, 1)[-1]["step"] == (state.progress.round + 1) * 3


@needs_node
def test_an_exported_model_answers_in_the_typescript_engine(tmp_path: Path) -> None:
    train(tmp_path, 1)
    state = load_state(tmp_path / "out")
    assert state is not None
    limits = {"rows": 900, "columns": 30, "classes": 12}
    state.progress.run["class_slots"] = 6
    state.progress.run["ridge_columns"] = True
    export(state, "trial", "0.0.1", tmp_path / "trial", limits=limits)
    manifest = json.loads((tmp_path / "trial" / "manifest.json").read_text())
    assert (manifest["classSlots"], manifest["ridgeColumns"], manifest["limits"]) == (6, 1, limits)
    answers = json.loads(answer("predicts", tmp_path, "trial"))
    probabilities = np.array(answers["classification"]["probabilities"]).reshape(5, -1)
    assert np.allclose(probabilities.sum(1), 1, atol=1e-5) and (probabilities > 0).all()
    assert np.isfinite(np.array(answers["regression"]["values"])).all()
    assert "Apache-2.0" in (tmp_path / "trial" / "README.md").read_text()
    _, weights = load_model(tmp_path / "trial")
    assert set(weights) == set(state.average)


def test_the_command_line_goes_on_from_what_an_earlier_command_left_in_its_output(tmp_path: Path) -> None:
    def command(state: str, out: str, *more: str) -> list[dict]:
        shared = "--preset tiny --plan nano --minutes 5 --budget-minutes 9999 --max-rounds 1 --probe-datasets 1".split()
        places = ["--state", str(tmp_path / state), "--out", str(tmp_path / out)]
        full = [sys.executable, "-m", "foundation.train", *shared, "--device", "cpu", *places, *more]
        subprocess.run(full, cwd=ROOT, check=True, capture_output=True)
        return [json.loads(line) for line in (tmp_path / out / "log.jsonl").read_text().splitlines()]

    assert command("a", "first")[-1]["step"] == 5
    # Another machine: only the output is there; regression alone from now on.
    events = command("b", "second", "--resume", str(tmp_path / "first"), "--classification-steps", "0")
    assert [event["step"] for event in events if event["event"] == "paused"] == [5, 7]
    assert events[-1]["datasets"] == 7 * 48


def test_a_gradient_that_is_not_finite_changes_little() -> None:
    torch.manual_seed(0)
    network = Network(PRESETS["tiny"])
    optimiser = Optimiser(network, OptimiserOptions())
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, torch.nan)
    optimiser.step(1.0)
    assert int(optimiser.skipped) == 1
    for name, value in network.state_dict().items():
        assert (value - before[name]).abs().max() < 1e-4, name


def test_orthogonal_matrices_have_singular_values_near_one() -> None:
    torch.manual_seed(0)
    for shape in ((3, 16, 48), (3, 48, 16)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape), torch.float32))
        assert 0.5 < values.min() and values.max() < 1.4


def test_each_plan_covers_its_budget_and_names_what_it_met() -> None:
    for name, plan in PLANS.items():
        assert plan.phases[-1].until == 1 and phase_at(plan, 2.0) is plan.phases[-1]
        assert all(train >= 8 and test >= 4 for phase in plan.phases for train, test, _ in palette(phase))
        for phase in plan.phases:
            assert all((n + m) * f <= phase.max_cells * 1.05 for n, m, f in palette(phase)), phase.name
        assert trained_range(name, 0.01)["classes"] == (2, plan.phases[0].max_classes)
        assert trained_range(name, 1.0)["columns"][1] > 20


def test_the_learning_rate_rises_stays_and_falls() -> None:
    plan = PLANS["window"]
    assert learning_rate_factor(plan, 0.0, 20, resumed=False) == pytest.approx(0.1)
    assert learning_rate_factor(plan, 0.5, 150, resumed=True) == 1
    assert learning_rate_factor(plan, 0.875, 10_000, resumed=False) == pytest.approx(0.5)
    assert learning_rate_factor(plan, 1.2, 10_000, resumed=False) == 0


def test_rounds_follow_from_seed_and_number() -> None:
    phase = PLANS["long"].phases[2]
    steps = {"classification": 3, "regression": 2}
    first, again, other = (plan_round(phase, 1, index, steps) for index in (4, 4, 5))
    assert first == again != other
    assert first["classification"].datasets == 3 * 64 and first["regression"].datasets == 2 * 64


def test_probes_measure_every_mechanism() -> None:
    torch.manual_seed(0)
    results = evaluate(Network(PRESETS["tiny"]), torch.device("cpu"), datasets=3, train_rows=60)
    for name in PROBES:
        assert any(name in key for key in results), name
    # A network that knows nothing is near the class frequencies, and a standard normal.
    assert 0.9 < results["classification"] < 1.6
    assert 0.9 < results["regression"] < 1.4
    assert 0.3 < results["probe xor 2 of 10"] < 0.7
    ridge = evaluate(Network(PRESETS["tiny"]), torch.device("cpu"), datasets=3, train_rows=60, ridge=True)
    assert ridge.keys() == results.keys()


def test_the_baseline_is_that_of_the_class_frequencies() -> None:
    train = torch.tensor([[3, 3, 3, 9]])
    loss = frequency_loss(train, torch.tensor([[3, 9]]), torch.tensor([2]))
    assert loss.item() == pytest.approx(-(np.log(3.5 / 5) + np.log(1.5 / 5)) / 2)


def test_compiled_blocks_give_the_same_gradients_and_serve_all_shapes() -> None:
    torch.manual_seed(0)
    shapes = ((3, 40, 11, 5), (4, 50, 13, 6), (2, 61, 17, 9))
    specs = [BatchSpec("classification", *shape) for shape in shapes]
    batches = [sample_batch(spec, [1], unfiltered=True) for spec in specs]
    network = Network(PRESETS["tiny"])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.05)

    def gradients(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        network.zero_grad(set_to_none=True)
        network.losses(tensors, "classification").mean().backward()
        return {name: value.grad for name, value in network.named_parameters() if value.grad is not None}

    plain = [gradients(batch.tensors) for batch in batches]
    # Traced and differentiated as on a GPU, without the C++ or Triton compiler.
    network.compile_blocks(backend="aot_eager")
    graphs = []
    for batch, expected in zip(batches, plain, strict=True):
        own = gradients(batch.tensors)
        assert own.keys() == expected.keys()
        for name, value in own.items():
            assert torch.allclose(value, expected[name], atol=1e-4), name
        graphs.append(torch._dynamo.utils.counters["stats"]["unique_graphs"])
    assert graphs[2] == graphs[1] > 0
