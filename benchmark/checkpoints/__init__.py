"""Checkpoint formats: one file each, and how a batch is kept exact."""
