"""Class-conditional clusters: each class is one to three Gaussian clusters over correlated columns.

Categorical columns are cut from such latents, so their frequencies depend on the class. In regression each cluster has
its own linear target.
"""

from __future__ import annotations

import torch
from torch import Tensor

from foundation.prior.draft import Draft, Request
from foundation.prior.draw import Draw, importances, shares, standardise
from foundation.prior.observe import observe


def cluster_family(draw: Draw, request: Request) -> Draft:
    """Labels are the clusters' classes; no noise is added by the pipeline but flips."""
    groups, rows = request.groups, request.rows
    is_classes = request.task == "classification"
    wanted = request.classes if is_classes else draw.host.integers(2, 7, groups)
    counts, most = draw.to_device(wanted.astype("int64")).unsqueeze(1), int(wanted.max())
    parts = 1 if request.easy else 3
    multiple = draw.chance(0.0 if request.easy else 0.25, groups, 1, 1)
    extra = draw.chance(0.5, groups, 1, parts) & multiple
    extra[..., 0] = True
    used = (torch.arange(most, device=draw.device) < counts).unsqueeze(-1) & extra
    used = used.flatten(1)
    weights = shares(draw, groups, most * parts, draw.log_uniform(groups, 1, low=0.4, high=12), 0.12) * used
    cluster = torch.multinomial(weights, rows, replacement=True, generator=draw.generator)
    latents = _positions(draw, request, cluster, most * parts)
    share = draw.host.uniform(-1, 0.9, groups).clip(0)
    columns = observe(draw, latents, share, plain=request.easy)
    if is_classes:
        return Draft(columns, labels=cluster // parts)
    return Draft(columns, latents=_linear_in_cluster(draw, latents, cluster, most * parts).unsqueeze(1))


def _positions(draw: Draw, request: Request, cluster: Tensor, clusters: int) -> Tensor:
    """Columns [g, f, N]: mean of the cluster and correlated noise; columns share the separation by importance."""
    groups, features, rows = request.groups, request.features, request.rows
    low, high = (1.5, 5.0) if request.easy else (1.2, 9.0)
    separation = draw.log_uniform(groups, 1, 1, low=low, high=high)
    means = separation * importances(draw, groups, features).unsqueeze(-1) * draw.normal(groups, features, clusters)
    spread = draw.log_uniform(groups, 1, clusters, low=0.4, high=2.5)
    spread = spread * draw.log_uniform(groups, features, clusters, low=0.6, high=1.7)
    scales = torch.where(draw.chance(0.65, groups, 1, 1), 1.0, spread)
    factors = 4
    loadings = draw.normal(groups, features, factors)
    loadings = loadings / loadings.norm(dim=2, keepdim=True)
    communality = torch.where(draw.chance(0.3, groups, 1, 1), 0.0, draw.uniform(groups, 1, 1, low=0.1, high=0.9))
    own = draw.normal(groups, features, rows)
    tails = draw.student(draw.uniform(groups, 1, 1, low=3, high=8), groups, features, rows)
    own = torch.where(draw.chance(0.0 if request.easy else 0.15, groups, 1, 1), tails, own)
    noise = communality.sqrt() * (loadings @ draw.normal(groups, factors, rows)) + (1 - communality).sqrt() * own
    member = cluster.unsqueeze(1).expand(-1, features, -1)
    return standardise(means.gather(2, member) + scales.gather(2, member) * noise)


def _linear_in_cluster(draw: Draw, latents: Tensor, cluster: Tensor, clusters: int) -> Tensor:
    groups, features, _ = latents.shape
    slopes = importances(draw, groups, features).unsqueeze(1) * draw.normal(groups, clusters, features)
    each = slopes @ latents * draw.uniform(groups, 1, 1) + draw.normal(groups, clusters, 1)
    return standardise(each.gather(1, cluster.unsqueeze(1)).squeeze(1))
