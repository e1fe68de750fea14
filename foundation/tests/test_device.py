"""Everything that runs on a GPU stays there: tried with tensors that have a device but no memory, so no GPU is needed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from foundation.model.config import PRESETS, TASKS
from foundation.model.network import Network
from foundation.prior import channels
from foundation.prior.draw import Draw
from foundation.prior.mixture import FAMILY_NAMES
from foundation.prior.sample import BatchSpec, sample_batch

pytestmark = pytest.mark.skipif(not torch.backends.cuda.is_built(), reason="needs a PyTorch that knows CUDA")


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random numbers and transfers without a generator on the device, which would need a real one."""

    def init(self: Draw, seed: list[int], device: str = "cuda") -> None:
        self.host = np.random.Generator(np.random.Philox(np.random.SeedSequence(list(seed))))
        self.device, self.generator = torch.device(device), None

    def to_device(self: Draw, values: np.ndarray) -> torch.Tensor:
        return torch.empty(values.shape, dtype=torch.from_numpy(values.copy()).dtype, device="cuda")

    monkeypatch.setattr(Draw, "__init__", init)
    monkeypatch.setattr(Draw, "to_device", to_device)
    # No kernel of its own without memory; and the loop over outliers asks the device whether to go on.
    monkeypatch.setattr(Draw, "gamma", lambda self, concentration: torch.empty_like(concentration.contiguous()))
    monkeypatch.setattr(channels, "MAX_PASSES", 0)


@pytest.mark.usefixtures("pretended_gpu")
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_each_family_is_drawn_on_the_device(family: str, task: str) -> None:
    with FakeTensorMode(allow_non_fake_inputs=True):
        batch = sample_batch(BatchSpec(task, 6, 60, 20, 9, max_classes=40), [1], "cuda", family=family)
        assert {tensor.device.type for tensor in batch.all_tensors()} == {"cuda"}


@pytest.mark.usefixtures("pretended_gpu")
@pytest.mark.parametrize("task", TASKS)
def test_the_model_computes_on_the_device(task: str) -> None:
    with FakeTensorMode(allow_non_fake_inputs=True), torch.device("cuda"):
        batch = sample_batch(BatchSpec(task, 6, 60, 20, 9), [1], "cuda", family="linear")
        losses = Network(PRESETS["tiny"], torch.bfloat16).losses(batch.tensors, task)
        assert losses.device.type == "cuda" and losses.dtype == torch.float32 and losses.shape == (6,)
