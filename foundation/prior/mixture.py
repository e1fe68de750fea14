"""Which families the prior is made of, and their shares by task and stage."""

from __future__ import annotations

import numpy as np

from foundation.prior.draft import Family
from foundation.prior.families.clusters import cluster_family
from foundation.prior.families.from_inputs import linear_family, network_family, smooth_family, tree_family
from foundation.prior.families.graph import graph_family
from foundation.prior.families.groups import group_family
from foundation.prior.families.rules import rule_family

FAMILIES: dict[str, Family] = {
    "graph": graph_family,
    "trees": tree_family,
    "smooth": smooth_family,
    "network": network_family,
    "linear": linear_family,
    "rules": rule_family,
    "groups": group_family,
    "clusters": cluster_family,
}
FAMILY_NAMES = tuple(FAMILIES)

SHARES: dict[tuple[str, str], dict[str, float]] = {
    ("easy", "classification"): {"linear": 35, "clusters": 35, "trees": 15, "smooth": 15},
    ("easy", "regression"): {"linear": 45, "smooth": 35, "trees": 15, "clusters": 5},
    ("general", "classification"): {
        "graph": 38,
        "trees": 12,
        "smooth": 6,
        "network": 5,
        "linear": 9,
        "rules": 11,
        "groups": 8,
        "clusters": 11,
    },
    ("general", "regression"): {
        "graph": 42,
        "trees": 13,
        "smooth": 13,
        "network": 6,
        "linear": 9,
        "rules": 5,
        "groups": 8,
        "clusters": 4,
    },
}


def draw_counts(host: np.random.Generator, stage: str, task: str, datasets: int) -> dict[str, int]:
    """How many of the datasets come from each family."""
    weights = SHARES[stage, task]
    shares = np.array(list(weights.values())) / sum(weights.values())
    counts = host.multinomial(datasets, shares)
    return {name: int(count) for name, count in zip(weights, counts, strict=True) if count}
