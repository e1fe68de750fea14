"""Pretraining of Posterior's models: the architecture in PyTorch, a batched synthetic prior, a trainer with a clock."""
