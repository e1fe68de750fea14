"""Families whose target is one function of the columns: linear, trees, smooth, network."""

from __future__ import annotations

import numpy as np
import torch

from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, standardise
from foundation.prior.latents import draw_latents
from foundation.prior.mechanisms import (
    Mechanism,
    additive,
    linear,
    network,
    product,
    quadratic,
    smooth,
    trees,
)
from foundation.prior.observe import categorical_shares, observe
from foundation.prior.trees import oblivious_trees, splitting_trees


def _from_inputs(draw: Draw, request: Request, functions: tuple[Mechanism, ...]) -> Draft:
    latents = draw_latents(draw, request.groups, request.features, request.rows)
    columns = observe(draw, latents, categorical_shares(draw, request.groups), plain=request.easy)
    kinds = draw.host.integers(len(functions), size=request.groups)
    out = latents.new_empty(request.groups, request.latents, request.rows)
    for kind in np.unique(kinds):
        members = draw.to_device_index(np.flatnonzero(kinds == kind))
        out[members] = functions[kind](draw, columns.drivers[members], request.latents)
    return Draft(columns, latents=out)


def linear_family(draw: Draw, request: Request) -> Draft:
    """Linear and logistic targets; in a third of them every column has a weak effect."""
    return _from_inputs(draw, request, (linear, linear, _many_weak))


def _many_weak(draw: Draw, x: torch.Tensor, outputs: int) -> torch.Tensor:
    return standardise(draw.normal(len(x), outputs, x.shape[1]) @ x)


def tree_family(draw: Draw, request: Request) -> Draft:
    """Sums of 1 to 48 trees."""
    if request.easy:
        return _from_inputs(draw, request, (lambda d, x, k: standardise(splitting_trees(d, x, k, 1, 3)),))
    return _from_inputs(draw, request, (_many_trees, trees))


def _many_trees(draw: Draw, x: torch.Tensor, outputs: int) -> torch.Tensor:
    grow = oblivious_trees if draw.host.random() < 1 / 3 else splitting_trees
    count = int(draw.host_log_uniform(4, 48.99))
    return standardise(grow(draw, x, outputs, count, int(draw.host.integers(1, 5 if count > 20 else 7))))


def smooth_family(draw: Draw, request: Request) -> Draft:
    """Gaussian-process-like, additive and quadratic targets."""
    return _from_inputs(draw, request, (smooth, additive, additive, quadratic, product))


def network_family(draw: Draw, request: Request) -> Draft:
    """Small networks."""
    return _from_inputs(draw, request, (network,))
