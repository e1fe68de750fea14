"""What one gets without looking at the columns: the measure that losses are read against."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from foundation.model.config import CLASS_SLOTS
from foundation.model.heads import pinball_loss, quantile_levels


def frequency_loss(train: Tensor, test: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy [B] of the training rows' class frequencies, smoothed by one half; labels below `classes` [B]."""
    counts = F.one_hot(train, CLASS_SLOTS).sum(1).float()
    share = (counts + 0.5) / (train.shape[1] + 0.5 * classes.unsqueeze(1))
    return -torch.log(share.gather(1, test)).mean(1)


def marginal_loss(train: Tensor, test: Tensor) -> Tensor:
    """CRPS [B] of the training target's empirical quantiles."""
    order = train.sort(1).values
    at = (quantile_levels(train.device) * train.shape[1]).long().clamp(max=train.shape[1] - 1)
    return pinball_loss(order[:, at].unsqueeze(1).expand(-1, test.shape[1], -1), test)
