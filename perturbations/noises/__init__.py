"""Additive noise at a signal-to-noise ratio."""
