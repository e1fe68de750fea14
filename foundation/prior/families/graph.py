"""Structural causal models on random directed acyclic graphs (after TabICLv2's generator), batched.

Every node computes a few dimensions from its parents' by a mechanism; columns are dimensions of random nodes; the target
is a node of its own, which may stand before, between or after them. What no column shows stays hidden.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, standardise
from foundation.prior.latents import draw_latents
from foundation.prior.mechanisms import COMMON, MECHANISMS, apply_by_kind
from foundation.prior.observe import categorical_shares, observe

NODE_COUNTS = (3, 4, 6, 8, 12, 16)
MOST_INPUTS = 8


def graph_family(draw: Draw, request: Request) -> Draft:
    """Datasets of one call share the number of nodes; parents, mechanisms and weights are their own."""
    groups, rows, latents = request.groups, request.rows, request.latents
    nodes = int(draw.host.choice(NODE_COUNTS))
    width = max(1, int(np.ceil(1.4 * request.features / max(1, nodes - 1))))
    plans = [_Plan(draw.host, nodes, width, latents) for _ in range(groups)]
    pool = torch.empty(groups, nodes * width + latents, rows, device=draw.device)
    for node in range(nodes):
        pool[:, node * width : (node + 1) * width] = _compute(draw, pool, [p.nodes[node] for p in plans], width)
        members = [i for i, plan in enumerate(plans) if plan.target_after == node]
        if members:
            index = draw.to_device_index(members)
            target = _compute(draw, pool[index], [plans[i].target for i in members], latents)
            pool[index, nodes * width :] = target
    columns = _show(draw, pool, plans, request)
    observed = observe(draw, columns, categorical_shares(draw, groups))
    return Draft(observed, latents=pool[:, nodes * width :])


class _Node:
    """One node of one dataset: the pool's dimensions it reads (none for a root) and its mechanism."""

    __slots__ = ("inputs", "mechanism")

    def __init__(self, inputs: np.ndarray | None, mechanism: str) -> None:
        self.inputs = inputs
        self.mechanism = mechanism


class _Plan:
    """The graph of one dataset, drawn on the host."""

    def __init__(self, host: np.random.Generator, nodes: int, width: int, latents: int) -> None:
        self.repertoire = _repertoire(host)
        target_slot = nodes
        self.target_after = nodes - 1 if host.random() < 0.6 else int(host.integers(nodes))
        density, bias = host.standard_cauchy(), host.standard_cauchy(nodes + 1)
        edge = 1 / (1 + np.exp(-np.clip(density + bias, -30, 30)))
        self.lineage = np.zeros((nodes + 1, nodes + 1), dtype=bool)
        dims = [np.arange(n * width, (n + 1) * width) for n in range(nodes)]
        dims.append(np.arange(nodes * width, nodes * width + latents))
        known: list[int] = []
        self.nodes: list[_Node] = []
        for node in range(nodes):
            self.nodes.append(self._connect(host, node, known, edge, dims))
            known.append(node)
            if self.target_after == node:
                self.target = self._connect(host, target_slot, known, edge, dims)
                known.append(target_slot)
        ancestors = self.lineage[target_slot]
        related = [n for n in range(nodes) if (self.lineage[n] & ancestors).any()]
        others = [n for n in range(nodes) if n not in related and host.random() < 0.15]
        self.shown = np.concatenate([dims[n] for n in related + others])

    def _connect(
        self, host: np.random.Generator, node: int, known: list[int], edge: np.ndarray, dims: list[np.ndarray]
    ) -> _Node:
        is_target = node == len(dims) - 1
        parents = [n for n in known if host.random() < edge[n]]
        if not parents and known and (is_target or host.random() < 0.8):
            parents = [known[host.integers(len(known))]]
        self.lineage[node, node] = True
        for parent in parents:
            self.lineage[node] |= self.lineage[parent]
        mechanism = self.repertoire[host.integers(len(self.repertoire))]
        if not parents:
            return _Node(None, mechanism)
        pool = host.permutation(np.concatenate([dims[n] for n in parents]))[: host.integers(1, MOST_INPUTS + 1)]
        return _Node(np.resize(pool, MOST_INPUTS), mechanism)


def _repertoire(host: np.random.Generator) -> tuple[str, ...]:
    """The mechanisms of one dataset: all, or mostly linear, or a few; common shapes of real data more often."""
    every = (*MECHANISMS, *COMMON)
    kind = host.random()
    if kind < 0.35:
        return every
    if kind < 0.5:
        return ("linear", "linear", every[host.integers(len(every))])
    return tuple(every[host.integers(len(every))] for _ in range(host.integers(1, 4)))


def _compute(draw: Draw, pool: Tensor, nodes: list[_Node], outputs: int) -> Tensor:
    """Dimensions [g, outputs, N] of one node of each dataset."""
    rows = pool.shape[2]
    out = pool.new_empty(len(nodes), outputs, rows)
    roots = [i for i, node in enumerate(nodes) if node.inputs is None]
    if roots:
        out[draw.to_device_index(roots)] = draw_latents(draw, len(roots), outputs, rows)
    inner = [i for i, node in enumerate(nodes) if node.inputs is not None]
    if inner:
        members = draw.to_device_index(inner)
        inputs = draw.to_device(np.stack([nodes[i].inputs for i in inner]).astype(np.int64))
        x = pool[members.unsqueeze(1), inputs]
        values = apply_by_kind(draw, [nodes[i].mechanism for i in inner], x, outputs)
        noise = draw.log_uniform(len(inner), outputs, 1, low=0.01, high=0.7)
        out[members] = standardise(values + noise * draw.normal(*values.shape))
    return out


def _show(draw: Draw, pool: Tensor, plans: list[_Plan], request: Request) -> Tensor:
    """Latent columns [g, f, N]: dimensions that hang together with the target, the rest meaningless."""
    host, features = draw.host, request.features
    chosen = np.full((len(plans), features), -1, dtype=np.int64)
    for row, plan in zip(chosen, plans, strict=True):
        hidden = host.uniform(0, 0.5)
        count = min(features, max(1, round(len(plan.shown) * (1 - hidden))))
        row[host.permutation(features)[:count]] = host.permutation(plan.shown)[:count]
    index = draw.to_device(chosen)
    rows = torch.arange(len(plans), device=draw.device).unsqueeze(1)
    shown = pool[rows, index.clamp(min=0)]
    meaningless = draw_latents(draw, len(plans), features, request.rows)
    return torch.where((index >= 0).unsqueeze(-1), shown, meaningless)
